"""Scripts and styles of the pages: our own (`assets`), and what is left of the stock theme (`trim`, `bundle`)."""
