"""The built book in other forms: one PDF, an EPUB, and an archive to take along.

All start from the pages in ``_build/html``, so that one build serves every form. `book` reads the
pages, `still` turns what moves into what can be printed (`answers` parts the questions' answers),
`links` leads each link to its place in the new form, `markup` makes and finds elements. `pdf`, with
`browser`, and `epub` and `offline`, with `archive`, write the files. The command is
``python -m axis.editions``.
"""
