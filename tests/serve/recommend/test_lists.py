"""Lists of a real shop: the next event counts at once, hard filters always hold, reasons are true, rules and refusals are heeded."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from regulars.access import shops
from regulars.access.tables import audit_entry
from regulars.errors import InvalidInput, NotFound
from regulars.guard import consent
from regulars.serve import recommend as room
from regulars.serve.recommend import live
from regulars.serve.recommend.domain.lists import PLACEMENTS
from regulars.serve.recommend.live import opened
from regulars.values import clock
from regulars.values.money import Money
from tests.serve.recommend.conftest import Tea, ids, rows_of_history
from tests.support.rows import put

NEVER = {"sold-out", "hidden"}


def test_the_very_next_list_knows_what_was_just_looked_at(tea: Tea) -> None:
    assert tea.ask("next", visitor="phone-1").items[0].reason.code == "popular"

    tea.view("phone-1", "longjing", "m1")
    first = tea.ask("next", visitor="phone-1")
    tea.view("phone-1", "dahongpao", "m2")
    second = tea.ask("next", visitor="phone-1")

    assert ids(first)[0] == "biluochun"
    assert (first.items[0].reason.code, first.items[0].reason.product_id) == ("viewed", "longjing")
    assert first.items[0].reason.text == "Because you viewed Longjing"
    assert ids(second)[0] == "tieguanyin"
    assert "longjing" not in ids(second)
    assert "longjing" in ids(tea.ask("next", visitor="phone-1", repeats=True))
    assert first.personalised
    assert first.impression_id != second.impression_id
    assert [one.position for one in first.items] == list(range(1, len(first.items) + 1))


def test_a_loaded_event_counts_once_and_a_restart_knows_it(tea: Tea) -> None:
    tea.view("phone-1", "longjing", "m1")
    tea.ask("next", visitor="phone-1")
    tea.view("phone-1", "longjing", "m1")  # sent again
    tea.house.loader.run_once()
    shop_live = opened(tea.house.warehouse, "tea")
    assert shop_live is not None

    before = tea.explain("next", visitor="phone-1")
    shop_live.renew()
    after = tea.explain("next", visitor="phone-1")

    assert before.viewed == after.viewed == ["longjing"]
    assert ids(before.recommendation) == ids(after.recommendation)


def test_a_visit_that_began_before_goes_on_after_a_restart(tea: Tea) -> None:
    tea.view("phone-1", "teapot", "m1", load=True)

    tea.view("phone-1", "longjing", "m2")

    assert tea.explain("next", visitor="phone-1").viewed == ["teapot", "longjing"]


def test_what_may_not_be_shown_never_is(tea: Tea) -> None:
    """c4 has bought teapot and dahongpao, which nobody buys again."""
    tea.view("phone-1", "longjing", "m1")
    asked = {"visitor": "phone-1", "customer": "c4", "context": ("longjing",), "exclude": ("cup",), "size": 20}

    for placement in PLACEMENTS:
        found = tea.ask(placement, **asked)

        shown = ids(found)
        assert not set(shown) & (NEVER | {"cup", "longjing", "teapot", "dahongpao"}), placement
        assert len(shown) == len(set(shown))
        sources = [one.reason.product_id for one in found.items if one.reason.code in ("viewed", "context", "bought_with")]
        assert set(sources) <= {"longjing"}
        assert shown == ids(tea.ask(placement, **asked))


def test_why_something_is_not_there_is_told(tea: Tea) -> None:
    tea.view("phone-1", "longjing", "m1")

    found = tea.explain("next", visitor="phone-1", min_price_minor=100)

    assert {one.product_id: one.why for one in found.dropped} == {"sold-out": "out_of_stock", "hidden": "hidden"}
    assert found.candidates >= len(found.recommendation.items) + 2
    kept = room.shown(tea.house.warehouse, tea.shop, found.recommendation.impression_id)
    assert kept == found
    with pytest.raises(NotFound):
        room.shown(tea.house.warehouse, tea.shop, "rec_unknown")


def test_stock_and_new_products_count_before_they_are_loaded(tea: Tea) -> None:
    assert "biluochun" in ids(tea.ask("similar", context=("longjing",)))

    tea.send("Product Updated", "p1", userId="shop", properties={"product_id": "biluochun", "stock": 0})
    tea.send(
        "Product Created", "p2", userId="shop",
        properties={"product_id": "new-tea", "name": "Longjing spring", "category": "Green tea", "brand": "Xihu", "price": 99, "stock": 5},
    )  # fmt: skip
    similar = tea.ask("similar", context=("longjing",))
    arrivals = tea.ask("new_arrivals")

    assert "biluochun" not in ids(similar)
    assert "new-tea" in ids(similar)
    assert "new-tea" in ids(arrivals)
    assert {one.reason.code for one in arrivals.items} == {"new"}


def test_markets_and_variants_are_heeded_as_the_catalogue_tells_them(tea: Tea) -> None:
    put(
        tea.house.warehouse,
        "product_details",
        [
            {"shop_id": "tea", "product_id": "biluochun", "markets": '["JP"]'},
            {"shop_id": "tea", "product_id": "maofeng", "parent_id": "longjing"},
        ],
    )

    found = tea.explain("similar", context=("longjing",), market="CN")

    assert {one.product_id: one.why for one in found.dropped if one.why in ("market", "variant")} == {
        "biluochun": "market",
        "maofeng": "variant",
    }
    assert ids(tea.ask("similar", context=("longjing",), market="JP"))[0] == "biluochun"


def test_a_change_of_the_catalogue_counts_in_the_next_list_of_every_placement_however_it_came(tea: Tea) -> None:
    """By a file, by the loader, and by a message that is not loaded yet; lists given before, popular ones and pins included."""
    tea.view("phone-1", "longjing", "m1")
    with tea.house.records.unit() as uow:
        for slot, product_id in enumerate(("biluochun", "maofeng", "tieguanyin", "cup"), start=1):
            room.add_rule(uow, tea.caller, "tea", kind="pin", match={"product_id": product_id}, slot=slot)
    asked = {"visitor": "phone-1", "context": ("longjing",), "market": "CN", "size": 20}
    assert {"biluochun", "maofeng", "tieguanyin", "cup"} <= set(ids(tea.ask("home", **asked)))

    changed = {"shop_id": "tea", "category": "Green tea", "brand": "Dongting", "currency": "CNY", "load_id": "f"}
    rows = [{**changed, "product_id": "biluochun", "stock": 0}, {**changed, "product_id": "maofeng", "stock": 3, "status": "下架"}]
    tea.house.warehouse.delete("products", lambda products: products.product_id.isin(["biluochun", "maofeng"]))
    put(tea.house.warehouse, "products", rows)
    tea.send("Product Updated", "p1", load=True, userId="shop", properties={"product_id": "tieguanyin", "markets": ["JP"]})
    tea.send(
        "Product Updated",
        "p2",
        userId="shop",
        properties={"product_id": "cup", "variants": [{"sku": "c", "stock": 0}], "stock": None},
    )
    tea.send("Product Updated", "p3", userId="shop", properties={"product_id": "teapot", "markets": ["DE"]})

    for placement in PLACEMENTS:
        shown = set(ids(tea.ask(placement, **asked)))
        assert not shown & {"biluochun", "maofeng", "tieguanyin", "teapot", *NEVER}, placement
    assert "tieguanyin" in ids(tea.ask("home", **{**asked, "market": "JP"}))
    tea.send("Product Updated", "p4", load=True, userId="shop", properties={"product_id": "cup", "stock": 0})
    assert "cup" not in ids(tea.ask("cart", **asked))
    tea.send("Product Updated", "p5", userId="shop", properties={"product_id": "cup", "stock": 4})
    assert "cup" in ids(tea.ask("cart", **asked))


def test_variants_have_one_place_in_a_list_and_none_beside_their_own(tea: Tea) -> None:
    spu = [{"shop_id": "tea", "product_id": one, "parent_id": "green"} for one in ("longjing", "biluochun")]
    oolong = [{"shop_id": "tea", "product_id": one, "parent_id": "oolong"} for one in ("dahongpao", "tieguanyin")]
    put(tea.house.warehouse, "product_details", [*spu, *oolong])

    similar = tea.explain("similar", context=("longjing",))
    trending = ids(tea.ask("trending", size=20))

    assert {one.product_id: one.why for one in similar.dropped}["biluochun"] == "variant"
    assert "biluochun" not in ids(similar.recommendation)
    assert len({"longjing", "biluochun"} & set(trending)) == len({"dahongpao", "tieguanyin"} & set(trending)) == 1


def test_a_shop_without_a_catalogue_recommends_what_its_orders_name(tea: Tea) -> None:
    with tea.house.records.unit() as uow:
        plain = shops.create(uow, tea.caller, shop_id="plain", name="Plain", timezone="UTC", currency="CNY")
    rows = rows_of_history("plain", clock.now())
    lines = [{**one, "product_name": one["product_id"].title(), "unit_price": Decimal("9.00")} for one in rows["order_lines"]]
    put(tea.house.warehouse, "order_lines", lines)
    put(tea.house.warehouse, "events", rows["events"])

    found = Tea(tea.house, plain, tea.source_id, tea.caller).ask("similar", context=("longjing",))

    assert ids(found)[0] == "cup"
    assert (found.items[0].name, found.items[0].price) == ("Cup", Money(900, "CNY"))


def test_shops_that_nobody_asks_for_are_let_go_and_come_back(tea: Tea, monkeypatch: pytest.MonkeyPatch) -> None:
    with tea.house.records.unit() as uow:
        other = shops.create(uow, tea.caller, shop_id="other", name="Other", timezone="UTC", currency="CNY")
    put(tea.house.warehouse, "products", [{"shop_id": "other", "product_id": "only", "load_id": "l"}])
    tea.view("phone-1", "longjing", "m1")
    before = tea.explain("next", visitor="phone-1")
    monkeypatch.setattr(live, "MOST_BYTES", 1)

    assert ids(Tea(tea.house, other, tea.source_id, tea.caller).ask("home")) == ["only"]
    assert opened(tea.house.warehouse, "tea") is None
    again = tea.explain("next", visitor="phone-1")

    assert again.viewed == before.viewed == ["longjing"]
    assert ids(again.recommendation) == ids(before.recommendation)
    assert opened(tea.house.warehouse, "other") is None


def test_the_cart_is_seed_as_a_whole_and_baskets_tell(tea: Tea) -> None:
    found = tea.ask("cart", context=("longjing",))

    assert ids(found)[0] == "cup"
    assert found.items[0].reason.code == "bought_with"
    assert found.items[0].reason.product_id == "longjing"


def test_what_is_bought_again_comes_from_own_baskets(tea: Tea) -> None:
    assert ids(tea.ask("buy_again", customer="c1")) == ["longjing", "cup"]
    assert ids(tea.ask("buy_again", customer="c4")) == []  # bought once each, by people who did not come back for them
    assert tea.ask("buy_again", customer="c1", language="zh").items[0].reason.text == "以前买过"


def test_who_refused_personal_lists_gets_popular_ones(tea: Tea) -> None:
    tea.view("phone-1", "dahongpao", "m1")
    everybody = ids(tea.ask("home"))
    with tea.house.records.unit() as uow:
        consent.record(
            uow,
            tea.caller,
            "tea",
            [consent.GivenConsent(customer_id="c1", purpose="no_personalisation", state="given", source="support")],
        )

    refused = tea.explain("home", customer="c1", visitor="phone-1")

    assert not refused.recommendation.personalised
    assert (refused.viewed, refused.bought) == ([], 0)
    assert ids(refused.recommendation) == everybody
    assert {one.reason.code for one in refused.recommendation.items} <= {"popular", "new"}


def test_operators_pin_boost_bury_and_keep_out(tea: Tea) -> None:
    now = clock.now()

    def add(kind: str, match: dict[str, str], **more: object) -> room.RecommendRule:
        with tea.house.records.unit() as uow:
            return room.add_rule(uow, tea.caller, "tea", kind=kind, match=match, **more)

    add("pin", {"product_id": "teapot"}, slot=2, placement="similar")
    add("pin", {"product_id": "sold-out"}, slot=1)
    add("pin", {"product_id": "cup"}, slot=3, from_at=now + timedelta(days=1))
    add("exclude", {"brand": "Dongting"}, segment_id=None)
    add("exclude", {"brand": "Huangshan"}, segment_id="seg_vip")
    gone = add("boost", {"category": "Oolong"}, strength=5.0)

    found = tea.explain("similar", context=("longjing",))

    shown = ids(found.recommendation)
    assert set(shown[:3:2]) == {"dahongpao", "tieguanyin"}
    assert (shown[1], found.recommendation.items[1].reason.code) == ("teapot", "pinned")
    assert "biluochun" not in shown
    assert "maofeng" in shown
    assert not NEVER & set(shown)
    with tea.house.records.unit() as uow:
        room.remove_rule(uow, tea.caller, "tea", gone.rule_id)
        assert len(room.rules(uow, "tea")) == 5
        acts = [row["action"] for row in uow.rows(select(audit_entry)) if row["action"].startswith("recommend_rule")]
        assert acts.count("recommend_rule.added") == 6
        with pytest.raises(NotFound):
            room.remove_rule(uow, tea.caller, "tea", gone.rule_id)
        with pytest.raises(InvalidInput):
            room.add_rule(uow, tea.caller, "tea", kind="pin", match={"category": "Ware"}, slot=1)
    assert ids(tea.ask("similar", context=("longjing",)))[0] == "maofeng"


def test_empty_shops_unknown_ids_and_long_visits_are_answered(tea: Tea) -> None:
    with tea.house.records.unit() as uow:
        empty = shops.create(uow, tea.caller, shop_id="empty", name="Empty", timezone="UTC", currency="CNY")
    nobody = Tea(tea.house, empty, tea.source_id, tea.caller)
    for number in range(1_000):
        tea.view("robot", ["longjing", "cup", "teapot", "strange"][number % 4], f"r{number}")

    assert [ids(nobody.ask(one, visitor="x", context=("y",))) for one in PLACEMENTS] == [[]] * len(PLACEMENTS)
    assert ids(tea.ask("similar", context=("nothing-known",)))
    assert ids(tea.ask("next", visitor="robot", customer="nobody"))
    with pytest.raises(InvalidInput):
        tea.ask("similar")
    with pytest.raises(InvalidInput):
        tea.ask("home", size=0)

    put(tea.house.warehouse, "products", [{"shop_id": "empty", "product_id": "only", "name": "Only", "load_id": "l"}])
    assert ids(nobody.ask("home")) == ["only"]
    assert ids(nobody.ask("trending", visitor="phone-1")) == ["only"]  # and nothing of the other shop


def test_lists_seen_and_chosen_are_counted(tea: Tea) -> None:
    made = tea.ask("trending", size=2)
    listed = [{"product_id": one} for one in ids(made)]

    tea.send("Product List Viewed", "s1", anonymousId="a", properties={"list_id": made.impression_id, "products": listed})
    tea.send(
        "Product Clicked",
        "s2",
        anonymousId="a",
        properties={"list_id": made.impression_id, "product_id": ids(made)[0], "position": 1},
    )
    tea.ask("trending")

    shop_live = opened(tea.house.warehouse, "tea")
    assert shop_live is not None
    assert shop_live.known.shown == {ids(made)[0]: (1, 1), ids(made)[1]: (1, 0)}
    tea.house.loader.run_once()
    shop_live.renew()
    assert shop_live.known.shown == {ids(made)[0]: (1, 1), ids(made)[1]: (1, 0)}
