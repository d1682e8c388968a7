"""The built book in other forms: one PDF, an EPUB, and a folder to take along.

All start from the pages in ``_build/html``, so that one build serves every form. `book` reads the
pages, `still` turns what moves into what can be printed, `links` leads each link to its place in
the new form; `pdf` (with `browser`), `epub` and `offline` write the files, the last two through
`archive`. Imports run in that order. ``python -m helpers.publish`` is the command.
"""
