"""Ibis expressions of traits: what customers buy, at what prices, when and where, and who they say they are."""
