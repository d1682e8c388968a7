// Lists what a reader has answered, by chapter; saves it as a file, and reads such a file.
document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector(".book-work");
  const store = window.bookAnswers;
  const bank = window.bookQuestions;
  if (!page || !store || !bank) return;
  const known = new Map(bank.questions.map((question) => [question.id, question]));
  const announcement = page.querySelector(".announcement");
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  function element(tag, text, className) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  // Whether an answer to a question is right; null where that cannot be said.
  function isRight(question, record, answer) {
    if (!question || record.version !== question.version || question.right === null) return null;
    return answer === question.right;
  }
  const number = (text) => Number(text.replace(/,/g, "").replace("−", "-"));
  function holds(question, answer) {
    return "low" in answer && number(question.answer) >= answer.low && number(question.answer) <= answer.high;
  }

  // The first probability of each claim, with what was judged, and the score of the sheet.
  function describeForecasts(question, record) {
    const chances = record.first.answer;
    const judged = question.claims.filter(({ id }) => id in chances);
    const squares = judged.map(({ id, verdict }) => (chances[id] / 100 - (verdict === "held" ? 1 : 0)) ** 2);
    const brier = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    return [
      ...judged.map(({ id, claim, verdict }) => `${chances[id]} percent: ${claim} (${verdict})`),
      `Brier score of these first forecasts: ${brier.toFixed(3)}; always saying 50 percent scores 0.250.`,
    ];
  }

  // What is said of one answer, one line for each thing.
  function describe(question, record) {
    const lines = [];
    const { first, last } = record;
    const sign = (answer) => ({ true: " ✓ right", false: " ✗ not right" })[isRight(question, record, answer.answer)] ?? "";
    if (question && record.version !== "" && question.version !== record.version) {
      lines.push("The question has changed since you answered it.");
    }
    if (question?.kind === "forecast" && record.version === question.version) return describeForecasts(question, record);
    if (!question && record.kind !== "view" && record.kind !== "words") lines.push("The book no longer asks this.");
    lines.push(`${record.kind === "view" ? "Kept" : "First answer"}: ${first.said}${sign(first)}`);
    if (last && last.said !== first.said) {
      lines.push(`Last answer: ${last.said}${sign(last)}, after ${count(record.tries - 1, "more answer")}`);
    }
    if (!last) lines.push("You wanted to answer anew.");
    if (question?.kind === "prediction" && question.right === null && record.version === question.version) {
      const range = typeof first.answer === "object" && "low" in first.answer;
      const inside = range ? `, ${holds(question, first.answer) ? "inside" : "outside"} your range` : "";
      lines.push(`What came out: ${question.answer} ${question.unit}${inside}`);
    }
    return lines;
  }

  function item(task, record) {
    const question = known.get(task);
    const made = document.createElement("li");
    const [chapter, name] = task.split("/");
    const asked = element("p", "");
    const text = question?.asked ?? record.asked;
    if (chapter in bank.chapters) {
      const link = element("a", text);
      const anchor = record.kind === "view" ? record.last.answer : record.kind === "prediction" ? `#${name}` : "";
      link.href = `${chapter}.html${anchor}`;
      asked.append(link);
    } else asked.textContent = text;
    made.append(asked);
    for (const line of describe(question, record)) made.append(element("p", line));
    return made;
  }

  // Right at the first try, of the questions and of the predictions that have a right option.
  function firstTries(entries) {
    const judged = entries.map(([task, record]) => isRight(known.get(task), record, record.first.answer));
    const decided = judged.filter((right) => right !== null);
    return [decided.filter(Boolean).length, decided.length];
  }

  function showChapters(answers) {
    const sections = [];
    const names = [...Object.keys(bank.chapters), ...new Set([...answers.keys()].map((task) => task.split("/")[0]))];
    for (const chapter of new Set(names)) {
      const entries = [...answers].filter(([task]) => task.split("/")[0] === chapter);
      if (!entries.length) continue;
      const section = document.createElement("section");
      const asked = bank.questions.filter((question) => question.id.split("/")[0] === chapter);
      const order = (task) => asked.findIndex((question) => question.id === task);
      entries.sort(([one], [other]) => (order(one) >>> 0) - (order(other) >>> 0));
      const done = entries.filter(([task]) => order(task) >= 0).length;
      const [right, judged] = firstTries(entries);
      const list = element("ul", "", "answers");
      list.append(...entries.map(([task, record]) => item(task, record)));
      section.append(
        element("h2", bank.chapters[chapter] ?? chapter),
        element("p", `${done} of ${asked.length} answered; ${right} of ${judged} right at the first try.`),
        list,
      );
      sections.push(section);
    }
    page.querySelector(".chapters").replaceChildren(...sections);
  }

  function summary(answers) {
    const entries = [...answers];
    if (!entries.length) return "You have not answered anything yet.";
    const done = entries.filter(([task]) => known.has(task)).length;
    const [right, judged] = firstTries(entries);
    const lines = [`You have answered ${done} of ${bank.questions.length} questions, and ${right} of ${judged} were right at the first try.`];
    const ranges = entries
      .map(([task, record]) => [known.get(task), record])
      .filter(([question, record]) => question?.version === record.version && question.right === null && record.kind === "prediction" && "low" in record.first.answer);
    if (ranges.length) {
      const inside = ranges.filter(([question, record]) => holds(question, record.first.answer)).length;
      lines.push(`Of your ${count(ranges.length, "range")}, ${inside} held what came out; if you are 80 percent sure of each, ${(0.8 * ranges.length).toFixed(1)} should.`);
    }
    return lines.join(" ");
  }

  function show() {
    const answers = store.all();
    page.querySelector(".kept").textContent = store.kept
      ? ""
      : "This browser refuses to keep anything, so the answers of other pages are not here, and nothing can be listed.";
    page.querySelector(".summary").textContent = summary(answers);
    showChapters(answers);
  }

  function save() {
    const answers = [...store.all()].map(([id, record]) => ({ id, ...record }));
    answers.sort((one, other) => (one.id < other.id ? -1 : 1));
    const content = { format: "book-answers", formatVersion: 1, book: bank.book, saved: new Date().toISOString(), answers };
    const name = page.querySelector("#work-name").value.trim().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
    link.download = `${bank.book}-answers${name && `-${name}`}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    announcement.textContent = `Saved ${count(answers.length, "answer")} as ${link.download}.`;
  }

  // A file comes from anywhere, so only records of the form that this page writes are taken.
  const isText = (value, most) => typeof value === "string" && value.length <= most;
  function isGiven(given, kind) {
    if (given === null) return true;
    if (typeof given !== "object" || !isText(given.said, 4000) || !isText(given.at, 40)) return false;
    const { answer } = given;
    const numbers = (values) => values.every((value) => typeof value === "number" && Number.isFinite(value));
    if (kind === "view") return isText(answer, 2000) && /^#[\w-]+(\?|$)/.test(answer);
    if (typeof answer === "string") return answer.length <= 2000;
    if (Array.isArray(answer)) return kind === "drawing" && answer.length <= 100 && numbers(answer);
    if (typeof answer === "object" && answer !== null) return numbers(Object.values(answer));
    return Number.isInteger(answer) && answer >= 0;
  }
  function isRecord(record) {
    return record !== null && typeof record === "object" && isText(record.id, 300) && /^[\w-]+\/[\w.-]+$/.test(record.id)
      && ["question", "prediction", "forecast", "drawing", "view", "words"].includes(record.kind)
      && isText(record.version, 40) && isText(record.asked, 1000) && Number.isInteger(record.tries) && record.tries > 0
      && record.first !== null && isGiven(record.first, record.kind) && isGiven(record.last ?? null, record.kind);
  }
  async function read(file) {
    let content;
    try {
      content = JSON.parse(await file.text());
    } catch {
      return `${file.name} is not a file of answers: choose one that this page has saved.`;
    }
    if (content?.format !== "book-answers" || !Array.isArray(content.answers) || !content.answers.every(isRecord)) {
      return `${file.name} is not a file of answers: choose one that this page has saved.`;
    }
    if (content.formatVersion !== 1) return `${file.name} was saved by a newer edition of the book: read it there.`;
    if (content.book !== bank.book) return `${file.name} belongs to another book: choose one of this book.`;
    const answers = content.answers.map(({ id, kind, version, asked, first, last = null, tries }) => ({ id, kind, version, asked, first, last, tries }));
    const added = store.merge(answers);
    const rest = answers.length - added;
    return `Read ${count(added, "answer")} from ${file.name}${rest ? `; for ${rest} this browser already had an earlier first answer` : ""}.`;
  }

  const actions = {
    save,
    print: () => window.print(),
    clear: () => {
      if (!window.confirm("Clear every answer that this browser keeps for this book? This cannot be undone.")) return;
      store.clear();
      announcement.textContent = "Everything has been cleared.";
    },
  };
  for (const button of page.querySelectorAll("[data-do]")) button.addEventListener("click", actions[button.dataset.do]);
  const field = page.querySelector("#work-file");
  field.addEventListener("change", async () => {
    if (!field.files.length) return;
    announcement.textContent = await read(field.files[0]);
    field.value = "";
  });
  store.listeners.push(show);
  page.hidden = false;
  show();
});
