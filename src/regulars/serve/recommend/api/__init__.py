"""The room over HTTP: lists and why they are so, rules and their previews, how placements do, and what they try."""

from regulars.serve.recommend.api import lists, performance, rules  # noqa: F401 (their routes join)
from regulars.serve.recommend.api.routes import api

__all__ = ["api"]
