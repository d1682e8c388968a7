// Keeps a reader's answers in this browser, and shows on every page how far the reader has come.
// Nothing is sent anywhere: the page "My work" saves the answers as a file if the reader asks for it.
(() => {
  const stated = JSON.parse(document.querySelector('meta[name="book-work"]')?.content ?? "null");
  if (!stated) return;
  // The name of the book and not an address, so that answers survive a move of the site.
  const prefix = `${stated.book}:answer:`;
  const memory = new Map();
  const listeners = [];

  // Storage may be forbidden, for example in a private window: answers then last for this visit.
  function works() {
    const probe = `${prefix}probe`;
    try {
      localStorage.setItem(probe, "1");
      localStorage.removeItem(probe);
      return true;
    } catch {
      return false;
    }
  }
  let kept = works();

  function parse(text) {
    try {
      const record = JSON.parse(text);
      return record && typeof record === "object" && typeof record.kind === "string" ? record : null;
    } catch {
      return null;
    }
  }
  function get(task) {
    if (memory.has(task)) return memory.get(task);
    return kept ? parse(localStorage.getItem(prefix + task)) : null;
  }
  function write(task, record) {
    memory.delete(task);
    if (kept) {
      try {
        if (record === null) localStorage.removeItem(prefix + task);
        else localStorage.setItem(prefix + task, JSON.stringify(record));
        return;
      } catch {
        kept = false; // it is full, or has been forbidden since
      }
    }
    memory.set(task, record);
  }
  function set(task, record) {
    write(task, record);
    for (const listener of listeners) listener();
  }

  function all() {
    const found = new Map();
    for (let index = 0; kept && index < localStorage.length; index += 1) {
      const key = localStorage.key(index);
      const record = key.startsWith(prefix) ? parse(localStorage.getItem(key)) : null;
      if (record) found.set(key.slice(prefix.length), record);
    }
    for (const [task, record] of memory) if (record) found.set(task, record);
    return found;
  }
  function clear() {
    for (const task of all().keys()) write(task, null);
    memory.clear();
    for (const listener of listeners) listener();
  }

  // The first answer is kept beside the last one: only the first says what a reader knew.
  function answer(task, { kind, version, asked }, given, said) {
    const before = get(task);
    const at = new Date().toISOString();
    const now = { answer: given, said, at };
    const same = before?.first && (before.version === version || before.version === "");
    set(task, {
      kind,
      version,
      asked: asked.trim().replace(/\s+/g, " ").slice(0, 600),
      first: same ? before.first : now,
      last: now,
      tries: same ? before.tries + 1 : 1,
    });
  }
  // The reader wants to answer anew; the first answer stays what it was.
  function takeBack(task) {
    const before = get(task);
    if (before) set(task, { ...before, last: null });
  }

  // Earlier editions kept predictions and forecasts under the address of their page, without a version.
  function migrate() {
    const old = /\/chapters\/([\w-]+)\.html#(prediction-.+|forecasts)$/;
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index));
    for (const key of keys) {
      const [, page, id] = old.exec(key) ?? [];
      if (!(page in stated.tasks)) continue;
      const value = localStorage.getItem(key);
      const words = id === "forecasts"; // three words for each claim, where probabilities are asked now
      const task = `${page}/${words ? "forecasts-in-words" : id}`;
      const told = { answer: value, said: words ? value.replace(/[[\]"]/g, "").replace(/,/g, ", ") : value, at: "" };
      const kind = words ? "words" : "prediction";
      const asked = words ? "Forecasts of an earlier edition, one word for each claim" : id;
      if (!get(task)) write(task, { kind, version: "", asked, first: told, last: told, tries: 1 });
      if (kept) localStorage.removeItem(key);
    }
  }

  // A file that a reader has saved elsewhere. What is here already stays where it is the older first answer.
  function merge(answers) {
    let added = 0;
    for (const { id, ...record } of answers) {
      const here = get(id);
      if (here && (here.first?.at ?? "") <= (record.first?.at ?? "")) continue;
      write(id, record);
      added += 1;
    }
    for (const listener of listeners) listener();
    return added;
  }

  // How many tasks of each page have been answered. What a later edition no longer asks does not count.
  function countAnswers() {
    const counts = {};
    for (const [task, record] of all()) {
      if (record.first && record.kind !== "words" && record.kind !== "view") {
        const page = task.split("/")[0];
        counts[page] = (counts[page] ?? 0) + 1;
      }
    }
    for (const page of Object.keys(counts)) counts[page] = Math.min(counts[page], stated.tasks[page] ?? 0);
    return counts;
  }

  function pageOf(link) {
    const path = link.getAttribute("href") === "#" ? stated.page : link.pathname.split("/").pop();
    return path.replace(/\.html$/, "");
  }
  // One sign behind the name of each chapter in the contents, once something of it has been answered.
  function markContents() {
    const counts = countAnswers();
    for (const link of document.querySelectorAll(".bd-sidebar-primary nav.bd-links a.internal, .chapter-cards h3 a")) {
      const page = pageOf(link);
      let sign = link.querySelector(".work-done");
      if (!counts[page]) {
        sign?.remove();
        continue;
      }
      if (!sign) {
        sign = document.createElement("span");
        sign.className = "work-done";
        link.append(" ", sign);
      }
      const whole = counts[page] === stated.tasks[page];
      sign.textContent = `${whole ? "✓ " : ""}${counts[page]} of ${stated.tasks[page]} answered`;
    }
  }
  function showProgress() {
    const line = document.querySelector(".book-progress");
    if (!line) return;
    const [count, total] = [countAnswers()[stated.page] ?? 0, stated.tasks[stated.page] ?? 0];
    line.hidden = !total;
    line.querySelector("progress").value = count;
    line.querySelector("progress").max = total || 1;
    const where = kept
      ? "Your answers stay in this browser"
      : "This browser refuses to keep anything, so your answers are lost when you leave the page";
    line.querySelector(".count").textContent = `You have answered ${count} of ${total} questions on this page. ${where}`;
    line.querySelector(".work").hidden = !kept;
  }

  // The setting of a comparison that a reader wants to find again.
  function bindViews() {
    for (const figure of document.querySelectorAll("figure.book-figure")) {
      const link = figure.querySelector("a.state");
      if (!link || !figure.querySelector(".controls")) continue;
      const task = `${stated.page}/view-${figure.id}`;
      const title = figure.querySelector("figcaption strong").textContent;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "pin";
      const name = document.createElement("span");
      name.className = "for-listeners";
      name.textContent = ` of ${title}`;
      const note = document.createElement("p");
      note.className = "pinned";
      note.setAttribute("role", "status");
      const show = () => {
        const record = get(task);
        button.replaceChildren(record ? "Forget the kept view" : "Keep this view", name);
        note.hidden = !record;
        note.replaceChildren();
        if (!record) return;
        const back = document.createElement("a");
        back.href = record.last.answer;
        back.textContent = record.last.said;
        note.append(kept ? "You kept this view: " : "Kept until you leave the page: ", back);
      };
      button.addEventListener("click", () => {
        if (get(task)) set(task, null);
        else {
          const said = figure.querySelector(".says")?.textContent.trim() || title;
          answer(task, { kind: "view", version: "", asked: title }, link.getAttribute("href"), said);
        }
        show();
      });
      link.after(button);
      figure.querySelector(".tools").after(note);
      listeners.push(show);
      show();
    }
  }

  const store = { get, set, all, clear, answer, takeBack, merge, countAnswers, stated, listeners };
  Object.defineProperty(store, "kept", { get: () => kept });
  window.bookAnswers = store;

  if (kept) migrate();
  listeners.push(markContents, showProgress);
  const begin = () => {
    bindViews();
    markContents();
    showProgress();
  };
  if (document.readyState === "complete") begin();
  else document.addEventListener("DOMContentLoaded", begin);
  // Another window of the book has changed something.
  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key.startsWith(prefix)) for (const listener of listeners) listener();
  });
})();
