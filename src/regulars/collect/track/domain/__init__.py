"""Nouns and rules of collecting events, free of any store."""
