// Lets a reader search and filter a listing; without this script it shows every row.
(() => {
  function bind(listing) {
    const form = listing.querySelector(".filters");
    const fields = [...form.elements].filter((field) => field.name);
    const rows = [...listing.querySelectorAll("tbody tr")].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
    }));

    function matches({ row, text }) {
      return fields.every(({ name, value }) => {
        if (!value) return true;
        if (name !== "search") return row.dataset[name].split("|").includes(value);
        return value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
      });
    }
    function show() {
      let count = 0;
      for (const one of rows) {
        one.row.hidden = !matches(one);
        if (!one.row.hidden) count += 1;
      }
      form.querySelector(".count").textContent = `${count} of ${rows.length} shown`;
      const state = new URLSearchParams(fields.filter((field) => field.value).map((f) => [f.name, f.value]));
      form.querySelector("a.state").setAttribute("href", `#${listing.id}${state.size ? `?${state}` : ""}`);
    }
    // A link such as #statements?section=3.4 restores a view; a value that is not offered is ignored.
    function followLink() {
      const [id, query] = location.hash.slice(1).split("?");
      if (id !== listing.id || query === undefined) return;
      const wanted = new URLSearchParams(query);
      for (const field of fields) {
        field.value = wanted.get(field.name) ?? "";
        if (field.selectedIndex === -1) field.value = "";
      }
      show();
    }

    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    window.addEventListener("hashchange", followLink);
    // Chromium restores a form after "back" without an event, and only after the page has loaded.
    window.addEventListener("pageshow", show);
    form.hidden = false;
    show();
    followLink();
  }

  // The theme marks the section being read in the page's contents. On a page without contents it goes
  // through every link instead, and fails on one that names a view.
  if (!document.querySelector(".bd-toc-nav")) document.body.removeAttribute("data-bs-spy");
  document.querySelectorAll(".book-listing:not(.book-sheet *)").forEach(bind);
})();
