// Fits a page that shows one figure into the frame of another page.
(() => {
  // Most pages around a frame are light, whatever the reader's system is; an address with theme=dark asks for dark.
  const wanted = new URLSearchParams(location.search);
  const theme = wanted.get("theme") === "dark" ? "dark" : "light";
  Object.assign(document.documentElement.dataset, { mode: theme, theme });

  // Canvas listens for this message, and so does embed-height.js on any other page.
  const tell = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    window.parent.postMessage({ subject: "lti.frameResize", height }, "*");
  };

  function start() {
    const line = document.querySelector("[data-book]");
    const { version } = line ? JSON.parse(line.dataset.book) : {};
    const edition = wanted.get("edition");
    const note = document.querySelector(".edition-note");
    if (version && edition && edition !== version) {
      note.textContent = `The page around this figure asks for version ${edition}. This is version ${version}.`;
      note.hidden = false;
    }
    if (window.parent === window) return;
    new ResizeObserver(tell).observe(document.body);
    tell();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
