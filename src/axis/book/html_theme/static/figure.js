// Makes the figures of a page live: binds native controls to the chart's parameters.
// A classic script without imports, so that the book also works when opened from a file.
(() => {
  if (window.bookFigures) return; // a page may list the script twice
  const ownAddress = document.currentScript.src;
  const phone = window.matchMedia("(max-width: 600px)");
  // Strict hosts refuse the style that vega-embed would add, which the page does not need.
  const options = { actions: false, defaultStyle: false, renderer: "svg", logLevel: 1, tooltip: showTip };
  // As helpers.figures.picture fits a chart. Vega-Lite's compiler would warn of it wherever rows set the height.
  const fit = (spec) => ({ ...spec, autosize: { type: "fit-x", contains: "padding", resize: true } });

  // A fault whose message is for readers.
  class ReaderError extends Error {}

  // Scripts that only some readers need come when they are needed. A request that failed is made again.
  const loading = new Map();
  function loadScript(name) {
    if (!loading.has(name)) {
      const loaded = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL(name, ownAddress);
        script.onload = resolve;
        script.onerror = () => {
          loading.delete(name);
          script.remove();
          reject(new ReaderError("The program that draws the charts could not be loaded."));
        };
        document.head.append(script);
      });
      loading.set(name, loaded);
    }
    return loading.get(name);
  }

  // Vega makes code of its expressions. Strict hosts refuse such code, and their browsers note the one attempt; with
  // `ast`, Vega interprets expressions instead, which takes twice the time.
  let ast;
  function mustInterpret() {
    try {
      return !new Function("return true")();
    } catch {
      return true;
    }
  }

  async function embed(stage, spec, width) {
    await loadScript("vega.js");
    const isOneView = Boolean(spec.mark || spec.layer);
    const sized = isOneView ? { ...spec, width } : spec;
    ast ??= mustInterpret();
    const { view } = await window.vegaEmbed(stage, sized, { ...options, ast, patch: isOneView ? fit : undefined });
    return view;
  }

  // What a mark stands for, beside the pointer or the finger and inside the window.
  const tip = document.createElement("table");
  tip.className = "figure-tip";
  let tapped = false; // then no pointer rests on the mark, and none that leaves it hides the tip
  function hideTip() {
    tapped = false;
    tip.remove();
  }
  function showTip(handler, event, item, value) {
    if (typeof value !== "object" || value === null) {
      if (!tapped) hideTip();
      return;
    }
    tip.replaceChildren();
    for (const [name, said] of Object.entries(value)) {
      const row = tip.insertRow();
      const heading = document.createElement("th");
      heading.textContent = name;
      row.append(heading);
      row.insertCell().textContent = said;
    }
    // A projected figure lies above all of the page.
    (event.target.closest("dialog") ?? document.body).append(tip);
    const [gap, edge] = [10, 4];
    const { clientWidth, clientHeight } = document.documentElement;
    const { width, height } = tip.getBoundingClientRect();
    const below = event.clientY + gap;
    const top = below + height > clientHeight ? event.clientY - gap - height : below;
    tip.style.left = `${Math.max(edge, Math.min(event.clientX + gap, clientWidth - width - edge))}px`;
    tip.style.top = `${Math.max(edge, top)}px`;
  }
  window.addEventListener("pointerdown", hideTip);
  window.addEventListener("scroll", hideTip, { passive: true });
  window.addEventListener("keydown", ({ key }) => key === "Escape" && hideTip());

  // Vega listens to a pointer that moves, and a finger that taps does not move. It may also miss a small mark.
  const ring = [0, 1, 2, 3, 4, 5, 6, 7].map((eighth) => (eighth * Math.PI) / 4);
  const aims = [[0, 0], ...[7, 14].flatMap((far) => ring.map((turn) => [far * Math.cos(turn), far * Math.sin(turn)]))];
  function tap({ currentTarget: stage, clientX, clientY, pointerType }) {
    for (const [right, down] of aims) {
      const at = { clientX: clientX + right, clientY: clientY + down, bubbles: true };
      const mark = document.elementFromPoint(at.clientX, at.clientY);
      if (!mark || !stage.contains(mark)) continue;
      mark.dispatchEvent(new PointerEvent("pointermove", at));
      if (tip.isConnected) {
        tapped = pointerType !== "mouse";
        return;
      }
    }
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
      this.dialog.querySelector(".turn [role=status]").textContent = `${all.indexOf(figure) + 1} of ${all.length}`;
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
      // Chromium restores a form after "back" without an event, and only after the page has loaded.
      window.addEventListener("pageshow", () => this.followControls());
    }

    box(name) {
      return this.fieldset.querySelector(`[data-control="${name}"]`);
    }

    bindControls() {
      if (!this.fieldset) return;
      this.fieldset.disabled = false;
      // A browser may restore a form after "back": the controls, not the defaults, are right.
      this.readControls();
      this.fieldset.addEventListener("input", () => {
        this.readControls();
        this.update();
      });
      this.fieldset.querySelectorAll("input[type=range]").forEach((slider) => this.keepFromScrolling(slider));
    }

    // A finger that scrolls the page may begin on a slider, which has then moved already.
    keepFromScrolling(slider) {
      let value;
      slider.addEventListener("pointerdown", () => (value = slider.value), { capture: true });
      slider.addEventListener("touchstart", () => (value ??= slider.value), { passive: true });
      slider.addEventListener("pointercancel", () => {
        slider.value = value;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }

    // Draws what the controls say, unless the picture shows it already.
    followControls() {
      if (!this.fieldset) return;
      this.readControls();
      if (this.view || !this.isAtFirst()) this.update();
    }

    isAtFirst() {
      return [...this.fieldset.querySelectorAll("option, input")].every((field) => {
        if (field.matches("option")) return field.selected === field.defaultSelected;
        if (field.matches("[type=radio], [type=checkbox]")) return field.checked === field.defaultChecked;
        return field.valueAsNumber === Number(field.defaultValue); // a slider writes "2.0" as "2"
      });
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
        button.addEventListener("click", () => this.try(() => this.save(button.dataset.save)));
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
      const [id, query] = location.hash.slice(1).split("?");
      if (id !== this.element.id || query === undefined || !this.fieldset) return;
      const wanted = new URLSearchParams(query);
      for (const control of this.data.controls) {
        if (!wanted.has(control.name)) continue;
        const all = wanted.getAll(control.name).filter((value) => value !== "" || control.kind !== "several");
        const value = control.kind === "several" ? all : all[0];
        if (accepts(control, value)) kinds[control.kind].write(this.box(control.name), control, value);
      }
      this.readControls();
      this.update();
    }

    specification() {
      const spec = structuredClone(this.data.spec);
      delete spec.title; // the caption has it
      for (const param of spec.params ?? []) {
        if (param.name in this.state) param.value = this.state[param.name];
      }
      if (this.data.says) spec.params.push({ name: "_says", expr: this.data.says });
      return spec;
    }

    async paint() {
      const stage = document.createElement("div");
      stage.className = "picture live";
      const view = await embed(stage, this.specification(), this.width());
      stage.addEventListener("click", tap);
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
      this.painting ??= this.paint().catch((error) => {
        this.painting = undefined; // so that the next wish is a new attempt
        throw error;
      });
      return this.painting;
    }

    update() {
      if (this.view) this.show();
      else this.try(() => this.near().then(() => this.show()), " The picture still shows the first setting.");
    }

    // Does what a reader has asked for: shows that it takes time, and tells what fails, with a way to try again.
    async try(action, left = "") {
      this.element.setAttribute("aria-busy", "true");
      try {
        await action();
        this.fault?.remove();
      } catch (error) {
        console.error(error);
        const told = error instanceof ReaderError ? error.message : "The chart could not be drawn.";
        this.complain(`${told}${left} `, () => this.try(action, left));
      } finally {
        this.element.removeAttribute("aria-busy");
      }
    }

    complain(message, again) {
      this.fault?.remove();
      this.fault = document.createElement("p");
      this.fault.className = "fault";
      this.fault.setAttribute("role", "alert");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Try again";
      button.addEventListener("click", again);
      this.fault.append(message, button);
      this.chart.after(this.fault);
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

    // The whole figure as a file: wide in any window, and dark on white, with what the page says about it.
    async save(kind) {
      await loadScript("saved-picture.js");
      const view = await embed(document.createElement("div"), this.specification(), this.data.widths[0]);
      const text = (place) => this.element.querySelector(place)?.textContent.trim() ?? "";
      const words = {
        title: text("figcaption strong"),
        subtitle: text(".subtitle"),
        notes: [this.fieldset ? view.signal("_says") : "", text(".source")],
        state: this.link(),
      };
      const address = await window.savedPicture(await view.toSVG(), words, kind);
      view.finalize();
      if (!address) throw new ReaderError("This browser hides from a page what it has drawn: save the figure as SVG.");
      const anchor = document.createElement("a");
      anchor.href = address;
      anchor.download = `${this.element.id}.${kind}`;
      anchor.click();
    }
  }

  // One figure that fails leaves the others alive; its own picture stays, with controls that cannot be moved.
  function bind(element) {
    try {
      return [new Figure(element)];
    } catch (error) {
      console.error(error);
      const fieldset = element.querySelector(".controls");
      if (fieldset) fieldset.disabled = true;
      return [];
    }
  }

  function start() {
    const figures = [...document.querySelectorAll("figure.book-figure")].flatMap(bind);
    const watcher = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((one) => one.isIntersecting)) {
          watcher.unobserve(entry.target);
          // The painted picture is right until a reader asks for another, which tries again and tells what fails.
          figures.find((figure) => figure.element === entry.target).near().catch(console.error);
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
