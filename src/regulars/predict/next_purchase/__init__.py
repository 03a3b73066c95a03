"""Next purchase: when should each customer's next order come, who is late, what is that worth, and what is bought again when?

Hears: Profiles Refreshed. Tells: Next Orders Refreshed.
Owns: the warehouse tables next_orders and next_products (derived; rebuilt after the profiles).
"""

from regulars.predict.next_purchase.domain import (
    ActionRow,
    ActOnAnswer,
    ActOnRow,
    HitRate,
    NextProductRow,
    NextProductsAnswer,
    ShopRhythm,
    StatusRow,
)
from regulars.predict.next_purchase.export import next_products_csv
from regulars.predict.next_purchase.replenishment import every_next_product, judge_next_products, next_products, next_products_of
from regulars.predict.next_purchase.service import act_on, every_row, refresh, shop_rhythm

__all__ = [
    "ActOnAnswer",
    "ActOnRow",
    "ActionRow",
    "HitRate",
    "NextProductRow",
    "NextProductsAnswer",
    "ShopRhythm",
    "StatusRow",
    "act_on",
    "every_next_product",
    "every_row",
    "judge_next_products",
    "next_products",
    "next_products_csv",
    "next_products_of",
    "refresh",
    "shop_rhythm",
]
