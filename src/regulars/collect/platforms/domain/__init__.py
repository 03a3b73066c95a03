"""Nouns and rules of platforms: payloads and rows in, canonical messages out, free of any store."""
