"""The catalogue that arrives as events: what is each product today, as platforms, databases and programs tell it?

Question: what are a product's name, category, price, stock and state, whatever order the messages came in?
Hears: nothing; the loader of events calls `project_events`.
Tells: nothing; whoever follows the catalogue keeps `marks` and asks `state` whether to look again.
Owns: product_details (warehouse); writes products (warehouse) of products that messages told of.
"""

from __future__ import annotations

from regulars.collect.catalog.domain import EVENTS, said
from regulars.collect.catalog.reading import HIDDEN, TABLES_READ, Product, Variant, marks, products, state
from regulars.collect.catalog.service import project_events, rebuild

__all__ = [
    "EVENTS",
    "HIDDEN",
    "TABLES_READ",
    "Product",
    "Variant",
    "marks",
    "products",
    "project_events",
    "rebuild",
    "said",
    "state",
]
