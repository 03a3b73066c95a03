"""Ibis expressions of the shopping room, one file per report; nothing is executed here."""
