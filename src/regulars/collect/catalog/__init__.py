"""The catalogue that arrives as events: what is each product today, as platforms, databases and programs tell it?

Question: what are a product's name, category, price, stock and state, whatever order the messages came in?
Hears: nothing; the loader of events calls `project_events`.
Tells: nothing.
Owns: nothing of its own; writes products (warehouse) of products that messages told of.
"""

from __future__ import annotations

from regulars.collect.catalog.domain import EVENTS, said
from regulars.collect.catalog.service import project_events, rebuild

__all__ = ["EVENTS", "project_events", "rebuild", "said"]
