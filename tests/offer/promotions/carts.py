"""Random carts and offers for the laws of pricing, as plain definitions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from regulars.offer.promotions.domain.carts import Buyer, Cart, CartLine, PointsAsked, Store
from regulars.offer.promotions.domain.offers import Offer
from regulars.offer.promotions.domain.reading import offer_of

STORE = Store(timezone="Asia/Shanghai", now=datetime(2026, 6, 18, 4, tzinfo=UTC))
BUYER = Buyer(id="u1", segments=frozenset({"vip"}), tier="gold")
_SELLERS, _CATEGORIES = ("s1", "s2", "s3"), ("tea", "tea > green", "cups")


@st.composite
def carts(draw: st.DrawFn, most_lines: int = 6) -> Cart:
    """A cart of a few lines, with prices where cents matter."""
    lines = [
        CartLine(
            id=f"l{i}",
            sku=draw(st.sampled_from("ABCD")),
            category=draw(st.sampled_from(_CATEGORIES)),
            seller=draw(st.sampled_from(_SELLERS)),
            unit_price=draw(st.one_of(st.integers(0, 30), st.integers(0, 30_000))),
            qty=draw(st.integers(1, 7)),
            discountable=draw(st.integers(0, 9)) > 0,
        )
        for i in range(draw(st.integers(1, most_lines)))
    ]
    return Cart(currency="CNY", lines=tuple(lines), shipping=draw(st.sampled_from((0, 1, 1200))))


@st.composite
def _group_effects(draw: st.DrawFn) -> dict[str, Any]:
    threshold, minor = draw(st.integers(0, 40_000)), draw(st.integers(0, 9_000))
    match draw(st.sampled_from(("amount", "percent", "tiers", "every", "cheapest_free", "n_for_price"))):
        case "amount":
            return {"kind": "amount", "minor": minor, "min_amount": threshold, "min_qty": draw(st.integers(0, 5))}
        case "percent":
            cap = draw(st.one_of(st.none(), st.integers(0, 5_000)))
            return {"kind": "percent", "bps": draw(st.integers(0, 10_000)), "min_amount": threshold, "cap": cap}
        case "tiers":
            return {
                "kind": "tiers",
                "tiers": [
                    {"min_amount": threshold, "minor": minor},
                    {"min_amount": threshold * 2, "bps": draw(st.integers(0, 5_000))},
                ],
            }
        case "every":
            return {
                "kind": "every",
                "min_amount": threshold + 1,
                "minor": minor,
                "max_times": draw(st.one_of(st.none(), st.integers(0, 4))),
            }
        case "cheapest_free":
            return {"kind": "cheapest_free", "n": draw(st.integers(1, 5))}
        case _:
            return {"kind": "n_for_price", "n": draw(st.integers(1, 4)), "minor": minor}


@st.composite
def _item_effects(draw: st.DrawFn) -> dict[str, Any]:
    units = draw(st.one_of(st.none(), st.integers(0, 4)))
    match draw(st.sampled_from(("percent", "amount_per_unit", "fixed_price", "nth_unit"))):
        case "percent":
            return {"kind": "percent", "bps": draw(st.integers(0, 10_000)), "max_units": units}
        case "nth_unit":
            return {"kind": "nth_unit", "n": draw(st.integers(1, 4)), "bps": draw(st.integers(0, 10_000))}
        case kind:
            return {"kind": kind, "minor": draw(st.integers(0, 9_000)), "max_units": units}


@st.composite
def _shipping_effects(draw: st.DrawFn) -> dict[str, Any]:
    rest = {"min_amount": draw(st.integers(0, 40_000))}
    return draw(
        st.sampled_from(
            ({"kind": "free", **rest}, {"kind": "amount", "minor": 500, **rest}, {"kind": "percent", "bps": 5000, **rest})
        )
    )


@st.composite
def _scopes(draw: st.DrawFn) -> dict[str, Any]:
    some = draw(st.sampled_from(({}, {"categories": ["tea"]}, {"skus": ["A", "B"]}, {"sellers": ["s1"]})))
    out = draw(st.sampled_from(({}, {}, {"exclude": {"skus": ["C"]}})))
    return {**some, **out}


@st.composite
def promotions(draw: st.DrawFn) -> list[Offer]:
    """A few promotions of every layer."""
    found = []
    for i in range(draw(st.integers(0, 6))):
        layer = draw(st.sampled_from(("item", "order", "order", "shipping")))
        effects = {"item": _item_effects(), "order": _group_effects(), "shipping": _shipping_effects()}[layer]
        found.append(_offer(draw, f"p{i}", layer, draw(effects)))
    return found


@st.composite
def wallets(draw: st.DrawFn) -> list[Offer]:
    """A few coupons, named so that none is a promotion's name."""
    found = []
    for i in range(draw(st.integers(0, 6))):
        layer = draw(st.sampled_from(("seller_coupon", "seller_coupon", "platform_coupon", "shipping")))
        effect = draw(_shipping_effects() if layer == "shipping" else _group_effects())
        seller = draw(st.sampled_from(_SELLERS)) if layer == "seller_coupon" else None
        found.append(_offer(draw, f"C{i}", layer, effect, code=f"C{i}", seller=seller))
    return found


def points() -> st.SearchStrategy[PointsAsked | None]:
    """Points that may pay a part."""
    asked = st.builds(
        PointsAsked,
        balance=st.integers(0, 50_000),
        redeem=st.integers(0, 50_000),
        step_points=st.sampled_from((1, 100, 3)),
        step_minor=st.sampled_from((1, 100)),
        max_bps=st.sampled_from((10_000, 5_000, 333)),
    )
    return st.one_of(st.none(), asked)


def _offer(draw: st.DrawFn, offer_id: str, layer: str, effect: dict[str, Any], **rest: Any) -> Offer:
    budget = draw(st.sampled_from((None, None, None, {"total": 700, "on_exceed": "cap"}, {"total": 700})))
    return offer_of(
        {
            "id": offer_id,
            "layer": layer,
            "effect": effect,
            "scope": draw(_scopes()),
            "priority": draw(st.integers(0, 2)),
            "exclusive_group": draw(st.sampled_from(("order", "member"))),
            "stackable": draw(st.integers(0, 5)) > 0,
            "locks_line": layer == "item" and draw(st.booleans()),
            "threshold_basis": draw(st.sampled_from(("current", "current", "after_item", "list"))),
            "budget": budget,
            **rest,
        }
    )
