"""Ibis expressions of the features: one table per source, one row per customer. Tables in, tables out."""
