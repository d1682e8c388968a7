"""What machines read about the book: in the head of each page, and in files for them.

`metadata` writes the head. It takes the description from `page_description`, the picture of a shared link from
`preview`, and the chapter as search engines want it from `linked_data`. `sitemap` lists all pages, and
`root_redirect` leads from the first address of the site to the first page.
"""
