"""Understand: what is the store like? Metrics, retention, RFM, lifecycle and profiles, counted from orders."""
