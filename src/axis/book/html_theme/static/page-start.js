// Runs before a page is painted, on every page. It is a file of its own, since a strict host refuses scripts
// inside a page.
(() => {
  // Storage is refused in many frames and private windows. The theme's scripts would stop at their first question to
  // it, and menu, search and the choice of a mode with them; a memory that lasts as long as the page is enough.
  function isRefused(name) {
    try {
      const key = "axis-of-collusion";
      window[name].setItem(key, key);
      window[name].removeItem(key);
      return false;
    } catch {
      return true; // Firefox has null there, others throw
    }
  }
  function makeMemory() {
    const kept = new Map();
    return {
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, value) => void kept.set(String(key), String(value)),
      removeItem: (key) => void kept.delete(String(key)),
      clear: () => kept.clear(),
    };
  }
  for (const name of ["localStorage", "sessionStorage"]) {
    if (isRefused(name)) Object.defineProperty(window, name, { value: makeMemory(), configurable: true });
  }

  // As the theme chooses a mode; it writes an error to the console if no mode is stored.
  const { dataset } = document.documentElement;
  const isDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  dataset.mode = localStorage.getItem("mode") || "auto";
  dataset.theme = localStorage.getItem("theme") || (isDark ? "dark" : "light");

  // Paper is white, whatever the screen is.
  let onScreen = null;
  function startPrinting() {
    onScreen ??= dataset.theme;
    dataset.theme = "light";
  }
  function endPrinting() {
    if (onScreen) dataset.theme = onScreen;
    onScreen = null;
  }
  window.addEventListener("beforeprint", startPrinting);
  window.addEventListener("afterprint", endPrinting);
  const print = window.matchMedia("print");
  print.addEventListener("change", () => (print.matches ? startPrinting() : endPrinting()));
})();
