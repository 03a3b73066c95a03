"""Attribution: which channels, sources and campaigns brought the orders?

Question      how is the revenue of each order shared among the touches before it, under each of the usual models?
Events heard  none
Events told   none
Tables owned  none; reads `events`, `sessions`, `orders`, `customers` and `segment_members`
"""

from regulars.understand.attribution.domain import MODELS, NOT_SET, AttributionQuery, Model
from regulars.understand.attribution.queries import credited, unmet
from regulars.understand.attribution.service import REPORT as ATTRIBUTION
from regulars.understand.attribution.service import attribution

REPORTS = (ATTRIBUTION,)

__all__ = ["ATTRIBUTION", "MODELS", "NOT_SET", "REPORTS", "AttributionQuery", "Model", "attribution", "credited", "unmet"]
