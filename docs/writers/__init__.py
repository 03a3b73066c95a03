"""One file per group of reference pages; each function gives a page's text."""
