"""The room's screens: the overview, one metric over time, and what every number means."""

from regulars.understand.metrics.pages import definitions, one, overview

__all__ = ["definitions", "one", "overview"]
