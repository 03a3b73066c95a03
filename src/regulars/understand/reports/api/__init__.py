"""The room over HTTP: asking, and what is kept."""

from regulars.understand.reports.api import asking, goals, kept, runs, schedules  # noqa: F401 (their routes join)
from regulars.understand.reports.api.routes import api

__all__ = ["api"]
