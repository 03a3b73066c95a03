"""The screens Segments: the list, the library, building one, one with its course and reasons, and several side by side."""

from regulars.understand.segments.pages import building, comparing, listing, one

__all__ = ["building", "comparing", "listing", "one"]
