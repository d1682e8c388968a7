"""The front matter of the small chapters that tests write."""


def front_matter(more: str = "") -> str:
    """Return the front matter of a chapter that is a notebook in text form, with more lines of YAML if given."""
    return f"""\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
{more}kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""
