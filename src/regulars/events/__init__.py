"""The published language: what rooms tell each other, one frozen class per kind of event.

Events are named as the Segment e-commerce spec names them, `Object Action`. `catalogue()` lists them all;
`read` brings a stored event back, whatever version it was written in.
"""

from __future__ import annotations

from regulars.events.anomalies import AnomalyFound
from regulars.events.base import Event, catalogue, read
from regulars.events.churn import ChurnScored, ChurnWarned
from regulars.events.consents import ConsentChanged
from regulars.events.flash_sales import (
    FlashSaleArranged,
    FlashSalePurchased,
    FlashSaleRefundDue,
    FlashSaleRefunded,
    FlashSaleReleased,
    FlashSaleReserved,
)
from regulars.events.group_buys import (
    GroupBuyArranged,
    GroupBuyFailed,
    GroupBuyJoined,
    GroupBuyLapsed,
    GroupBuyLeaderChanged,
    GroupBuyOpened,
    GroupBuyPaid,
    GroupBuyRefundDue,
    GroupBuyRefunded,
    GroupBuySucceeded,
)
from regulars.events.loads import (
    CompetitionLoaded,
    CostsLoaded,
    CustomersLoaded,
    LoadUndone,
    OrdersLoaded,
    ProductsLoaded,
    ReviewsLoaded,
)
from regulars.events.loyalty import (
    PointsAccrued,
    PointsExpired,
    PointsReturned,
    PointsSpent,
    PointsTakenBack,
    RewardClaimed,
    RewardReturned,
    TierChanged,
)
from regulars.events.orders import OrdersReceived
from regulars.events.promotions import (
    CouponIssued,
    CouponRedeemed,
    CouponReturned,
    CouponsMade,
    PromotionApplied,
    PromotionChanged,
)
from regulars.events.referrals import (
    ReferralClaimed,
    ReferralDecided,
    ReferralOrdered,
    ReferralProgrammeArranged,
    ReferralRewardDue,
    ReferralRewardGranted,
)
from regulars.events.segments import SegmentEntered, SegmentLeft
from regulars.events.shops import (
    CustomerErased,
    CustomersMerged,
    NextOrdersRefreshed,
    ProfilesRefreshed,
    ShopChanged,
    ValuesRefreshed,
)

__all__ = [
    "AnomalyFound",
    "ChurnScored",
    "ChurnWarned",
    "CompetitionLoaded",
    "ConsentChanged",
    "CostsLoaded",
    "CouponIssued",
    "CouponRedeemed",
    "CouponReturned",
    "CouponsMade",
    "CustomerErased",
    "CustomersLoaded",
    "CustomersMerged",
    "Event",
    "FlashSaleArranged",
    "FlashSalePurchased",
    "FlashSaleRefundDue",
    "FlashSaleRefunded",
    "FlashSaleReleased",
    "FlashSaleReserved",
    "GroupBuyArranged",
    "GroupBuyFailed",
    "GroupBuyJoined",
    "GroupBuyLapsed",
    "GroupBuyLeaderChanged",
    "GroupBuyOpened",
    "GroupBuyPaid",
    "GroupBuyRefundDue",
    "GroupBuyRefunded",
    "GroupBuySucceeded",
    "LoadUndone",
    "NextOrdersRefreshed",
    "OrdersLoaded",
    "OrdersReceived",
    "PointsAccrued",
    "PointsExpired",
    "PointsReturned",
    "PointsSpent",
    "PointsTakenBack",
    "ProductsLoaded",
    "ProfilesRefreshed",
    "PromotionApplied",
    "PromotionChanged",
    "ReferralClaimed",
    "ReferralDecided",
    "ReferralOrdered",
    "ReferralProgrammeArranged",
    "ReferralRewardDue",
    "ReferralRewardGranted",
    "ReviewsLoaded",
    "RewardClaimed",
    "RewardReturned",
    "SegmentEntered",
    "SegmentLeft",
    "ShopChanged",
    "TierChanged",
    "ValuesRefreshed",
    "catalogue",
    "read",
]
