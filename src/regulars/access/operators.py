"""Operators: the people of this installation, how they join by a one-time link, and how roles change and end."""

from __future__ import annotations
