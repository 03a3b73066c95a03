"""Segments as Ibis expressions: facts of all conditions in one pass, one row per customer, trees over it, and flows."""
