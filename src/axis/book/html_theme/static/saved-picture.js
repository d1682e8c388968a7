// Makes a file of a figure: the chart with its title, sentence, source and licence, dark on white.
(() => {
  const [INK, PAPER, FONT] = ["#1b1b1b", "#ffffff", "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"];
  const [MARGIN, NARROWEST, SHARPNESS] = [20, 680, 2];
  const pen = document.createElement("canvas").getContext("2d");

  // What the page says about itself to search engines: whose it is, and under which licence.
  function readPage() {
    const stated = document.querySelector('script[type="application/ld+json"]');
    return stated ? JSON.parse(stated.textContent) : {};
  }

  function nameLicence(address) {
    const [, kind, version] = address?.match(/creativecommons\.org\/licenses\/([a-z-]+)\/([\d.]+)/) ?? [];
    return kind ? `CC ${kind.toUpperCase()} ${version}` : (address ?? "");
  }

  // Where the state can be seen again. A page that is opened from a file has no address for others.
  function pageAddress(stated) {
    if (stated.url) return stated.url;
    return location.protocol === "file:" ? "" : location.href.split("#")[0];
  }

  function wrap(text, font, width) {
    pen.font = font;
    const fits = (line) => pen.measureText(line).width <= width;
    const lines = [];
    let line = "";
    for (const word of text.split(/\s+/).filter(Boolean)) {
      if (line && !fits(`${line} ${word}`)) {
        lines.push(line);
        line = "";
      }
      line = line ? `${line} ${word}` : word;
      // A long address has no spaces.
      while (!fits(line)) {
        let end = line.length;
        while (end > 1 && !fits(line.slice(0, end))) end -= 1;
        lines.push(line.slice(0, end));
        line = line.slice(end);
      }
    }
    return line ? [...lines, line] : lines;
  }

  const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  function compose(chart, words) {
    const [, wide, high] = chart.match(/ width="([\d.]+)" height="([\d.]+)"/).map(Number);
    const width = Math.max(wide, NARROWEST);
    const parts = [];
    let down = MARGIN;
    const write = (text, size, weight = 400) => {
      for (const line of wrap(text, `${weight} ${size}px ${FONT}`, width)) {
        down += size * 1.3;
        const look = `font-family="${FONT}" font-size="${size}px" font-weight="${weight}" fill="${INK}"`;
        parts.push(`<text x="${MARGIN}" y="${(down - size * 0.3).toFixed(1)}" ${look}>${escape(line)}</text>`);
      }
    };
    write(words.title, 18, 600);
    write(words.subtitle, 14);
    down += 8;
    parts.push(chart.replaceAll("currentColor", INK).replace("<svg ", `<svg x="${MARGIN}" y="${down}" `));
    down += high + 8;
    const stated = readPage();
    const address = pageAddress(stated);
    const book = [stated.isPartOf?.name ?? stated.name, nameLicence(stated.license), address && address + words.state];
    for (const note of [...words.notes, book.filter(Boolean).join(", ")]) write(note, 12);
    const size = [width + 2 * MARGIN, Math.ceil(down + MARGIN)];
    const ground = `<rect width="100%" height="100%" fill="${PAPER}"/>`;
    const start = `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(" ")}">`;
    return { svg: `${start}${ground}${parts.join("")}</svg>`, size };
  }

  const svgAddress = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

  async function paint(svg, size) {
    const picture = new Image();
    picture.src = svgAddress(svg);
    await picture.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = size.map((side) => side * SHARPNESS);
    const brush = canvas.getContext("2d");
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
    // A browser that resists fingerprinting gives noise instead of the picture.
    if (brush.getImageData(0, 0, 1, 1).data.some((part) => part !== 255)) return null;
    return canvas.toDataURL("image/png");
  }

  // Returns the address of a file, or null if the browser gives none. `chart` is SVG, and `words` are the title, the
  // subtitle, the notes and the state.
  window.savedPicture = async (chart, words, kind) => {
    const { svg, size } = compose(chart, words);
    return kind === "png" ? paint(svg, size) : svgAddress(svg);
  };
})();
