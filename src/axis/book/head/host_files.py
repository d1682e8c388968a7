"""Write what static hosts look for beside the pages.

GitHub Pages leaves out folders that begin with an underscore, which hold all styles and scripts, unless it finds
``.nojekyll``. It and others answer a wrong address with ``404.html``, at whatever depth: the page can lead back only
if the build knows where the book is published.
"""

from pathlib import Path
from urllib.parse import urlsplit

from sphinx.application import Sphinx

from helpers.templates import render


def setup(app: Sphinx) -> None:
    """Register the writing of these files."""
    app.connect("build-finished", _write_host_files)


def _write_host_files(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    _write_if_changed(folder / ".nojekyll", "")
    missing = folder / "404.html"
    if not app.config.html_baseurl:
        missing.unlink(missing_ok=True)
        return
    base = urlsplit(app.config.html_baseurl).path
    values = {"language": app.config.language, "title": app.config.html_title, "base": base}
    first, search = (app.builder.get_target_uri(name) for name in (app.config.root_doc, "search"))
    page = render("axis.book", "missing-page.html", first=first, search=search, **values)
    _write_if_changed(missing, page)


def _write_if_changed(target: Path, text: str) -> None:
    """Write a file, unless it is there with this text: what is published again should be what has changed."""
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
