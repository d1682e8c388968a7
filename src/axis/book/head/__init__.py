"""What machines read of a page: its description, preview, citation and linked data, and where all pages are."""
