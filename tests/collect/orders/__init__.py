"""Tests of orders that arrive as events."""
