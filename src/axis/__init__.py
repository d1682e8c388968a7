"""The tools behind the command `axis` and behind make. No chapter and no exercise imports this package.

``exercises`` reads the instructor's notebooks and makes what students get. ``grading`` marks what they
hand in, in the ``kernels`` that it confines. ``page_answers`` reads what they answered in the pages, whose
questions ``quizzes`` holds and writes for class platforms. ``notebooks`` turns chapters into notebooks,
``portable`` lets notebooks run where the book is not installed, ``book`` is the Sphinx extension that builds
the pages, ``editions`` writes them as a PDF, an EPUB and an offline archive, and ``lite`` runs the notebooks
in a browser. `book_identity` knows what the book is called, and `errors`
holds what a user of these tools can put right.
"""
