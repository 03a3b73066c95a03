"""What messages say about orders, and the orders, lines and refunds they make together."""

from regulars.collect.orders.domain.facts import EVENTS, OrderFact, OrderKind, Product, is_order_event, read
from regulars.collect.orders.domain.folding import FROM_EVENTS, Folded, Imported, fold

__all__ = [
    "EVENTS",
    "FROM_EVENTS",
    "Folded",
    "Imported",
    "OrderFact",
    "OrderKind",
    "Product",
    "fold",
    "is_order_event",
    "read",
]
