"""The desk of imports, for orders that come from files and from messages."""

from tests.collect.imports.conftest import caller, desk

__all__ = ["caller", "desk"]
