"""Exercises as their author wrote them (`source`), as students get them (`release`), and what comes along (`handout`).

Marking, the book and the site in the browser all stand on this package, and it stands on none of them.
"""
