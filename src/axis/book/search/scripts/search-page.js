// Finds the pages that have all words and numbers of a question, and shows the sentences that have them.
// The text of the book is a script, since a page that is opened from a folder may not read other files.
(() => {
  const place = document.getElementById("search-results");
  const textsAddress = document.currentScript.dataset.texts;
  let pages;

  // Accents, the case and the commas of thousands make no difference: 1,251 is 1251, and Boulègue is Boulegue.
  const fold = (text) =>
    text
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/(\d),(?=\d{3}(?!\d))/g, "$1")
      .replace(/%/g, " percent ");
  const words = (text) => fold(text).match(/\p{N}+(?:\.\p{N}+)+|[\p{L}\p{N}]+/gu) ?? [];
  const stemmer = new Stemmer();
  const stem = (word) => (/^[a-z]{3,}$/.test(word) ? stemmer.stemWord(word) : word);
  const isNumber = (term) => /^\p{N}/u.test(term);

  function makeIndex() {
    const index = new MiniSearch({
      fields: ["title", "heading", "text"],
      tokenize: words,
      processTerm: stem,
      searchOptions: {
        boost: { title: 3, heading: 2 },
        // A number that only begins like the one that is sought is another number.
        prefix: (term) => !isNumber(term) && term.length > 2,
      },
    });
    const parts = pages.flatMap((page) => page.parts.map((part, number) => ({ page, part, number })));
    index.addAll(
      parts.map(({ page, part: [, heading, text], number }, id) => ({ id, title: number ? "" : page.title, heading, text })),
    );
    return { index, parts };
  }

  // The words of a text between spaces, so that a phrase is found as a part of it.
  const row = (text) => ` ${words(text).join(" ")} `;

  // Every page with all terms, best first: those that have them side by side, then those with all in one part; and of
  // equal ones the chapters before the lists.
  function find(asked) {
    const { index, parts } = makeIndex();
    const terms = [...new Set(words(asked).map(stem))];
    const phrase = row(asked);
    let found = index.search(asked, { combineWith: "OR" });
    const met = new Set(found.flatMap((one) => one.queryTerms));
    // A misspelt word may stand for one that is much like it.
    if (terms.some((term) => !met.has(term))) {
      found = index.search(asked, { combineWith: "OR", fuzzy: (term) => (isNumber(term) || term.length < 5 ? 0 : 0.2) });
    }
    const byPage = new Map();
    for (const one of found) {
      const { page, part } = parts[one.id];
      const has = new Set(one.queryTerms);
      const whole = [page.title, part[1], ...part[2].split("\n")].some((line) => row(line).includes(phrase));
      const hit = { part, has, rank: [whole, has.size === terms.length, one.score].map(Number), match: one.match };
      byPage.set(page, [...(byPage.get(page) ?? []), hit]);
    }
    const all = [];
    for (const [page, hits] of byPage) {
      if (new Set(hits.flatMap((hit) => [...hit.has])).size < terms.length) continue;
      hits.sort((a, b) => compare(b.rank, a.rank));
      const [whole, complete, score] = hits[0].rank;
      // Parts that have less than the best one only tell of the words' being common.
      const best = hits.filter(({ rank }) => rank[0] === whole && rank[1] === complete);
      const inTitle = row(page.title).includes(phrase);
      all.push({ page, best, rank: [inTitle, whole, complete, page.chapter, best.length, score].map(Number) });
    }
    return all.sort((a, b) => compare(b.rank, a.rank));
  }

  function compare(a, b) {
    const first = a.findIndex((value, index) => value !== b[index]);
    return first < 0 ? 0 : a[first] - b[first];
  }

  const sentences = (text) => text.replace(/([.!?]["”’)\]]*)\s+(?=["“‘([]?[\p{Lu}\p{N}])/gu, "$1\n").split("\n");

  // The sentence of a part with most of the terms, unless it has the answer to a prediction of the page.
  function snippet(page, part, asked, terms) {
    const phrase = row(asked);
    const given = row(asked);
    const answers = page.answers.map(row).filter((answer) => !given.includes(answer));
    let best = { score: 0, text: "" };
    for (const text of sentences(part[2])) {
      const line = row(text);
      if (answers.some((answer) => line.includes(answer))) continue;
      const has = new Set(words(text).map(stem).filter((word) => terms.has(word)));
      const score = has.size + (line.includes(phrase) ? 10 : 0);
      if (score > best.score) best = { score, text };
    }
    return best.text;
  }

  const LONGEST = 260;

  // Shortens a sentence at its ends, at a word, so that the first hit stays in sight.
  function shorten(text, isHit) {
    if (text.length <= LONGEST) return text;
    const first = [...text.matchAll(/[\p{L}\p{N}.,]+/gu)].find((word) => isHit(word[0]))?.index ?? 0;
    const start = first < LONGEST * 0.6 ? 0 : text.lastIndexOf(" ", first - LONGEST / 3) + 1;
    const end = start + LONGEST < text.length ? text.lastIndexOf(" ", start + LONGEST) : text.length;
    return `${start ? "… " : ""}${text.slice(start, end)}${end < text.length ? " …" : ""}`;
  }

  // Writes a text with its hits marked.
  function marked(text, isHit) {
    const line = document.createElement("p");
    line.className = "context";
    for (const piece of text.split(/([\p{L}\p{N}]+(?:[.,]\p{N}+)*)/u)) {
      if (!isHit(piece)) line.append(piece);
      else line.append(Object.assign(document.createElement("mark"), { textContent: piece }));
    }
    return line;
  }

  const link = (href, text) => Object.assign(document.createElement("a"), { href, textContent: text });
  const PLACES = 3;

  function show(asked) {
    const results = find(asked);
    const many = results.length === 1 ? "One page has" : `${results.length} pages have`;
    if (results.length) say(`${many} all of: ${asked}`);
    else say(`No page has all of: ${asked}. Try fewer words, or another spelling.`);
    const list = document.createElement("ul");
    list.className = "search";
    list.append(...results.map((result) => item(result, asked)));
    place.append(list);
  }

  function item({ page, best }, asked) {
    const entry = document.createElement("li");
    const root = document.documentElement.dataset.content_root ?? "./";
    entry.append(link(`${root}${page.page}`, page.title));
    for (const { part, match } of best.slice(0, PLACES)) {
      const terms = new Set(Object.keys(match));
      const isHit = (piece) => words(piece).some((word) => terms.has(stem(word)));
      const [anchor, heading, text] = part;
      // A row of a list has its number for a heading.
      const place = heading || text.split(" · ")[0];
      if (anchor && place !== page.title) {
        const where = document.createElement("p");
        where.className = "where";
        where.append(link(`${root}${page.page}#${anchor}`, place));
        entry.append(where);
      }
      const found = snippet(page, part, asked, terms);
      if (found) entry.append(marked(shorten(found, isHit), isHit));
    }
    return entry;
  }

  // The text of the book is asked for by a search alone.
  function search(asked) {
    const status = say("Searching …");
    const script = document.createElement("script");
    script.src = textsAddress;
    script.onload = () => {
      pages = window.bookTexts;
      show(asked);
    };
    script.onerror = () => {
      status.textContent = "The text of the book could not be loaded. Reload this page to try again.";
    };
    document.head.append(script);
  }

  function say(text) {
    const status = document.createElement("p");
    status.setAttribute("role", "status");
    status.textContent = text;
    place.replaceChildren(status);
    return status;
  }

  const field = document.querySelector(".bd-search-container input[name=q]");
  const asked = (new URLSearchParams(location.search).get("q") ?? "").trim();
  field.value = asked;
  field.focus();
  if (words(asked).length) search(asked);
})();
