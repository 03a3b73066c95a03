"""What messages say about orders, and the orders, lines and refunds they make together."""

from regulars.collect.orders.domain.facts import EVENTS, OrderFact, OrderKind, Product, is_order_event, read
from regulars.collect.orders.domain.folding import FROM_EVENTS, Folded, Imported, fold
from regulars.collect.orders.domain.rates import CurrencyRate, Rates

__all__ = [
    "EVENTS",
    "FROM_EVENTS",
    "CurrencyRate",
    "Folded",
    "Imported",
    "OrderFact",
    "OrderKind",
    "Product",
    "Rates",
    "fold",
    "is_order_event",
    "read",
]
