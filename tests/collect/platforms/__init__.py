"""Tests of the room `collect.platforms`."""
