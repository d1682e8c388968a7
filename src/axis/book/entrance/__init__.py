"""The first page of the book: the comparison that opens it, the argument with its tally, and a card for each chapter.

`opening_figure` draws the comparison, `chapter_pictures` paints the first chart of each chapter in small, and
`first_page` has the directives that the page asks for.
"""
