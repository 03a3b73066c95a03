"""The room over HTTP: segments, their members, and how they compare."""

from regulars.understand.segments.api import comparing, kept, people, sending  # noqa: F401 (their routes join)
from regulars.understand.segments.api.routes import api

__all__ = ["api"]
