"""One made-up customer, as the documentation of the paths shows it."""

from __future__ import annotations

from datetime import UTC, datetime

from regulars.understand.profiles.domain import (
    Choice,
    CustomerAnswer,
    CustomerPage,
    CustomerRow,
    Favourite,
    FilterChoices,
    Rhythm,
    Timeline,
    TimelineEntry,
    TimelineLine,
)
from regulars.understand.profiles.next_order import NextOrder, Said
from regulars.understand.rfm import RfmExplanation, ScoreWords
from regulars.values.money import Money

AS_OF = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
_LAST = datetime(2026, 9, 14, 3, 12, tzinfo=UTC)

ROW = CustomerRow(
    customer_id="10293",
    orders=9,
    purchase_days=9,
    units=31.0,
    gmv=Money(124_800, "CNY"),
    refunds=Money(0, "CNY"),
    net=Money(124_800, "CNY"),
    aov=Money(13_867, "CNY"),
    first_order_at=datetime(2026, 4, 20, 11, 3, tzinfo=UTC),
    last_order_at=_LAST,
    days_since_last=47.0,
    gap_days_median=18.0,
    recency_score=3,
    frequency_score=5,
    monetary_score=4,
    segment="loyal",
    segment_name="Loyal customers",
    stage="active",
    stage_name="Active",
    region="Zhejiang",
    channel="app",
)
PAGE = CustomerPage(AS_OF, "CNY", 1, "net", True, [ROW], None)
CHOICES = FilterChoices(
    segments=[Choice("loyal", "Loyal customers", 688)],
    stages=[Choice("active", "Active", 2_785)],
    regions=[Choice("Zhejiang", "Zhejiang", 911)],
    channels=[Choice("app", "app", 3_204)],
    tags=[Choice("vip", "vip", 212)],
)
TIMELINE = Timeline(
    [
        TimelineEntry(
            kind="order",
            at=_LAST,
            id="2026-4471",
            status="placed",
            amount=Money(15_600, "CNY"),
            units=3.0,
            line_count=1,
            lines=[TimelineLine("P100", "Longjing 100 g", "product", 3.0, Money(15_600, "CNY"))],
        )
    ],
    None,
)
NEXT_ORDER = NextOrder(
    status="overdue",
    status_name="Overdue",
    expected_at=datetime(2026, 10, 3, 3, 12, tzinfo=UTC),
    late_after_at=datetime(2026, 10, 9, 3, 12, tzinfo=UTC),
    rhythm_days=19.0,
    rhythm_source="own",
    overdue_days=22.0,
    lateness=2.47,
    yearly_value=Money(141_000, "CNY"),
    value_at_stake=Money(124_000, "CNY"),
    reason=Said(
        "past_own_rhythm",
        "Usually ordered every 18 days (9 orders); now 47 days since the last one, 22 days past its latest usual day; "
        "¥1,240 a year at stake.",
    ),
    action=Said("remind_favourite", "Remind with their favourite, Longjing 100 g"),
)
CUSTOMER = CustomerAnswer(
    as_of=AS_OF,
    numbers=ROW,
    cancelled=Money(0, "CNY"),
    average_basket_units=3.44,
    city="Hangzhou",
    gender=None,
    birth_year=None,
    tier="gold",
    tags=["tea"],
    registered_at=None,
    stage_explanation="Last order within 110 days, first order more than 30 days ago.",
    rfm=RfmExplanation(
        "loyal",
        "Loyal customers",
        "Order often and are still around.",
        "Offer bundles and a higher tier; ask what else they would buy.",
        "general_keep",
        "General, keep",
        [ScoreWords("recency", "Recency", 3, 47, "days", "Last order 47 days ago: more recent than 51% of buyers")],
    ),
    rhythm=Rhythm(8, 18.0, 18.4, 3.0, "Usually every 18 days, half of the time within 3 days of it"),
    next_order=NEXT_ORDER,
    favourite_categories=[Favourite(None, "Tea", 9, 29.0, Money(118_000, "CNY"), 0.9455)],
    favourite_products=[Favourite("P100", "Longjing 100 g", 7, 21.0, Money(109_200, "CNY"), 0.875)],
    timeline=TIMELINE,
)
