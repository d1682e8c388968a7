"""What lets a notebook run away from the book: `helpers_wheel` packs the package, `setup_cells` bring it along.

Chapters, exercises and the site in the browser all begin with these cells, and nothing here knows any of the three.
"""
