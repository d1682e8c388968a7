"""Exercises as their author wrote them (`source`), as students get them (`release`), and the `handout` beside them.

Marking, the book and the site in the browser all import this package, and it imports none of them.
"""
