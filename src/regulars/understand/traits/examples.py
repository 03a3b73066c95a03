"""What the documentation shows of traits and tags."""

from __future__ import annotations

from datetime import UTC, datetime

from regulars.understand.traits.domain import (
    Alike,
    AlikeAnswer,
    Bin,
    BulkTagged,
    CustomerTraits,
    Distribution,
    Preference,
    Shared,
    Tag,
    Tagged,
    TraitOverview,
    Traits,
    TraitValue,
)

AT = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
ONE = TraitOverview(
    name="return_rate", family="service", unit="share", label="Return rate", formula="Refunded / (GMV - cancelled)",
    window="whole history", sources=("orders", "refunds"), customers=4_338, share=1.0, low=0.0, median=0.0, high=0.0108, reason=None,
)  # fmt: skip
TRAITS = Traits(computed_at=AT, as_of=AT, currency="CNY", customers=4_338, traits=[ONE])
DISTRIBUTION = Distribution(trait=ONE, bins=[Bin(key=None, start=0.0, end=0.05, customers=3_921, share=0.9039)], others=0)
VALUE = TraitValue(
    name="return_rate", family="service", unit="share", label="Return rate", formula="Refunded / (GMV - cancelled)", number=0.12,
    text=None, shop_median=0.0, percentile=0.953, reason=None,
)  # fmt: skip
CUSTOMER = CustomerTraits(
    customer_id="17850",
    computed_at=AT,
    currency="CNY",
    traits=[VALUE],
    preferences=[Preference(kind="category", value="Oolong", share=0.62, shop_share=0.21, lift=2.95)],
    tags=[Tagged(tag_id="tag_01m7zsbyk3", name="vip", by_rule=True)],
    segments=["segment_01m7zsbyk3"],
)
ALIKE = AlikeAnswer(
    customer_id="17850",
    among=4_337,
    currency="CNY",
    alike=[
        Alike(
            customer_id="13047",
            likeness=0.9642,
            compared=12,
            because=[Shared(name="return_rate", label="Return rate", unit="share", mine=0.12, theirs=0.11)],
        )
    ],
    reason=None,
)
TAG = Tag(
    tag_id="tag_01m7zsbyk3",
    name="vip",
    description="Called before the sale",
    where=[{"on": "customer", "key": "lifetime_value", "op": "gte", "value": 5000}],
    segment=None,
    where_tree=None,
    customers=212,
    made_by="operator_01m7zsbyk3",
    made_at=AT,
    changed_at=AT,
)
TAGGED = BulkTagged(tag_id="tag_01m7zsbyk3", added=2, removed=0, unknown=["999999"])
