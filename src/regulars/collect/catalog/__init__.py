"""The catalogue that arrives as events: what is each product today, as platforms, databases and programs tell it?

Question: what are a product's name, category, price, stock and state, whatever order the messages came in?
Hears: nothing; the loader of events calls `project_events`.
Tells: nothing; whoever keeps a picture of the products has `begun` it and asks what is `changed`.
Owns: product_details (warehouse); writes products (warehouse) of products that messages told of.
"""

from __future__ import annotations

from regulars.collect.catalog.domain import EVENTS
from regulars.collect.catalog.following import Picture, begun, changed
from regulars.collect.catalog.reading import HIDDEN, Look, Product, Variant, after, count, products
from regulars.collect.catalog.service import project_events, rebuild

__all__ = [
    "EVENTS",
    "HIDDEN",
    "Look",
    "Picture",
    "Product",
    "Variant",
    "after",
    "begun",
    "changed",
    "count",
    "products",
    "project_events",
    "rebuild",
]
