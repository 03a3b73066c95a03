"""Points, tiers and rewards as plain values and functions, without any store."""
