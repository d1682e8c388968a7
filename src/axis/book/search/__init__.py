"""The search of the book: it finds words and numbers, and works in pages that are opened from a folder.

`page_sections` reads the text of a page in parts that have an address. `search_files` keeps the parts of every page,
and writes them as one script for the page of the search, where ``search-page.js`` asks MiniSearch for them.
"""
