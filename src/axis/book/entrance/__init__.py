"""The first page of the book: the comparison that opens it, the argument with its tally, and a card for each chapter.

`opening_figure` draws the comparison, `chapter_pictures` paints the first chart of each chapter in small, and
`directives` are what the page asks for.
"""
