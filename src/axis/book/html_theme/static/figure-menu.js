// Lets a reader take a figure along: its address, the code that shows it on another page, and how to cite it.
(() => {
  const line = document.querySelector("[data-book]");
  const book = line ? JSON.parse(line.dataset.book) : null;
  const isFrame = document.body.classList.contains("book-embed");
  const canonical = document.querySelector("link[rel=canonical]")?.href;

  // The page of the book that has the figure, as others reach it: a file of this machine is of no use to them.
  function pageAddress() {
    if (isFrame) return canonical ?? new URL(book.page, location.href).href;
    const here = location.href.split("#")[0];
    return location.protocol === "file:" && canonical ? canonical : here;
  }

  const isPublished = () => pageAddress().startsWith("http");
  const stateAddress = (figure) => pageAddress() + figure.link();

  function frameAddress(figure) {
    const root = new URL(document.documentElement.dataset.content_root ?? "./", pageAddress());
    const edition = book ? `?edition=${encodeURIComponent(book.version)}` : "";
    return `${new URL(`figures/${figure.element.id}.html`, root)}${edition}${figure.link()}`;
  }

  const title = (figure) => figure.element.querySelector("figcaption strong").textContent;
  const source = (figure) => figure.element.querySelector(".source")?.textContent.replace(/^Source: |\.$/g, "") ?? "";

  const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const escapeHtml = (text) => text.replace(/[&<>"]/g, (sign) => SIGNS[sign]);

  // Below the figure itself, its page has two lines on where it comes from.
  const LINES_BELOW = 90;

  function frameCode(figure) {
    const height = Math.ceil(figure.element.getBoundingClientRect().height) + LINES_BELOW;
    return (
      `<iframe src="${escapeHtml(frameAddress(figure))}" title="${escapeHtml(`Figure: ${title(figure)}`)}" ` +
      `width="100%" height="${height}" loading="lazy" allow="clipboard-write" style="border: 0"></iframe>`
    );
  }

  const scriptCode = () => {
    const root = new URL(document.documentElement.dataset.content_root ?? "./", pageAddress());
    return `<script src="${new URL("_static/embed-height.js", root)}" async></script>`;
  };

  const MONTHS = "January February March April May June July August September October November December".split(" ");
  function longDate(date) {
    const [year, month, day] = date.split("-");
    return `${Number(day)} ${MONTHS[month - 1]} ${year}`;
  }

  function citation(figure) {
    const data = source(figure) ? ` Data: ${source(figure)}.` : "";
    const where = isPublished() ? ` ${stateAddress(figure)}` : "";
    return (
      `${book.authors.join("; ")} (${book.date.slice(0, 4)}). ${title(figure)} [figure]. In ${book.title}, ` +
      `version ${book.version}, ${longDate(book.date)}.${data}${where}`
    );
  }

  const escapeTex = (text) => text.replace(/[&%$#_]/g, "\\$&");

  function bibtex(figure) {
    const fields = {
      author: book.authors.map((name) => (name.includes(",") ? name : `{${name}}`)).join(" and "),
      title: `{${escapeTex(title(figure))}}`,
      howpublished: `Figure in {${escapeTex(book.title)}}, version ${book.version}`,
      year: book.date.slice(0, 4),
      note: source(figure) ? `Data: ${escapeTex(source(figure))}` : "",
      url: isPublished() ? stateAddress(figure) : "",
    };
    const lines = Object.entries(fields).filter(([, value]) => value);
    return `@misc{axis-${figure.element.id},\n${lines.map(([name, value]) => `  ${name} = {${value}}`).join(",\n")}\n}`;
  }

  // A page that is opened from a file, or in a frame, may not use the clipboard: there the old command still works.
  async function copy(text, field) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = field ?? document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
      area.focus({ preventScroll: true });
      area.select();
      const done = document.execCommand("copy");
      if (!field) area.remove();
      return done;
    }
  }

  const dialog = document.createElement("dialog");
  dialog.className = "book-share";
  dialog.setAttribute("aria-labelledby", "book-share-title");
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());

  const make = (name, properties = {}) => Object.assign(document.createElement(name), properties);

  function share(heading, says, texts, links = []) {
    const status = make("p");
    status.setAttribute("role", "status");
    const fields = texts.flatMap(([label, text], index) => {
      const id = `book-share-${index}`;
      const field = make("textarea", { id, readOnly: true, value: text, rows: Math.min(9, Math.ceil(text.length / 60)) });
      const button = make("button", { type: "button", textContent: `Copy the ${label}` });
      button.addEventListener("click", async () => {
        const done = await copy(text, field);
        status.textContent = done ? `The ${label} is copied.` : `Copy the ${label} from the field: it is selected.`;
      });
      return [make("label", { htmlFor: id, textContent: label[0].toUpperCase() + label.slice(1) }), field, button];
    });
    const close = make("button", { type: "button", textContent: "Close" });
    close.addEventListener("click", () => dialog.close());
    const more = links.length ? [make("p")] : [];
    for (const [href, text] of links) more[0].append(make("a", { href, textContent: text }), " ");
    const title = make("h2", { id: "book-share-title", textContent: heading });
    dialog.replaceChildren(title, make("p", { textContent: says }), ...fields, ...more, status, close);
    if (!dialog.isConnected) document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("textarea").focus();
  }

  function showFrame(figure) {
    const says = isPublished()
      ? "The code shows the figure, as it is set now, on a page of yours: in Canvas, Moodle, a blog or a slide. " +
        "Where a page may have scripts, add the script: it fits the frame to the height of the figure."
      : "This copy of the book has no address on the web: take the code from the published book, or publish the folder.";
    const texts = [["code", frameCode(figure)]];
    if (isPublished()) texts.push(["script", scriptCode()]);
    share("Embed this figure", says, texts);
  }

  function showCitation(figure) {
    const root = document.documentElement.dataset.content_root ?? "./";
    const data = `${root}figures/${figure.element.id}.csv`;
    share("Cite this figure", "The address brings back what the figure shows now.", [
      ["text", citation(figure)],
      ["BibTeX entry", bibtex(figure)],
    ], [[`${data}-metadata.json`, "What the columns of the CSV file are (JSON)"]]);
  }

  function addTools(figure) {
    const state = figure.element.querySelector("a.state");
    const status = make("span", { className: "copied" });
    status.setAttribute("role", "status");
    state.after(status);
    state.addEventListener("click", async (event) => {
      event.preventDefault();
      const address = stateAddress(figure);
      // The address of this page is the link, too: it can be copied from there, and survives a reload.
      if (!isFrame) history.replaceState(history.state, "", figure.link());
      status.textContent = (await copy(address)) ? "The link is copied." : "The link is in the address bar.";
      setTimeout(() => (status.textContent = ""), 6000);
    });
    const tools = [];
    if (!isFrame) tools.push(["Embed", showFrame]);
    if (book) tools.push(["Cite", showCitation]);
    for (const [name, show] of tools) {
      const button = make("button", { type: "button", textContent: name });
      button.append(make("span", { className: "for-listeners", textContent: ` ${title(figure)}` }));
      button.addEventListener("click", () => show(figure));
      state.before(button);
    }
  }

  // Every control as the page came, before the reader or an address changed it.
  function restore(figure) {
    for (const input of figure.element.querySelectorAll(".controls input")) {
      input.checked = input.defaultChecked;
      input.value = input.defaultValue;
    }
    for (const option of figure.element.querySelectorAll(".controls option")) option.selected = option.defaultSelected;
    figure.readControls();
    figure.update();
  }

  function start() {
    const figures = window.bookFigures;
    figures.forEach(addTools);
    const named = () => (location.hash.includes("?") ? location.hash.slice(1).split("?")[0] : "");
    let last = named();
    let clicked = false;
    document.addEventListener("click", ({ target }) => {
      const link = target.closest?.("a[href*='#']");
      if (!link) return;
      clicked = true;
      setTimeout(() => (clicked = false), 300);
      // The browser does nothing for a link to where it is, though the reader may have changed the figure since.
      if (link.href === location.href && named()) window.dispatchEvent(new HashChangeEvent("hashchange"));
    });
    // Going back from an address with a state to one without it gives back the figure as it was; a link that leads
    // elsewhere on the page leaves it alone.
    window.addEventListener("hashchange", () => {
      const figure = figures.find(({ element }) => element.id === last);
      if (figure?.fieldset && named() !== last && !clicked) restore(figure);
      if (named() || !clicked) last = named();
      clicked = false;
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
