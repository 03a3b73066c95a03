"""Tests of points, tiers and rewards."""
