"""Laws of pricing, over random carts and offers. REGULARS_PROPERTY_EXAMPLES says how many; some hundreds where it does not."""

from __future__ import annotations

import itertools
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.offer.promotions.domain.carts import Cart, PointsAsked
from regulars.offer.promotions.domain.exact import allocate, percent
from regulars.offer.promotions.domain.offers import Offer
from regulars.offer.promotions.domain.quoting import POINTS, Priced, price_cart
from regulars.offer.promotions.domain.refunds import Refunding, Returned
from tests.offer.promotions.carts import BUYER, STORE, carts, points, promotions, wallets

many = settings(
    max_examples=int(os.environ.get("REGULARS_PROPERTY_EXAMPLES", "150")), deadline=None, suppress_health_check=list(HealthCheck)
)


def _price(cart: Cart, offers: list[Offer], wallet: list[Offer], asked: PointsAsked | None = None) -> Priced:
    return price_cart(cart, BUYER, STORE, promotions=offers, coupons=wallet, codes=[one.id for one in wallet], points=asked)


@many
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30), st.data())
def test_a_split_adds_up_and_no_share_is_larger_than_its_weight(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))

    shares = allocate(total, weights)

    assert sum(shares) == total
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))
    assert all(
        abs(share * sum(weights) - total * weight) < sum(weights) for share, weight in zip(shares, weights, strict=True) if total
    )


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_percent_is_rounded_half_up_and_never_more_than_the_whole(amount: int, bps: int) -> None:
    assert 0 <= percent(amount, bps) <= amount
    assert abs(percent(amount, bps) * 10_000 - amount * bps) <= 5_000


@many
@given(carts(), promotions(), wallets(), points())
def test_every_cent_is_accounted_for(cart: Cart, offers: list[Offer], wallet: list[Offer], asked: PointsAsked | None) -> None:
    priced = _price(cart, offers, wallet, asked)

    for line, given_line in zip(priced.lines, cart.lines, strict=True):
        assert line.list == given_line.unit_price * given_line.qty
        assert 0 <= line.net <= line.list
        assert line.discount == sum(one.amount for one in line.discounts) == line.list - line.net
        assert all(one.amount > 0 for one in line.discounts)
    totals, shipping = priced.totals, priced.shipping
    assert 0 <= shipping.net == shipping.list - shipping.discount <= shipping.list
    assert totals.list == sum(line.list for line in priced.lines)
    assert totals.goods_net == sum(line.net for line in priced.lines) == totals.list - totals.goods_discount
    assert totals.payable == totals.goods_net + totals.shipping_net >= 0
    assert totals.points_value == sum(one.amount for line in priced.lines for one in line.discounts if one.source == POINTS)
    for outcome in priced.outcomes:
        off = sum(one.amount for line in priced.lines for one in line.discounts if one.source == outcome.id)
        off += shipping.discount if outcome.offer.layer == "shipping" and outcome.reason is None else 0
        assert outcome.amount == off
        assert (outcome.reason is None) == (outcome.id in priced.applied) == (outcome.amount > 0)
        assert outcome.offer.budget is None or outcome.amount <= outcome.offer.budget.total
    applied = [outcome.offer for outcome in priced.outcomes if outcome.reason is None]
    sellers = [one.seller for one in applied if one.layer == "seller_coupon"]
    assert len(sellers) == len(set(sellers))
    assert sum(one.layer == "platform_coupon" for one in applied) <= 1
    assert sum(one.layer == "shipping" for one in applied) <= 1
    assert {one.id for one in priced.rejected} == {one.id for one in wallet} - set(priced.applied)


@many
@given(carts(), promotions(), wallets(), points(), st.randoms(use_true_random=False))
def test_the_order_of_offers_and_codes_makes_no_difference(
    cart: Cart, offers: list[Offer], wallet: list[Offer], asked: PointsAsked | None, random: object
) -> None:
    before = _price(cart, offers, wallet, asked)

    random.shuffle(offers)  # type: ignore[attr-defined]
    random.shuffle(wallet)  # type: ignore[attr-defined]

    assert _price(cart, offers, wallet, asked) == before


@many
@given(carts(), promotions(), wallets())
def test_the_best_wallet_is_what_trying_every_combination_finds(cart: Cart, offers: list[Offer], wallet: list[Offer]) -> None:
    best = price_cart(cart, BUYER, STORE, promotions=offers, coupons=wallet, mode="best")

    tried = []
    for size in range(len(wallet) + 1):
        for some in itertools.combinations(wallet, size):
            priced = _price(cart, offers, list(some))
            if not priced.rejected:
                tried.append((priced.totals.payable, size, tuple(sorted(one.id for one in some))))
    chosen = tuple(sorted({one.id for one in wallet} & set(best.applied)))
    assert best.complete
    assert (best.totals.payable, len(chosen), chosen) == min(tried)


@many
@given(carts(), promotions(), wallets(), points(), st.sampled_from(("keep", "reclaim")), st.data())
def test_what_comes_back_adds_up_to_what_was_paid(
    cart: Cart, offers: list[Offer], wallet: list[Offer], asked: PointsAsked | None, policy: str, data: st.DataObject
) -> None:
    priced = _price(cart, offers, wallet, asked)
    order = Refunding(cart, priced, "keep" if policy == "keep" else "reclaim", lambda kept: _price(kept, offers, wallet))
    units = data.draw(st.permutations([line.id for line in cart.lines for _ in range(line.qty)]))

    back = [order.give_back(Returned(line, 1)) for line in units]

    assert all(one.cash >= 0 and one.points >= 0 for one in back)
    assert sum(one.cash for one in back) == priced.totals.goods_net
    assert sum(one.points for one in back) == priced.totals.points_used
    if policy == "keep":
        for line in priced.lines:
            assert sum(one.cash for one in back if one.line == line.id) == line.net
