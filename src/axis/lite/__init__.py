"""Make the site that runs the book's notebooks inside a browser: JupyterLite with Python on WebAssembly.

``python -m axis.lite`` writes it. `pinned_packages` fetches what npm and PyPI have; `helpers_wheel` packs the
package `helpers` with its tables; `package_lock` tells Pyodide where each package lies; `site_contents` writes
the notebooks; `lite_site` puts everything together. A reader's browser gets everything from the site itself,
except packages with compiled parts, such as NumPy and pandas, which only Pyodide's own host has.
"""
