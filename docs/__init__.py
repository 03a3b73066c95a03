"""The documentation: pages by hand, and `generate`, which writes the reference pages from the code."""
