// Makes the figures of a page live: binds native controls to the chart's parameters.
// A classic script without imports, so that the book also works when opened from a file.
(() => {
  if (window.bookFigures) return; // a page may list the script twice
  const vegaAddress = new URL("vega.js", document.currentScript.src);
  const phone = window.matchMedia("(max-width: 600px)");
  // Vega warns in the console about things that it corrects itself; only errors matter to a reader.
  const quiet = { actions: false, renderer: "svg", logLevel: 1 };
  let vegaLoading;

  function loadVega() {
    vegaLoading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = vegaAddress;
      script.onload = () => resolve(window.vegaEmbed);
      script.onerror = () => reject(new Error(`cannot load ${vegaAddress}`));
      document.head.append(script);
    });
    return vegaLoading;
  }

  // One object for each kind of control: how to read the reader's choice and how to show a value.
  const byIndex = (options, value) => options.findIndex((option) => String(option.value) === String(value));
  const checked = (box) => [...box.querySelectorAll("input:checked")].map((input) => Number(input.value));
  const select = {
    read: (box, control) => control.options[box.querySelector("select").selectedIndex].value,
    write: (box, control, value) => {
      box.querySelector("select").selectedIndex = byIndex(control.options, value);
    },
  };
  const radio = {
    read: (box, control) => control.options[checked(box)[0]].value,
    write: (box, control, value) => {
      box.querySelectorAll("input")[byIndex(control.options, value)].checked = true;
    },
  };
  const kinds = {
    select,
    list: select,
    radio,
    toggle: radio,
    several: {
      read: (box, control) => checked(box).map((index) => control.options[index].value),
      write: (box, control, values) => {
        box.querySelectorAll("input").forEach((input, index) => {
          input.checked = values.map(String).includes(String(control.options[index].value));
        });
      },
    },
    check: {
      read: (box) => box.querySelector("input").checked,
      write: (box, control, value) => {
        box.querySelector("input").checked = String(value) === "true";
      },
    },
    choice: {
      read: (box, control) => {
        const input = box.querySelector("input");
        const option = control.options[input.value];
        input.setAttribute("aria-valuetext", option.label);
        box.querySelector("output").value = option.label;
        return option.value;
      },
      write: (box, control, value) => {
        box.querySelector("input").value = byIndex(control.options, value);
      },
    },
    range: {
      read: (box, control) => {
        const value = box.querySelector("input").valueAsNumber;
        box.querySelector("output").value = value.toFixed(control.digits);
        return value;
      },
      write: (box, control, value) => {
        box.querySelector("input").value = value;
      },
    },
    number: {
      // An empty or half-typed field keeps the last number instead of breaking the chart.
      read: (box, control, last) => {
        const value = box.querySelector("input").valueAsNumber;
        return Number.isFinite(value) ? value : last;
      },
      write: (box, control, value) => {
        box.querySelector("input").value = value;
      },
    },
  };

  // Without the noise that computers add behind the twelfth digit.
  const shortest = (value) => String(Number(value.toPrecision(12)));

  // A value for a file, as helpers.figures.figure_html writes it: a number has the digits that readers see.
  function plainValue(value, format) {
    if (typeof value !== "number") return value;
    const shown = format(value).replaceAll(",", "").replace("−", "-");
    return Number(/^[-+]?\d+(\.\d+)?$/.test(shown) ? shown : value.toPrecision(12));
  }

  // A value that a link names is used only if the control can have it.
  function accepts(control, value) {
    if (control.kind === "several") return value.every((one) => byIndex(control.options, one) >= 0);
    if (control.options) return byIndex(control.options, value) >= 0;
    if (control.kind === "check") return value === "true" || value === "false";
    const number = Number(value);
    const inside = control.kind === "number" || (number >= control.min && number <= control.max);
    return value.trim() !== "" && Number.isFinite(number) && inside;
  }

  // Shows one figure at a time, as large as the window allows, for a room to see.
  class Projector {
    constructor() {
      this.dialog = document.createElement("dialog");
      this.dialog.className = "book-projector";
      this.dialog.setAttribute("aria-label", "One figure, projected");
      this.dialog.innerHTML =
        '<div class="stage"></div><p class="turn"><button type="button" data-step="-1">← Previous</button>' +
        '<span role="status"></span><button type="button" data-step="1">Next →</button>' +
        '<button type="button" data-close>Close</button></p>';
      this.stage = this.dialog.querySelector(".stage");
      this.place = document.createComment("");
      this.dialog.addEventListener("close", () => this.putBack());
      this.dialog.addEventListener("keydown", (event) => this.press(event));
      this.dialog.addEventListener("click", ({ target }) => {
        if (target.dataset.step) this.step(Number(target.dataset.step));
        if ("close" in target.dataset) this.dialog.close();
      });
      window.addEventListener("resize", () => this.fit());
    }

    async show(figure) {
      if (!this.dialog.isConnected) document.body.append(this.dialog);
      this.putBack();
      this.figure = figure;
      figure.element.replaceWith(this.place);
      this.stage.replaceChildren(figure.element);
      if (!this.dialog.open) this.dialog.showModal();
      // A dialog gives the focus to its first control, which would keep the arrow keys.
      if (!document.activeElement.closest(".turn")) this.dialog.querySelector('[data-step="1"]').focus();
      const all = window.bookFigures;
      this.dialog.querySelector("[role=status]").textContent = `${all.indexOf(figure) + 1} of ${all.length}`;
      await figure.near();
      this.fit();
    }

    putBack() {
      if (!this.figure) return;
      this.figure.element.style.zoom = "";
      this.place.replaceWith(this.figure.element);
      this.figure.element.querySelector("[data-project]").focus();
      this.figure = null;
    }

    step(by) {
      const all = window.bookFigures;
      this.show(all[(all.indexOf(this.figure) + by + all.length) % all.length]);
    }

    // The arrow keys belong to a control while it has the focus.
    press(event) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by || event.target.closest("input, select")) return;
      event.preventDefault();
      this.step(by);
    }

    fit() {
      if (!this.figure) return;
      const { style } = this.figure.element;
      style.zoom = "";
      const { offsetWidth: width, offsetHeight: height } = this.figure.element;
      style.zoom = Math.max(1, Math.min(this.stage.clientWidth / width, this.stage.clientHeight / height));
    }
  }
  const projector = new Projector();

  class Figure {
    constructor(element) {
      this.element = element;
      this.data = JSON.parse(element.querySelector(".figure-data").textContent);
      this.chart = element.querySelector(".chart");
      this.fieldset = element.querySelector(".controls");
      this.state = {};
      this.stale = true;
      this.bindControls();
      this.bindTools();
      this.followLink();
      phone.addEventListener("change", () => this.view && this.paint());
    }

    box(name) {
      return this.fieldset.querySelector(`[data-control="${name}"]`);
    }

    bindControls() {
      if (!this.fieldset) return;
      this.fieldset.disabled = false;
      // A browser may restore a form after "back": the controls, not the defaults, are right.
      this.readControls();
      const changed = () => {
        this.readControls();
        this.update();
      };
      this.fieldset.addEventListener("input", changed);
    }

    readControls() {
      for (const control of this.data.controls) {
        const { name, kind } = control;
        this.state[name] = kinds[kind].read(this.box(name), control, this.state[name] ?? control.value);
      }
    }

    bindTools() {
      const numbers = this.element.querySelector("details.numbers");
      numbers.addEventListener("toggle", () => this.fillTable());
      this.element.querySelector("a.csv").addEventListener("click", () => this.fillTable());
      const project = this.element.querySelector("[data-project]");
      project.hidden = false;
      project.addEventListener("click", () => projector.show(this));
      for (const button of this.element.querySelectorAll("[data-save]")) {
        button.hidden = false;
        button.addEventListener("click", () => this.save(button.dataset.save));
      }
    }

    // The state of the controls as the part of an address behind "#".
    link() {
      const query = new URLSearchParams();
      for (const { name, kind } of this.data.controls) {
        const values = kind === "several" ? this.state[name] : [this.state[name]];
        if (values.length === 0) query.append(name, "");
        for (const value of values) query.append(name, value);
      }
      return `#${this.element.id}${this.fieldset ? `?${query}` : ""}`;
    }

    followLink() {
      const [id, query] = decodeURI(location.hash.slice(1)).split("?");
      if (id !== this.element.id || query === undefined || !this.fieldset) return;
      const wanted = new URLSearchParams(query);
      for (const control of this.data.controls) {
        if (!wanted.has(control.name)) continue;
        const all = wanted.getAll(control.name).filter((value) => value !== "" || control.kind !== "several");
        const value = control.kind === "several" ? all : all[0];
        if (accepts(control, value)) kinds[control.kind].write(this.box(control.name), control, value);
      }
      this.readControls();
      // In a frame this would scroll the page around it.
      if (window.parent === window) this.element.scrollIntoView();
      this.update();
    }

    specification(extra = {}) {
      const spec = structuredClone({ ...this.data.spec, ...extra });
      for (const param of spec.params ?? []) {
        if (param.name in this.state) param.value = this.state[param.name];
      }
      if (this.data.says) spec.params.push({ name: "_says", expr: this.data.says });
      if (spec.mark || spec.layer) {
        spec.width = this.width();
        // As helpers.figures.picture fits a chart.
        spec.autosize = { type: "fit-x", contains: "padding", resize: true };
      }
      return spec;
    }

    async paint() {
      const embed = await loadVega();
      const spec = this.specification();
      delete spec.title; // the caption has it
      const stage = document.createElement("div");
      stage.className = "picture live";
      const { view } = await embed(stage, spec, quiet);
      this.view?.finalize();
      this.chart.replaceChildren(stage);
      stage.querySelector("svg").setAttribute("aria-hidden", "true");
      this.view = view;
      this.chart.dataset.live = "";
      this.show();
    }

    // Vega takes the room for wide labels from the width that the last change has left, and again at each change.
    // So each change begins with the whole width.
    restoreWidth() {
      if (this.view.autosize()?.type !== "fit-x") return;
      this.view.width(this.width());
    }

    width() {
      return phone.matches ? this.data.widths[1] : this.data.widths[0];
    }

    near() {
      this.painting ??= this.paint();
      return this.painting;
    }

    async update() {
      if (!this.view) await this.near();
      this.show();
    }

    show() {
      for (const [name, value] of Object.entries(this.state)) this.view.signal(name, value);
      this.restoreWidth();
      this.view.run();
      if (!this.fieldset) return;
      const says = this.element.querySelector(".says");
      const sentence = this.view.signal("_says");
      if (says.textContent !== sentence) says.textContent = sentence;
      this.element.querySelector("a.state").setAttribute("href", this.link());
      this.stale = true;
      if (this.element.querySelector("details.numbers").open) this.fillTable();
    }

    // The rows that the marks stand for now; marks that share a row count once.
    rows() {
      const found = new Map();
      const visit = (item) => {
        const datum = item.datum && item.tooltip ? item.datum : null;
        if (datum) {
          const row = this.data.columns.map((column) => datum[column.field] ?? "");
          found.set(JSON.stringify(row), row);
        }
        for (const child of item.items ?? []) visit(child);
      };
      visit(this.view.scenegraph().root);
      return [...found.values()];
    }

    fillTable() {
      if (!this.view || !this.stale) return;
      const rows = this.rows();
      const { columns } = this.data;
      const locale = this.view.locale();
      const format = columns.map((column) => (column.format ? locale.format(column.format) : shortest));
      const body = this.element.querySelector("tbody");
      body.replaceChildren(
        ...rows.map((row) => {
          const line = document.createElement("tr");
          row.forEach((value, index) => {
            const cell = line.insertCell();
            const isNumber = typeof value === "number";
            cell.textContent = isNumber ? format[index](value) : value;
            if (isNumber) cell.className = "number";
          });
          return line;
        }),
      );
      const quoted = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
      const plain = rows.map((row) => row.map((value, index) => plainValue(value, format[index])));
      const lines = [columns.map((column) => column.title), ...plain].map((row) => row.map(quoted).join(","));
      const csv = `data:text/csv;charset=utf-8,%EF%BB%BF${encodeURIComponent(lines.join("\n"))}`;
      this.element.querySelector("a.csv").href = `${csv}%0A`;
      this.stale = false;
    }

    async save(kind) {
      const embed = await loadVega();
      const text = JSON.stringify(this.specification()).replaceAll("currentColor", "#1b1b1b");
      const spec = JSON.parse(text);
      spec.config.background = "#ffffff";
      const { view } = await embed(document.createElement("div"), spec, quiet);
      const anchor = document.createElement("a");
      anchor.href = await view.toImageURL(kind, kind === "png" ? 2 : 1);
      anchor.download = `${this.element.id}.${kind}`;
      anchor.click();
      view.finalize();
    }
  }

  function start() {
    const figures = [...document.querySelectorAll("figure.book-figure")].map((element) => new Figure(element));
    const watcher = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((one) => one.isIntersecting)) {
          watcher.unobserve(entry.target);
          figures.find((figure) => figure.element === entry.target).near();
        }
      },
      { rootMargin: "200px" },
    );
    // Until the reader moves, the painted pictures are enough: a page that is left straight away costs no more.
    const signs = ["scroll", "pointermove", "pointerdown", "keydown", "focusin"];
    const begin = () => {
      signs.forEach((sign) => window.removeEventListener(sign, begin));
      figures.forEach((figure) => watcher.observe(figure.element));
    };
    signs.forEach((sign) => window.addEventListener(sign, begin, { passive: true }));
    window.addEventListener("hashchange", () => figures.forEach((figure) => figure.followLink()));
    window.bookFigures = figures;
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
