"""Figures that travel: each has a page of its own for a frame elsewhere, and its numbers as a file with metadata.

`figure_pages` writes them beside the chapters. `figure_data` reads the numbers from a figure and describes them.
`edition_line` says at the foot of every page which edition it is, and tells the scripts how to cite it.
"""
