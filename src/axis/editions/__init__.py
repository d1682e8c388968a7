"""The built book in other forms: one PDF, an EPUB, and an archive to take along.

All start from the pages in ``_build/html``, so that one build serves every form. `built_book` reads the pages.
`static_page` turns what moves into what can be printed, and `answer_section` moves the answers of questions to
the end of a chapter. `edition_links` leads each link to its place in the new form, and `markup` makes and finds
elements. `pdf` with `print_browser` and `page_fill`, `epub` with `cover`, and `offline` write the files. The command
is ``python -m axis.editions``.
"""
