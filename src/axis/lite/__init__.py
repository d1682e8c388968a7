"""Make the site that runs the book's notebooks inside a browser: JupyterLite with Python on WebAssembly.

``python -m axis.lite`` writes it. `fetch` brings what npm and PyPI have, pinned; `wheel` packs this
package with its tables; `lock` tells Pyodide where each package lies; `contents` writes the notebooks;
`site` puts all together. A reader's browser gets everything from the site itself, but for packages with
compiled parts, such as NumPy and pandas: these lie on Pyodide's own host alone.
"""
