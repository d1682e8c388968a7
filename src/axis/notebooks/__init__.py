"""Chapters as notebooks. Nothing here knows Sphinx: Binder, the site in the browser and the book all use it."""
