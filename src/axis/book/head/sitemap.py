"""List the book's pages for search engines, if the book's address is known.

sphinx-sitemap was tried. It warns if no address is known, which fails the build of this book, and it lists the
search page. What it does beyond that is shorter than its settings.
"""

from pathlib import Path

from sphinx.application import Sphinx

from helpers.templates import render


def setup(app: Sphinx) -> None:
    """Register the writing of the site map."""
    app.connect("build-finished", _write_sitemap)


def _write_sitemap(app: Sphinx, exception: Exception | None) -> None:
    """Write ``sitemap.xml`` and ``robots.txt``, or remove those of a build that knew the address."""
    if exception or app.builder.format != "html":
        return
    base, folder = app.config.html_baseurl, Path(app.outdir)
    pages = [base + app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)]
    texts = {
        "sitemap.xml": render("axis.book", "sitemap.xml", pages=pages),
        "robots.txt": f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n",
    }
    for name, text in texts.items():
        if base:
            (folder / name).write_text(text, encoding="utf-8")
        else:
            (folder / name).unlink(missing_ok=True)
