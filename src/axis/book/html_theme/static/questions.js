// Announces the feedback of questions, and remembers what a reader predicted or forecast.
(() => {
  // Storage may be forbidden, for example in a private window: the guess then lasts for this visit.
  function recall(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }
  function remember(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      /* only the memory of the guess is lost */
    }
  }

  function bindQuestion(question) {
    question.addEventListener("change", (event) => {
      const feedback = event.target.closest(".option").querySelector(".feedback");
      question.querySelector(".announcement").textContent = feedback.textContent.trim();
    });
  }

  // What is in the field, or which option is chosen; null if there is nothing.
  function readGuess(inputs) {
    const [first] = inputs;
    if (first.type === "radio") return inputs.find((input) => input.checked)?.value ?? null;
    return Number.isFinite(first.valueAsNumber) ? first.value : null;
  }
  function writeGuess(inputs, value) {
    for (const input of inputs) {
      if (input.type === "radio") input.checked = input.value === value;
      else input.value = value ?? "";
    }
  }

  function bindPrediction(prediction) {
    const guess = prediction.querySelector(".guess");
    const inputs = [...guess.querySelectorAll("input")];
    const button = guess.querySelector("button");
    const announcement = prediction.querySelector(".announcement");
    const details = prediction.querySelector("details");
    const key = `${location.pathname}#${prediction.id}`;

    const show = (value) => {
      const { answer, unit } = prediction.dataset;
      const committed = value !== null;
      for (const input of inputs) input.disabled = committed;
      button.textContent = committed ? "Guess again" : "Commit";
      details.classList.toggle("waiting", !committed); // not `hidden`: paper shows it
      details.open = committed;
      announcement.textContent = committed ? `You said ${value}; the answer is ${answer} ${unit}`.trim() + "." : "";
    };
    const press = () => {
      const value = inputs[0].disabled ? null : readGuess(inputs);
      const missing = !inputs[0].disabled && value === null;
      remember(key, value);
      show(value);
      if (missing) announcement.textContent = "Make a guess first.";
    };

    guess.hidden = button.hidden = false;
    writeGuess(inputs, recall(key));
    show(readGuess(inputs));
    button.addEventListener("click", press);
    guess.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target !== button) press();
    });
  }

  // One menu for each claim. All are committed and scored together, beside three readers who guess without thinking.
  function bindForecasts(sheet) {
    const menus = [...sheet.querySelectorAll("select")];
    const verdicts = menus.map((menu) => menu.closest("li").dataset.verdict);
    const button = sheet.querySelector("button");
    const announcement = sheet.querySelector(".announcement");
    const key = `${location.pathname}#${sheet.id}`;
    const right = (guesses) => guesses.filter((guess, index) => guess === verdicts[index]).length;

    function score(guesses) {
      const always = (verdict) => right(verdicts.map(() => verdict));
      return `${right(guesses)} of your ${guesses.filter(Boolean).length} forecasts came true. Of all ${verdicts.length}, ` +
        `whoever always says "will hold" is right ${always("held")} times, ` +
        `with "some of both" ${always("mixed")} times, and with "will be overtaken" ${always("overtaken")} times.`;
    }
    function show(guesses) {
      const committed = guesses !== null;
      menus.forEach((menu, index) => {
        menu.value = guesses?.[index] ?? "";
        menu.disabled = committed;
        const verdict = menu.closest("li").querySelector(".verdict");
        verdict.hidden = !committed;
        verdict.textContent = `${committed && menu.value === verdicts[index] ? "✓ " : ""}${verdicts[index]}`;
      });
      button.textContent = committed ? "Forecast again" : "Commit";
      announcement.textContent = committed ? score(guesses) : "";
    }
    function commit(event) {
      event.preventDefault();
      const guesses = menus[0].disabled ? null : menus.map((menu) => menu.value);
      const missing = guesses !== null && !guesses.some(Boolean);
      const kept = missing ? null : guesses;
      remember(key, kept && JSON.stringify(kept));
      show(kept);
      if (missing) announcement.textContent = "Make a forecast first.";
    }

    sheet.hidden = false;
    show(JSON.parse(recall(key)));
    sheet.addEventListener("submit", commit);
  }

  document.querySelectorAll(".book-forecasts").forEach(bindForecasts);
  document.querySelectorAll(".book-question").forEach(bindQuestion);
  document.querySelectorAll(".book-prediction").forEach(bindPrediction);
})();
