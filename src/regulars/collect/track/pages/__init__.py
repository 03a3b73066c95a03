"""The Events screens: live, sources with their install page, the tracking plan, quarantine; and what a customer or visitor did."""

from regulars.collect.track.pages import live, one_source, people, plan, quarantined, sources

__all__ = ["live", "one_source", "people", "plan", "quarantined", "sources"]
