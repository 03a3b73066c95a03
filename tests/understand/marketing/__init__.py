"""The marketing room."""
