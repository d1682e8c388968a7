// Announces the feedback of questions, and remembers what a reader predicted.
(() => {
  if (window.bookQuestions) return; // a page may list the script twice
  window.bookQuestions = true;

  // Storage may be forbidden, for example in a private window: the guess then lasts for this visit.
  function remember(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      /* nothing is lost but the memory */
    }
  }
  function recall(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function bindQuestion(question) {
    question.addEventListener("change", (event) => {
      const feedback = event.target.closest(".option").querySelector(".feedback");
      question.querySelector(".announcement").textContent = feedback.textContent.trim();
    });
  }

  function bindPrediction(prediction) {
    const { id, dataset } = prediction;
    const [guess, details] = [prediction.querySelector(".guess"), prediction.querySelector("details")];
    const [input, button] = [guess.querySelector("input"), guess.querySelector("button")];
    const reveal = (value) => {
      prediction.querySelector(".announcement").textContent =
        `You said ${value}; the answer is ${dataset.answer} ${dataset.unit}.`;
      details.hidden = false;
      details.open = true;
    };
    guess.hidden = false;
    details.hidden = true;
    const before = recall(id);
    if (before !== null) {
      input.value = before;
      reveal(before);
    }
    const commit = () => {
      if (!Number.isFinite(input.valueAsNumber)) {
        prediction.querySelector(".announcement").textContent = "Write a number first.";
        return;
      }
      remember(id, input.value);
      reveal(input.value);
    };
    button.addEventListener("click", commit);
    input.addEventListener("keydown", (event) => event.key === "Enter" && commit());
  }

  document.querySelectorAll(".book-question").forEach(bindQuestion);
  document.querySelectorAll(".book-prediction").forEach(bindPrediction);
})();
