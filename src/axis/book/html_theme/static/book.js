// Marks the section being read in the contents of the page, brings a reader to the place that an address names, and lets
// the keyboard scroll a table that is wider than its place.
(() => {
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

  // A screen reader lists these regions, so each has a name of its own: the heads of its columns, with its place.
  const tables = [...document.querySelectorAll(".pst-scrollable-table-container")];
  const widths = new ResizeObserver((changes) => {
    for (const { target: box } of changes) {
      const heads = [...box.querySelectorAll("thead th")].map((head) => head.textContent.trim()).filter(Boolean);
      const label = `Table ${tables.indexOf(box) + 1}, which scrolls sideways: ${heads.join(", ")}`;
      for (const [name, value] of Object.entries({ tabindex: "0", role: "region", "aria-label": label })) {
        if (box.scrollWidth > box.clientWidth) box.setAttribute(name, value);
        else box.removeAttribute(name);
      }
    }
  });
  tables.forEach((box) => widths.observe(box));

  // An address such as #gas-prices?measure=Ratio names a state, which figure.js and listing.js restore, and a place,
  // which the browser finds only without a state. A smooth scroll would end where the place was before the page grew;
  // scrollIntoView would also scroll the page around a frame.
  function land() {
    const [id, state] = location.hash.slice(1).split("?");
    const place = state === undefined ? null : document.getElementById(id);
    if (!place) return;
    const covered = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    window.scrollTo({ top: window.scrollY + place.getBoundingClientRect().top - covered, behavior: "instant" });
  }
  // After all scripts have run: some of them unfold a part of the page. After "back", the browser knows the place.
  const [arrival] = performance.getEntriesByType("navigation");
  document.addEventListener("DOMContentLoaded", () => arrival?.type !== "back_forward" && land());
  window.addEventListener("hashchange", land);
})();
