// Marks the section being read in the contents of the page, and names the search by its words.
(() => {
  // The theme's name for the button leaves out the keys that it shows, so that voice control cannot find it by them.
  for (const button of document.querySelectorAll(".search-button-field")) button.removeAttribute("aria-label");

  const links = [...document.querySelectorAll(".bd-toc-nav a[href^='#']")];
  const target = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));
  const entries = links.map((link) => ({ link, section: target(link) })).filter((entry) => entry.section);
  const reading = new Set();

  function mark(changes) {
    for (const { target: section, isIntersecting } of changes) {
      if (isIntersecting) reading.add(section);
      else reading.delete(section);
    }
    // The last one that has begun, since a section contains its subsections.
    const current = entries.findLast((entry) => reading.has(entry.section));
    if (!current) return;
    for (const { link } of entries) {
      const here = link === current.link;
      link.classList.toggle("active", here);
      link.parentElement.classList.toggle("active", here);
      if (here) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  }

  // A section counts as begun when it has reached the upper two fifths of the window.
  const watcher = new IntersectionObserver(mark, { rootMargin: "0px 0px -60%" });
  entries.forEach((entry) => watcher.observe(entry.section));
})();
