"""Ibis expressions of the paths room, one file per idea; nothing is executed here."""
