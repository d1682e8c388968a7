"""The Sphinx extension of the book.

``directives`` are what chapters can ask for, ``entrance`` is what the first page does, ``head`` is what search
engines and previews read of a page, ``search`` finds words and numbers, ``embedding`` lets figures travel, and
``html_theme`` brings scripts and styles. `settings` are the book's own in ``_config.yml``. `execution_cache` keeps
executed chapters until their code, the data or `helpers` change, and `build_rules` fails a build that readers should
not get. `site_address` knows where the book is published, and `citation` how to cite it. `code_folds` gives the code
of each figure one fold. `downloads`, `lite_link` and `page_tools` put the links to notebooks on a page.
`reference_style` prints the bibliography. `published_findings` writes the findings for machines, and
`published_questions` the questions for class platforms. `reader_tasks` counts what a reader can answer. `link_check` is
no part of the build: ``make links`` runs it.
"""

import os
from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the book's own parts to Sphinx."""
    # Imported here, since these import Altair and pandas, for which `link_check` should not wait.
    from axis.book import (
        build_rules,
        code_folds,
        downloads,
        execution_cache,
        lite_link,
        page_tools,
        published_findings,
        published_questions,
        reader_tasks,
        reference_style,
        settings,
        site_address,
    )
    from axis.book.directives import (
        audit_pages,
        chapter_frame,
        data_dictionary,
        forecast_sheet,
        listing,
        my_work,
        number_marks,
        questions,
    )
    from axis.book.embedding import edition_line, figure_pages
    from axis.book.entrance import first_page
    from axis.book.head import host_files, metadata, root_redirect, sitemap
    from axis.book.html_theme import assets, shared_files, theme_cleanup
    from axis.book.search import search_files

    # Kernels inherit this variable. A built page has no kernel, so its figures need no widget.
    os.environ["HELPERS_OUTPUT"] = "page"
    theme = (assets, shared_files, lite_link, theme_cleanup)
    content = (edition_line, page_tools, code_folds, reader_tasks, chapter_frame, questions, my_work, number_marks)
    lists = (forecast_sheet, downloads, listing, first_page, data_dictionary, audit_pages)
    published = (published_findings, published_questions)
    head = (metadata, sitemap, root_redirect, host_files)
    whole = (search_files, figure_pages)
    for part in (
        settings,
        *theme,
        execution_cache,
        site_address,
        *content,
        *lists,
        *published,
        reference_style,
        *head,
        *whole,
        build_rules,
    ):
        part.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
