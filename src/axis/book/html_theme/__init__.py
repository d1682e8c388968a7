"""Scripts and styles of the pages.

`assets` brings our own to the pages that need them, `theme_cleanup` removes what the stock theme loads in vain,
and `shared_files` joins what every page needs.
"""
