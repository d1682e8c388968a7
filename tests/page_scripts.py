"""Scripts that run inside a real page: they list what a reader would lose or could not see, and time a change."""

#: Lists what a reader would lose: things beyond the window's edge, and text that its box cuts.
LOST = r"""() => {
  const faults = [];
  const name = (e) => e.outerHTML.slice(0, 120);
  const heard = (e) => e.closest('.for-listeners, .announcement, .book-listing thead, .skip-link');
  const scrolls = (e) => {
    for (let box = e.parentElement; box; box = box.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box !== document.body) return true;
    }
    return false;
  };
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) faults.push(`the page is ${wide} wide`);
  // Vega ends a label that has no room in dots.
  for (const label of document.querySelectorAll('.picture.live svg text')) {
    if (label.textContent.trim().endsWith('…')) faults.push(`${label.closest('figure').id}: ${label.textContent}`);
  }
  for (const e of document.querySelectorAll('main *, .bd-header-article *')) {
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || heard(e)) continue;
    const box = e.getBoundingClientRect();
    if (box.width * box.height === 0 || e.closest('svg defs, clipPath')) continue;
    const painted = !(e instanceof SVGElement) || e.matches('text');
    const beyond = box.right > innerWidth + 1 || box.left < -1;
    if (painted && beyond && !scrolls(e)) faults.push('beyond the edge: ' + name(e));
    if (e instanceof SVGElement || !e.innerText?.trim()) continue;
    const style = getComputedStyle(e);
    const cut = (way) => /hidden|clip/.test(way);
    if (cut(style.overflowX) && e.scrollWidth > e.clientWidth + 1) faults.push('cut sideways: ' + name(e));
    if (cut(style.overflowY) && e.scrollHeight > e.clientHeight + 2) faults.push('cut below: ' + name(e));
  }
  return faults.slice(0, 8);
}"""

#: WCAG 1.4.12: what a reader may set, and nothing may be lost. The labels inside a picture are part of it.
SPACING = """*:not(svg, svg *) {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""

CONTRAST = r"""
  const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (front, back, opacity = 1) => {
    const a = front[3] * opacity;
    return [0, 1, 2].map((i) => front[i] * a + back[i] * (1 - a)).concat(1);
  };
  const light = (c) => {
    const [r, g, b] = c.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (e) => {
    for (let box = e; box; box = box.parentElement) {
      const colour = rgba(getComputedStyle(box).backgroundColor);
      if (colour[3] > 0.99) return colour;
    }
    return rgba('Canvas');
  };
"""

#: Lists what can take the focus and shows it too faintly, or not at all, when the keyboard gives it.
FAINT_FOCUS = (
    "() => {"
    + CONTRAST
    + r"""
  const faults = [];
  const stops = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length);
  // A button may show its focus on the text beside it, as toggles and the boxes of options do.
  const shown = (e) => [e, e.nextElementSibling, e.parentElement].filter(Boolean).map((box) => {
    const s = getComputedStyle(box);
    return { box, outline: s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2 ? '' : s.outlineColor,
      auto: s.outlineStyle === 'auto', shadow: s.boxShadow === 'none' ? '' : s.boxShadow };
  });
  document.activeElement.blur();
  for (const stop of stops) {
    const before = shown(stop);
    stop.focus({ preventScroll: true });
    if (document.activeElement !== stop) continue;
    const after = shown(stop);
    const seen = after.some(({ box, outline, auto, shadow }, i) => {
      const back = ground(box.parentElement ?? box);
      const ring = outline && outline !== before[i].outline && (auto || contrast(over(rgba(outline), back), back) >= 3);
      const halo = shadow && shadow !== before[i].shadow && (shadow.match(/(?:rgba?|color)\([^)]*\)/g) ?? [])
        .some((colour) => contrast(over(rgba(colour), back), back) >= 3);
      return ring || halo;
    });
    if (!seen) faults.push(stop.outerHTML.slice(0, 140));
    stop.blur();
  }
  if (stops.length < 20) faults.push(`only ${stops.length} elements take the focus`);
  return faults.slice(0, 8);
}"""
)

#: Lists the texts and marks of live charts that stand out too little from what is behind them.
FAINT_MARKS = (
    "() => {"
    + CONTRAST
    + r"""
  const faults = [];
  const inside = (box, x, y) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  const paint = (s, kind, back) =>
    s[kind] === 'none' ? back : over(rgba(s[kind]), back, parseFloat(s[kind + 'Opacity']) * parseFloat(s.opacity));
  for (const svg of document.querySelectorAll('.picture.live svg')) {
    const page = ground(svg);
    const figure = svg.closest('figure').id;
    const under = [];
    for (const e of svg.querySelectorAll('.role-mark :is(path, line, rect), svg text')) {
      const box = e.getBoundingClientRect();
      const s = getComputedStyle(e);
      if (e.matches('text')) {
        // Vega hides a label that would overlap another.
        if (!e.textContent.trim() || box.width === 0 || s.opacity === '0') continue;
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        const back = under.filter((one) => inside(one.box, x, y)).at(-1)?.colour ?? page;
        const ratio = contrast(paint(s, 'fill', back), back);
        if (ratio < 4.5) faults.push(`${figure}: "${e.textContent}" ${ratio.toFixed(2)}`);
      } else if (box.width + box.height > 0 && e.getAttribute('d') !== '') {
        const [fill, stroke] = [paint(s, 'fill', page), paint(s, 'stroke', page)];
        if (box.width > 3 && box.height > 3) under.push({ box, colour: fill });
        const ratio = Math.max(contrast(fill, page), contrast(stroke, page));
        if (ratio > 1.02 && ratio < 3) faults.push(`${figure}: ${e.outerHTML.slice(0, 200)} ${ratio.toFixed(2)}`);
      }
    }
  }
  return faults.slice(0, 8);
}"""
)

#: Asks axe for contrast once for each way in which the page paints text: its colour, size and weight, and all that is
#: painted behind it. Two texts of one kind cannot differ in contrast, and a long table has thousands of them.
CONTRAST_BY_KIND = r"""async (rules) => {
  const behind = new Map();  // what is painted from an element up to the page, which its children share
  const painted = (e) => {
    if (!e) return '';
    if (!behind.has(e)) {
      const s = getComputedStyle(e);
      const own = [s.backgroundColor, s.backgroundImage, s.opacity].join(' ');
      const above = painted(e.parentElement);
      behind.set(e, own === 'rgba(0, 0, 0, 0) none 1' ? above : `${own} on ${above}`);
    }
    return behind.get(e);
  };
  const kinds = new Map();
  for (const e of document.querySelectorAll('body *')) {
    const written = e.matches('input, select') || [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!written || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const s = getComputedStyle(e);
    const link = e.closest('a[href]') ? 'link ' + s.textDecorationLine : '';
    const kind = [s.color, s.fontSize, s.fontWeight, s.textShadow, link, painted(e)].join();
    if (!kinds.has(kind)) kinds.set(kind, e);
  }
  return (await axe.run([...kinds.values()], rules)).violations;
}"""

#: Moves the controls of a figure sixty times, and returns how long each change took to be drawn, in milliseconds.
REPAINT = """(figure) => {
  const times = [];
  const controls = [...figure.querySelectorAll('.controls :is(select, input)')];
  for (let round = 0; round < 60; round += 1) {
    const control = controls[round % controls.length];
    if (control.type === 'range') control.value = Number(control.min) + (round % 7) * Number(control.step);
    else if (control.type === 'radio') control.checked = true;
    else if (control.type === 'checkbox') control.checked = !control.checked;
    else if (control.type === 'number') control.value = 2 + round % 7;
    else control.selectedIndex = round % control.options.length;
    const start = performance.now();
    control.dispatchEvent(new Event('input', { bubbles: true }));
    figure.getBoundingClientRect();  // style and layout of what changed belong to the answer
    times.push(performance.now() - start);
  }
  return times;
}"""

#: Visits every value of every control, one control at a time, and lists texts that the picture cuts and plots that are
#: too narrow to read.
CUT_STATES = r"""async (narrowest) => {
  const faults = [];
  const look = (figure, state) => {
    const svg = figure.element.querySelector('.picture.live svg');
    const edge = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (box.width === 0 || getComputedStyle(text).opacity === '0') continue;
      const out = Math.max(edge.left - box.left, box.right - edge.right, edge.top - box.top, box.bottom - edge.bottom);
      if (out > 1.5 || /…$/.test(text.textContent)) faults.push(`${state}: "${text.textContent}" is cut`);
    }
    const plot = svg.querySelector('.mark-group.role-frame .background').getBBox().width;
    if (plot && plot < narrowest) faults.push(`${state}: the plot is ${Math.round(plot)} wide`);
  };
  const values = (control) => {
    const all = control.options?.map((option) => option.value);
    if (control.kind === 'several') return [[], all, ...all.map((value) => [value])];
    if (control.kind === 'range') return [control.min, (control.min + control.max) / 2, control.max];
    return all ?? [true, false];
  };
  for (const figure of window.bookFigures) {
    await figure.near();
    await figure.view.runAsync();
    look(figure, `${figure.element.id} at first`);
    const first = figure.state;
    for (const control of figure.data.controls) {
      for (const value of control.kind === 'number' ? [] : values(control)) {
        figure.state = { ...first, [control.name]: value };
        figure.show();
        await figure.view.runAsync();
        look(figure, `${figure.element.id} with ${control.name} at ${value}`);
      }
    }
    figure.state = first;
    figure.show();
  }
  return faults;
}"""
