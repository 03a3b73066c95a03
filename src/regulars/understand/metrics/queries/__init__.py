"""Ibis expressions of the metrics room, one file per idea; nothing is executed here."""
