"""Marketing: what do channels, campaigns and promotions cost, and what do they bring?

Question      what was spent where, how many saw it, came, ordered, and is it more than it cost?
Events heard  none
Events told   none
Tables owned  none; reads `ad_costs`, `sessions`, `orders`, `order_lines`, `products` and `events`
"""

from regulars.understand.marketing.service import REPORT as CAMPAIGNS

REPORTS = (CAMPAIGNS,)

__all__ = ["CAMPAIGNS", "REPORTS"]
