"""Nouns and rules of segments: condition trees, what they may ask about, and the ready-made ones."""
