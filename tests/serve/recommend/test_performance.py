"""How placements do in a real shop: what is noted by itself, baselines and arms, caps, orders after clicks, and previews of rules."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from regulars.access.tables import audit_entry
from regulars.app import House, rebuild_warehouse
from regulars.guard import consent, privacy
from regulars.serve import recommend as room
from regulars.serve.recommend import clicks
from regulars.serve.recommend.impressions import KEPT_DAYS, forget
from regulars.serve.recommend.knowledge import days
from regulars.serve.recommend.live import opened
from regulars.values import clock
from regulars.values.money import Money
from tests.serve.recommend.conftest import Tea, ids
from tests.serve.recommend.test_lists import NEVER
from tests.support.rows import put


def served(tea: Tea, placement: str, **more: Any) -> room.RecommendationList:
    """A list as a shopper gets it."""
    assign = more.pop("assign", None)
    wanted = room.Wanted(placement=placement, **more)
    house = tea.house
    with house.records.reading() as uow:
        return room.recommend(uow, house.records, house.warehouse, house.home, house.keyring, tea.shop, wanted, assign=assign)


def setting(tea: Tea, placement: str, **more: Any) -> room.PlacementSetting:
    with tea.house.records.unit() as uow:
        return room.set_placement(uow, tea.caller, "tea", room.PlacementSetting(placement=placement, **more))


def noted(tea: Tea) -> list[dict[str, Any]]:
    live = opened(tea.house.warehouse, "tea")
    assert live is not None
    live.impressions.flush()
    table = tea.house.warehouse.table("list_impressions")
    return tea.house.warehouse.rows(table.order_by("served_at", "list_id", "position"))


def seen(tea: Tea, made: room.RecommendationList, visitor: str, message_id: str, products: list[str] | None = None) -> None:
    told: dict[str, Any] = {"list_id": made.impression_id}
    if products is not None:
        told["products"] = [{"product_id": one} for one in products]
    tea.send("Product List Viewed", message_id, anonymousId=visitor, properties=told)


def chose(tea: Tea, made: room.RecommendationList, product_id: str, message_id: str, **who: str) -> None:
    told = {"list_id": made.impression_id, "product_id": product_id}
    tea.send("Product Clicked", message_id, properties=told, **who)


def test_lists_are_noted_by_themselves_and_name_nobody(tea: Tea) -> None:
    made = served(tea, "trending", visitor="phone-1", customer="c1", size=3)
    tea.ask("trending", visitor="phone-1")  # an explanation is not a list for a shopper

    rows = noted(tea)

    assert [(row["list_id"], row["position"], row["product_id"]) for row in rows] == [
        (made.impression_id, one.position, one.product_id) for one in made.items
    ]
    assert {(row["placement"], row["model"], row["arm"], row["shown_by"], row["propensity"]) for row in rows} == {
        ("trending", "v_stan", "", "model", None)
    }
    assert [row["model_rank"] for row in rows] == [1, 2, 3]
    assert not {"customer_id", "visitor"} & set(rows[0])
    assert room.shown(tea.house.warehouse, tea.shop, made.impression_id).recommendation == made
    put(
        tea.house.warehouse,
        "list_impressions",
        [
            {
                "shop_id": "tea",
                "list_id": "rec_old",
                "served_at": datetime.now(UTC).replace(tzinfo=None) - timedelta(days=KEPT_DAYS + 1),
            }
        ],
    )
    assert forget(tea.house.warehouse, "tea") == 1
    assert len(noted(tea)) == 3


def test_noted_lists_come_along_when_the_warehouse_is_made_anew(tea: Tea) -> None:
    made = served(tea, "trending", size=3)
    tea.house.close()  # writes what waits

    rebuild_warehouse(tea.house.settings)

    house = House.open(tea.house.settings)
    kept = house.warehouse.rows(house.warehouse.table("list_impressions"))
    house.close()
    assert {(row["list_id"], row["product_id"]) for row in kept} == {(made.impression_id, one) for one in ids(made)}


def test_some_lists_hold_a_random_product_that_may_be_shown_and_some_are_in_popular_order(tea: Tea) -> None:
    setting(tea, "similar", random_bps=2_000, popular_bps=2_000)
    usual = ids(tea.ask("similar", context=("longjing",), exclude=("cup",), size=3))

    lists = [served(tea, "similar", context=("longjing",), exclude=("cup",), size=3) for _ in range(250)]

    popular = ids(tea.ask("popular", exclude=("cup", "longjing"), size=3))
    kinds: Counter[str] = Counter()
    for made in lists:
        shown = ids(made)
        drawn = [one for one in made.items if one.reason.code == "discovery"]
        assert len(drawn) <= 1
        assert not set(shown) & (NEVER | {"cup", "longjing"})
        assert len(set(shown)) == len(shown) == 3
        if made.model == "popularity":
            assert shown == popular
        elif drawn:
            rest = [one for one in shown if one != drawn[0].product_id]
            assert rest == [one for one in usual if one != drawn[0].product_id][: len(rest)]
        else:
            assert shown == usual
        kinds["popular" if made.model == "popularity" else "random" if drawn else "usual"] += 1
    assert min(kinds["random"], kinds["popular"]) >= 20
    rows = noted(tea)
    assert {row["shown_by"] for row in rows} == {"model", "random", "popular"}
    assert {row["model_rank"] for row in rows if row["shown_by"] == "random"} == {None}
    assert {row["position"] for row in rows if row["shown_by"] == "random"} == {1, 2, 3}
    assert {round(row["propensity"], 6) for row in rows} == {0.066667, 0.2, 0.733333}


def test_a_visitor_stays_in_one_arm_and_experiments_may_tell_it(tea: Tea) -> None:
    setting(tea, "home", variant="popular", variant_bps=5_000, popular_bps=2_000)
    with tea.house.records.unit() as uow:
        refusal = consent.GivenConsent(customer_id="c1", purpose="no_personalisation", state="given", source="support")
        consent.record(uow, tea.caller, "tea", [refusal])

    arms = {f"phone-{n}": served(tea, "home", visitor=f"phone-{n}").arm for n in range(40)}
    again = {visitor: served(tea, "home", visitor=visitor).arm for visitor in arms}
    asked: list[tuple[str, str, str]] = []

    def experiment(shop: str, salt: str, unit: str) -> str:
        asked.append((shop, salt, unit))
        return "variant"

    told = served(tea, "home", visitor="phone-1", assign=experiment)

    assert arms == again
    assert set(arms.values()) == {"control", "variant"}
    assert served(tea, "home").arm is None
    assert served(tea, "home", customer="c1").arm is None
    assert (told.arm, told.model) == ("variant", "popularity")
    assert asked == [("tea", "recommend/home", privacy.visitor_id(tea.house.keyring, "tea", "phone-1"))]
    variants = {row["shown_by"] for row in noted(tea) if row["arm"] == "variant"}
    assert variants == {"popular"}


def test_what_was_seen_or_shown_enough_goes_behind_the_others(tea: Tea) -> None:
    setting(tea, "trending", most_per_visitor=2)
    first = served(tea, "trending", visitor="phone-1", size=3)
    for n in range(2):
        seen(tea, first, "phone-1", f"s{n}", [ids(first)[0]])

    after = tea.explain("trending", visitor="phone-1", size=3)

    assert ids(first)[0] not in ids(after.recommendation)
    assert {one.product_id for one in after.dropped if one.why == "shown_enough"} == {ids(first)[0]}
    assert ids(tea.ask("trending", visitor="phone-2", size=3)) == ids(first)
    assert ids(first)[0] in ids(tea.ask("trending", visitor="phone-1", size=7))  # behind, not gone
    tea.house.loader.run_once()
    live = opened(tea.house.warehouse, "tea")
    assert live is not None
    live.renew()
    assert ids(tea.ask("trending", visitor="phone-1", size=3)) == ids(after.recommendation)

    setting(tea, "popular", most_share_bps=4_000)
    now = clock.now().astimezone(UTC).replace(tzinfo=None)
    best = ids(tea.ask("popular"))[0]
    rows = [{"shop_id": "tea", "list_id": f"rec_{n}", "product_id": best if n < 300 else "cup"} for n in range(600)]
    put(tea.house.warehouse, "list_impressions", [{**row, "placement": "popular", "served_at": now} for row in rows])
    live.renew()
    assert set(ids(tea.ask("popular", size=5))) & {best, "cup"} == set()


def test_clicks_seen_and_orders_are_counted_to_the_minor_unit(tea: Tea) -> None:
    """Two lists of three. The first is seen in part; its first two are clicked by c1, who buys one of them twice within seven days,
    gives back a part, and buys the other too late. The second is never seen."""
    first, second = served(tea, "trending", customer="c1", size=3), served(tea, "trending", visitor="phone-2", size=3)
    one, two, three = ids(first)
    tea.send(
        "Product List Viewed", "s1", userId="c1",
        properties={"list_id": first.impression_id, "products": [{"product_id": one}, {"product_id": two}]},
    )  # fmt: skip
    chose(tea, first, one, "k1", userId="c1")
    chose(tea, first, one, "k2", userId="c1")
    chose(tea, first, three, "k3", userId="c1")
    tea.house.loader.run_once()
    known = privacy.known_id(tea.house.keyring, "tea", "c1")
    now = clock.now().astimezone(UTC).replace(tzinfo=None)

    def line(order_id: str, product_id: str, amount: int, days: float, **more: Any) -> dict[str, Any]:
        return {
            "shop_id": "tea", "order_id": order_id, "line_key": amount, "customer_id": known, "ordered_at": now + timedelta(days=days),
            "status": "placed", "kind": "product", "product_id": product_id, "quantity": Decimal(1), "amount_minor": amount,
            "currency": "CNY", "load_id": "l", **more,
        }  # fmt: skip

    put(
        tea.house.warehouse,
        "order_lines",
        [
            line("a", one, 10_000, 1),
            line("a", one, 2_501, 1),
            line("a", two, 7_000, 1),  # seen, not chosen
            line("b", one, 3_333, 6.9),
            line("c", three, 9_000, 7.1),
            line("d", one, 5_000, -1),
            line("e", one, 5_000, 2, customer_id="somebody-else"),
            line("f", one, 5_000, 2, status="cancelled"),
            line("g", one, 5_000, 2, currency="USD"),
        ],
    )
    orders = [{"shop_id": "tea", "order_id": "b", "items_minor": 10_000, "currency": "CNY"}]
    put(tea.house.warehouse, "orders", orders)
    back = {"shop_id": "tea", "line_key": 1, "kind": "return", "currency": "CNY", "refunded_at": now}
    put(
        tea.house.warehouse,
        "refunds",
        [
            back | {"refund_id": "r1", "order_id": "a", "product_id": one, "amount_minor": 2_600},
            back | {"refund_id": "r2", "order_id": "b", "product_id": None, "amount_minor": 1_000},
        ],
    )

    found = room.performance(tea.house.warehouse, tea.shop, by=("position",))
    by_kind = room.performance(tea.house.warehouse, tea.shop, by=("placement", "shown_by", "day"), placement="trending")

    total = found.total
    assert (total.lists, total.served, total.seen, total.clicks, total.measured_by) == (2, 6, 3, 2, "seen")
    assert total.click_through == pytest.approx(2 / 3, abs=1e-6)
    assert total.orders == 2
    assert total.revenue == Money(10_000 + 2_501 - 2_600 + 3_333 - 333, "CNY")
    assert [(row.position, row.lists, row.seen, row.clicks, row.orders) for row in found.rows] == [
        (1, 2, 1, 1, 2),
        (2, 2, 1, 0, 0),
        (3, 2, 1, 1, 0),
    ]
    assert [(row.placement, row.shown_by, row.on, row.lists) for row in by_kind.rows] == [
        ("trending", "model", clock.today("Asia/Shanghai"), 2)
    ]
    assert by_kind.total == total
    assert second.impression_id != first.impression_id
    assert room.performance(tea.house.warehouse, tea.shop, placement="home").total.served == 0
    part = room.spreads(tea.house.warehouse, tea.shop, parts=1, k=2)[0]
    assert (part.placement, part.impressions, part.products) == ("trending", 4, 2)


def test_a_list_seen_as_a_whole_is_seen_and_without_such_events_what_was_served_counts(tea: Tea) -> None:
    whole = served(tea, "trending", size=3)
    quiet = served(tea, "similar", context=("longjing",), size=2)
    seen(tea, whole, "phone-1", "s1")
    chose(tea, quiet, ids(quiet)[0], "k1", anonymousId="phone-1")
    tea.house.loader.run_once()

    rows = {row.placement: row for row in room.performance(tea.house.warehouse, tea.shop).rows}

    assert (rows["trending"].seen, rows["trending"].measured_by) == (3, "seen")
    assert (rows["similar"].measured_by, rows["similar"].click_through) == ("served", 0.5)


def test_lifts_say_too_few_until_there_is_enough(tea: Tea) -> None:
    setting(tea, "similar", random_bps=2_000)
    for n in range(60):
        made = served(tea, "similar", context=("longjing",), visitor=f"v{n}", size=3)
        seen(tea, made, f"v{n}", f"s{n}")
    tea.house.loader.run_once()

    found = room.performance(tea.house.warehouse, tea.shop).lifts

    assert [(one.against, one.state, one.lift) for one in found] == [("random", "too_few", None)]
    assert found[0].base_shown > 0
    told = room.propensities(tea.house.warehouse, tea.shop)
    assert [one.placement for one in told] == ["similar"]
    assert {one.propensity for one in told[0].positions} == {None}


def test_choices_are_learned_with_the_visit_before_them_and_what_their_place_counts(tea: Tea) -> None:
    """A lottery in which the second place is looked at half as much as the first: a click there counts twice."""
    for n, product in enumerate(("teapot", "longjing", "longjing", "cup")):
        tea.view("phone-1", product, f"v{n}")
    tea.house.loader.run_once()
    made = served(tea, "next", visitor="phone-1", size=2)
    chose(tea, made, ids(made)[1], "k0", anonymousId="phone-1")
    now = clock.now().astimezone(UTC).replace(tzinfo=None)
    rows = [
        {
            "shop_id": "tea", "list_id": f"rec_{n}", "position": 1 + n % 2, "product_id": f"p{n}", "placement": "next", "shown_by": "random",
            "propensity": 0.1, "served_at": now,
        }
        for n in range(1_000)
    ]  # fmt: skip
    put(tea.house.warehouse, "list_impressions", rows)
    for n in [*range(0, 400, 2), *range(1, 200, 2)]:
        tea.send("Product Clicked", f"c{n}", anonymousId=f"other-{n}", properties={"list_id": f"rec_{n}", "product_id": f"p{n}"})
    tea.house.loader.run_once()
    noted(tea)
    live = opened(tea.house.warehouse, "tea")
    assert live is not None
    number = live.known.number

    found, lists = clicks.chosen(tea.house.warehouse, tea.shop, number, since=days(clock.now()) - 1, fewest=301)
    none, same = clicks.chosen(tea.house.warehouse, tea.shop, number, since=days(clock.now()) - 1, fewest=302)

    assert (lists, same, none) == (301, 301, [])
    one = found[0]
    assert len(found) == 1  # the others had looked at nothing before
    assert list(one.prefix) == [number[name] for name in ("teapot", "longjing", "cup")]
    assert one.target == number[ids(made)[1]]
    assert one.weight == pytest.approx(2.0, abs=1e-3)


def test_a_rule_is_previewed_before_it_is_kept(tea: Tea) -> None:
    wanted = room.Wanted(placement="similar", context=("longjing",), size=4)

    def preview(**more: Any) -> room.RulePreview:
        house = tea.house
        draft = room.drafted(tea.caller, **more)
        with house.records.reading() as uow:
            return room.preview(uow, house.records, house.warehouse, house.home, house.keyring, tea.shop, wanted, draft)

    usual = ids(tea.ask("similar", context=("longjing",), size=4))
    pin = preview(kind="pin", match={"product_id": "teapot"}, slot=1)
    out = preview(kind="exclude", match={"product_id": usual[0]})
    elsewhere = preview(kind="exclude", match={"product_id": usual[0]}, placement="home")

    assert ids(pin.without.recommendation) == usual
    assert ids(pin.with_rule.recommendation) == ["teapot", *[one for one in usual if one != "teapot"]][:4]
    assert next((one.before, one.after) for one in pin.moved if one.product_id == usual[0]) == (1, 2)
    assert [(one.product_id, one.why) for one in out.filtered] == [(usual[0], "rule")]
    assert next(one.after for one in out.moved if one.product_id == usual[0]) is None
    assert (elsewhere.counts, elsewhere.moved, elsewhere.filtered) == (False, [], [])
    with tea.house.records.reading() as uow:
        assert room.rules(uow, "tea") == []
    assert noted(tea) == []


def test_settings_are_kept_told_and_idempotent(tea: Tea) -> None:
    first = setting(tea, "home", random_bps=200)
    again = setting(tea, "home", random_bps=200)

    assert again == first
    with tea.house.records.reading() as uow:
        told = {one.placement: one for one in room.placements(uow, "tea")}
        acts = [row["action"] for row in uow.rows(select(audit_entry)) if row["action"].startswith("recommend_placement")]
    assert told["home"] == first
    assert not told["next"].draws
    assert acts == ["recommend_placement.changed"]
