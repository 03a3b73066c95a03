"""The Data screens: loads and their reports, loading a file with a look first, saved mappings, and bad rows to repair."""

from regulars.collect.imports.pages import listing, loading, one_load

__all__ = ["listing", "loading", "one_load"]
