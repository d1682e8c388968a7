"""Where each number in the prose comes from. Nothing here knows Sphinx: the book, the notebooks and a test use it.

`number_roles` says what the four roles print and what is wrong with one, `masked_prose` finds the prose of a page,
`number_rules` sorts its numbers, `known_numbers` looks up those in the words of charts, exercises and findings, and
``python -m axis.numbers`` counts all and names those without an origin.
"""
