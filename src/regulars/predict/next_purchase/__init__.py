"""Next purchase: when should each customer's next order come, who is late, and what is that worth?

Hears: Profiles Refreshed. Tells: Next Orders Refreshed.
Owns: the warehouse table next_orders (derived; rebuilt after the profiles).
"""

from regulars.predict.next_purchase.domain import ActionRow, ActOnAnswer, ActOnRow, ShopRhythm, StatusRow
from regulars.predict.next_purchase.service import act_on, every_row, refresh, shop_rhythm

__all__ = ["ActOnAnswer", "ActOnRow", "ActionRow", "ShopRhythm", "StatusRow", "act_on", "every_row", "refresh", "shop_rhythm"]
