"""Competition: how do own prices and shares stand against the market?

Question      what do competitors ask for our products, where are we dearer, and how much of the market is ours?
Events heard  none
Events told   none
Tables owned  none; reads `market_prices`, `products`, `product_snapshots` and `order_lines`
"""

from regulars.understand.competition.service import MARKET_PRICES, MARKET_SHARE, PRICE_CHANGES

REPORTS = (MARKET_PRICES, PRICE_CHANGES, MARKET_SHARE)

__all__ = ["MARKET_PRICES", "MARKET_SHARE", "PRICE_CHANGES", "REPORTS"]
