"""Shopping: where do carts end, how do new customers come to their first order, and which products move together or rise?

Question      what happens between the first look and the order, and what is bought with what?
Events heard  none
Events told   none
Tables owned  none; reads `events`, `orders`, `order_lines`, `products`, `customers` and `segment_members`
"""

from regulars.understand.shopping.service.affinity import REPORT as AFFINITY
from regulars.understand.shopping.service.carts import REPORT as CART_ABANDONMENT
from regulars.understand.shopping.service.carts import abandonment
from regulars.understand.shopping.service.journey import REPORT as NEW_CUSTOMER_JOURNEY
from regulars.understand.shopping.service.movers import REPORT as HOT_PRODUCTS

REPORTS = (CART_ABANDONMENT, NEW_CUSTOMER_JOURNEY, AFFINITY, HOT_PRODUCTS)

__all__ = ["AFFINITY", "CART_ABANDONMENT", "HOT_PRODUCTS", "NEW_CUSTOMER_JOURNEY", "REPORTS", "abandonment"]
