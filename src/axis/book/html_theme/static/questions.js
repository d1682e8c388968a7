// Announces the feedback of questions, and keeps what a reader answers, predicts, forecasts or draws.
(() => {
  let store;
  const number = (text) => Number(text.replace(/,/g, "").replace("−", "-"));
  const day = (at) => (at ? ` on ${new Date(at).toLocaleDateString("en-GB", { dateStyle: "long" })}` : "");

  // What is kept of a task, if it is the task that stands here; of an earlier version only a note says something.
  function recall(element) {
    const record = store.get(element.dataset.task);
    if (!record || record.version === element.dataset.version || record.version === "") return record;
    const note = document.createElement("p");
    note.className = "changed";
    note.textContent = `This question has changed since you answered it${day(record.first.at)}. `
      + `You said: “${record.first.said}”. Your next answer replaces that one.`;
    element.prepend(note);
    return null;
  }
  function keep(element, kind, asked, given, said) {
    element.querySelector(".changed")?.remove();
    store.answer(element.dataset.task, { kind, version: element.dataset.version, asked }, given, said);
  }

  function bindQuestion(question) {
    const inputs = [...question.querySelectorAll("input")];
    const wording = (input) => question.querySelector(`label[for="${input.id}"]`).textContent.trim();
    const last = recall(question)?.last?.answer;
    // A browser may restore a form by itself: what is kept is right, and what was cleared stays away.
    inputs.forEach((input, index) => {
      input.checked = index === last;
    });
    question.addEventListener("change", (event) => {
      const feedback = event.target.closest(".option").querySelector(".feedback");
      const asked = question.querySelector("legend").textContent;
      keep(question, "question", asked, inputs.indexOf(event.target), wording(event.target));
      question.querySelector(".announcement").textContent = feedback.textContent.trim();
    });
  }

  // A guess is the place of an option in its list, or a number, with a range if the reader states one.
  class Guess {
    constructor(prediction) {
      this.inputs = [...prediction.querySelectorAll(".guess input")];
      this.isChoice = this.inputs[0].type === "radio";
      this.unit = prediction.dataset.unit;
    }

    read() {
      if (this.isChoice) {
        const index = this.inputs.findIndex((input) => input.checked);
        return index < 0 ? null : index;
      }
      const [guess, low, high] = this.inputs.map((input) => input.valueAsNumber);
      if (!Number.isFinite(guess)) return null;
      return Number.isFinite(low) && Number.isFinite(high) ? { guess, low, high } : { guess };
    }

    write(value) {
      if (this.isChoice) {
        this.inputs.forEach((input, index) => {
          input.checked = index === value;
        });
        return;
      }
      const values = value ? [value.guess, value.low, value.high] : [];
      this.inputs.forEach((input, index) => {
        input.value = values[index] ?? "";
      });
    }

    words(value) {
      if (this.isChoice) return this.inputs[value].value;
      const range = "low" in value ? `, between ${value.low} and ${value.high}` : "";
      return `${value.guess}${range}`;
    }

    // Earlier editions kept the words of an option, or the number as it was typed.
    fromWords(words) {
      if (this.isChoice) return this.inputs.findIndex((input) => input.value === words);
      return words.trim() !== "" && Number.isFinite(Number(words)) ? { guess: Number(words) } : -1;
    }

    fault(value) {
      if (value === null) return "Make a guess first.";
      if (this.isChoice) return "";
      const [low, high] = this.inputs.slice(1).map((input) => input.valueAsNumber);
      if (Number.isFinite(low) !== Number.isFinite(high)) return "A range needs both its ends: fill in the other, or leave both empty.";
      if (low > high) return "The range ends below its beginning: put the lower number first.";
      if (value.guess < low || value.guess > high) return "Your guess lies outside your range: change one of them.";
      return "";
    }

    result(value, answer) {
      const said = `You said ${this.isChoice ? this.words(value) : value.guess}; the answer is ${answer} ${this.unit}`.trim();
      if (this.isChoice || !("low" in value)) return `${said}.`;
      const inside = number(answer) >= value.low && number(answer) <= value.high;
      return `${said}, ${inside ? "inside" : "outside"} your range from ${value.low} to ${value.high}.`;
    }
  }

  function bindPrediction(prediction) {
    const box = prediction.querySelector(".guess");
    const guess = new Guess(prediction);
    const button = box.querySelector("button");
    const announcement = prediction.querySelector(".announcement");
    const details = prediction.querySelector("details");
    const asked = prediction.querySelector(".prediction-title").textContent;
    let committed = false;

    const show = (value) => {
      committed = value !== null;
      for (const input of guess.inputs) input.disabled = committed;
      button.textContent = committed ? "Guess again" : "Commit";
      details.classList.toggle("waiting", !committed); // not `hidden`: paper shows it
      details.open = committed;
      announcement.textContent = committed ? guess.result(value, prediction.dataset.answer) : "";
    };
    const press = () => {
      if (committed) {
        store.takeBack(prediction.dataset.task);
        show(null);
        return;
      }
      const value = guess.read();
      const fault = guess.fault(value);
      if (!fault) keep(prediction, "prediction", asked, value, guess.words(value));
      show(fault ? null : value);
      if (fault) announcement.textContent = fault;
    };
    const restore = () => {
      const record = recall(prediction);
      if (record?.version !== "") return record?.last?.answer ?? null;
      const value = guess.fromWords(record.last.said);
      store.set(prediction.dataset.task, null);
      if (value === -1) return null;
      keep(prediction, "prediction", asked, value, guess.words(value));
      return value;
    };

    box.hidden = button.hidden = false;
    const value = restore();
    guess.write(value);
    show(value);
    button.addEventListener("click", press);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target !== button) press();
    });
  }

  // The mean of the squared distances between probabilities and what happened: 0 is perfect, 1 the worst.
  const brier = (pairs) => pairs.reduce((sum, [chance, held]) => sum + (chance - held) ** 2, 0) / pairs.length;

  // One probability for each claim. All are committed and scored together.
  function bindForecasts(sheet) {
    const claims = [...sheet.querySelectorAll("li")].map((item) => ({
      item,
      name: item.dataset.claim,
      input: item.querySelector("input"),
      verdict: item.querySelector(".verdict"),
      held: item.dataset.verdict === "held" ? 1 : 0,
    }));
    const button = sheet.querySelector("button");
    const announcement = sheet.querySelector(".announcement");
    const scores = sheet.querySelector(".scores");
    const file = sheet.querySelector("input[type=file]");
    const base = claims.reduce((sum, claim) => sum + claim.held, 0) / claims.length;
    let committed = null;

    function read() {
      const filled = claims.filter(({ input }) => input.value !== "" || input.validity.badInput);
      if (!filled.length) return [null, "Give at least one claim a probability first."];
      const bad = filled.find(({ input }) => !input.validity.valid);
      if (bad) {
        bad.input.focus();
        return [null, "A probability is a whole number from 0 to 100: correct the one in the field that has the cursor."];
      }
      return [Object.fromEntries(filled.map(({ name, input }) => [name, Number(input.value)])), ""];
    }
    function scoreLines(chances, classMeans) {
      const mine = claims.filter(({ name }) => name in chances);
      const score = (chanceOf, among = mine) => brier(among.map((claim) => [chanceOf(claim), claim.held])).toFixed(3);
      const lines = [
        ["You", score(({ name }) => chances[name] / 100)],
        ["Always saying 50 percent", score(() => 0.5)],
        [`Always saying ${Math.round(100 * base)} percent, the share of all ${claims.length} that held, which nobody knew in 2021`, score(() => base)],
      ];
      const common = classMeans ? mine.filter(({ name }) => name in classMeans) : [];
      if (common.length) {
        const note = common.length < mine.length ? `, on the ${common.length} of these claims that it judged` : "";
        lines.push([`The mean of your class${note}`, score(({ name }) => classMeans[name] / 100, common)]);
      }
      return lines;
    }
    function showScores(classMeans) {
      const rows = scoreLines(committed, classMeans).map(([who, score]) => {
        const row = document.createElement("tr");
        const head = document.createElement("th");
        head.scope = "row";
        head.textContent = who;
        row.append(head);
        row.insertCell().textContent = score;
        return row;
      });
      scores.querySelector("tbody").replaceChildren(...rows);
    }
    function show() {
      for (const { input, verdict, name } of claims) {
        input.value = committed?.[name] ?? "";
        input.disabled = committed !== null;
        verdict.hidden = committed === null;
      }
      button.textContent = committed ? "Forecast again" : "Commit";
      scores.hidden = committed === null;
      setFigure("calibration", { yours: claims.map(({ name }) => committed?.[name] ?? -1) });
      announcement.textContent = "";
      if (committed === null) return;
      showScores(null);
      const [[, mine], [, half]] = scoreLines(committed, null);
      const than = mine < half ? "better than" : mine > half ? "worse than" : "the same as";
      announcement.textContent = `Your Brier score for ${Object.keys(committed).length} of ${claims.length} claims is ${mine}. `
        + `That is ${than} always saying 50 percent, which scores ${half}; 0 would be perfect.`;
    }
    function commit(event) {
      event.preventDefault();
      if (committed) {
        store.takeBack(sheet.dataset.task);
        committed = null;
        show();
        return;
      }
      const [chances, fault] = read();
      if (fault) {
        announcement.textContent = fault;
        return;
      }
      const said = Object.entries(chances).map(([name, chance]) => `${name}: ${chance} percent`).join(", ");
      keep(sheet, "forecast", sheet.dataset.asked, chances, said);
      committed = chances;
      show();
    }
    // The teacher's file has the mean probabilities of the class, and no names.
    async function readClass() {
      try {
        const found = JSON.parse(await file.files[0].text());
        if (found.format !== "book-class-forecasts" || found.version !== sheet.dataset.version) throw new Error("other");
        showScores(found.means);
        announcement.textContent = "The table now has the score of your class.";
      } catch {
        announcement.textContent = "This file has no forecasts of a class for these claims: ask your teacher for class_forecasts.json.";
      }
      file.value = ""; // so that the same file can be chosen again once it has been corrected
    }

    sheet.hidden = false;
    committed = recall(sheet)?.last?.answer ?? null;
    show();
    sheet.addEventListener("submit", commit);
    file.addEventListener("change", readClass);
  }

  // A figure whose parameters no control of its own sets follows what a reader has committed.
  function setFigure(name, values) {
    const figure = (window.bookFigures ?? []).find(({ element }) => element.id === name);
    if (!figure) return;
    Object.assign(figure.state, values);
    figure.stale = true;
    if (!figure.view) return; // it is painted with this state when the reader comes near
    figure.show();
    figure.stale = true;
    if (figure.element.querySelector("details.numbers").open) figure.fillTable();
  }

  // One slider a year: the reader sets where the line goes, and then sees both lines.
  function bindDrawing(drawing) {
    const sliders = [...drawing.querySelectorAll("input[type=range]")];
    const button = drawing.querySelector("button");
    const announcement = drawing.querySelector(".announcement");
    const { unit, figure } = drawing.dataset;
    const counted = JSON.parse(drawing.dataset.counted);
    const start = Number(drawing.dataset.start);
    let committed = false;

    const values = () => sliders.map((slider) => slider.valueAsNumber);
    const told = (slider) => {
      slider.parentElement.querySelector("output").value = slider.value;
      slider.setAttribute("aria-valuetext", `${slider.value} ${unit}`);
    };
    const missed = (line) => line.reduce((sum, value, index) => sum + Math.abs(value - counted[index]), 0) / line.length;
    function show() {
      for (const slider of sliders) {
        slider.disabled = committed;
        told(slider);
      }
      button.textContent = committed ? "Draw again" : "Commit";
      setFigure(figure, { drawn: values(), shown: committed });
      const [mine, naive] = [missed(values()), missed(counted.map(() => start))];
      announcement.textContent = committed
        ? `Your line misses the counted one by ${mine.toFixed(0)} ${unit} a year on average; `
          + `a line that stays at the last known figure misses it by ${naive.toFixed(0)}.`
        : "";
    }
    function press() {
      committed = !committed;
      if (!committed) store.takeBack(drawing.dataset.task);
      else keep(drawing, "drawing", drawing.dataset.asked, values(), `${values().join(", ")} ${unit}`);
      show();
    }

    drawing.hidden = false;
    const last = recall(drawing)?.last?.answer ?? null;
    committed = last !== null;
    sliders.forEach((slider, index) => {
      slider.value = last?.[index] ?? start;
      slider.addEventListener("input", () => {
        told(slider);
        setFigure(figure, { drawn: values(), shown: false });
      });
    });
    show();
    button.addEventListener("click", press);
  }

  // The store of answers is in a script that the page loads last.
  document.addEventListener("DOMContentLoaded", () => {
    store = window.bookAnswers;
    document.querySelectorAll(".book-forecasts").forEach(bindForecasts);
    document.querySelectorAll(".book-drawing").forEach(bindDrawing);
    document.querySelectorAll(".book-question").forEach(bindQuestion);
    document.querySelectorAll(".book-prediction").forEach(bindPrediction);
  });
})();
