"""Chapters as notebooks. Nothing here knows Sphinx: Binder, the site in the browser and the book all use it.

`chapter_facts` reads what a chapter states in its front matter, `plain_markdown` translates its text, and
`chapter_notebook` writes the notebooks.
"""
