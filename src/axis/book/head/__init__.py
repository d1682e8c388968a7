"""What machines read about a page: its description, preview, citation and linked data, and the list of all pages."""
