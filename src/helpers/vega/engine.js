// Runs Vega next to Pyodide, in a worker that has no document. It returns results and not promises, for which Python would have to wait.
(...libraries) => {
  // While it loads, Vega looks for a canvas on which it can measure text; a worker has one under another name.
  const borrowed = globalThis.document === undefined && globalThis.OffscreenCanvas !== undefined;
  if (borrowed) globalThis.document = { createElement: () => new OffscreenCanvas(1, 1) };
  libraries.forEach((library) => (0, eval)(library));
  if (borrowed) delete globalThis.document;
  const { vega, vegaLite } = globalThis;

  const run = (text) => {
    const { spec } = vegaLite.compile(JSON.parse(text), { logger: vega.logger(vega.Error) });
    return new vega.View(vega.parse(spec), { renderer: "none", logLevel: vega.Error }).run();
  };
  const paint = (view) => {
    const painter = new vega.SVGStringRenderer();
    painter.initialize(null, view._viewWidth, view._viewHeight, view._origin);
    return painter.render(view.scenegraph().root).svg();
  };
  return { scenegraph: (text) => run(text).scenegraph().toJSON(), svg: (text) => paint(run(text)) };
};
