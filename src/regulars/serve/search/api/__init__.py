"""The room over HTTP: searching, what operators want and see of searches, and the relevance lab."""

from regulars.serve.search.api import asking, judging, ruling  # noqa: F401 (their routes join)
from regulars.serve.search.api.routes import api

__all__ = ["api"]
