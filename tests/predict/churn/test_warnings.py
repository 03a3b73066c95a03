"""The warning as a whole: judged, told once, contested, followed through merges, gone with erasure, the same every time."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from regulars import registry
from regulars.access import Caller, Keyring, Shop, shops
from regulars.errors import InvalidInput, NotEnoughData, NotFound
from regulars.events import ChurnScored, ChurnWarned
from regulars.events.base import read
from regulars.guard import privacy
from regulars.predict import churn
from regulars.predict.churn import feedback, scoring, warnings
from regulars.records import Records, UnitOfWork
from regulars.records.tables import outbox
from regulars.understand import segments
from regulars.understand.metrics import data_span
from regulars.understand.questions import Desk
from regulars.understand.segments import members_of
from regulars.warehouse import Warehouse
from tests.predict.churn.test_churn import BEGIN, simulated
from tests.understand.metrics.small_store import SmallStore

DAYS = 160


class House:
    """A shop of 420 customers with records and warehouse."""

    def __init__(self, records: Records, warehouse: Warehouse, home: Path) -> None:
        self.records, self.warehouse = records, warehouse
        self.keyring = Keyring.open(home)
        self.shell = Caller.system("shell", self.keyring)
        with records.unit() as uow:
            self.shop = shops.create(uow, self.shell, shop_id="shop_1", name="Tea", timezone="UTC", currency="CNY")
            churn.set_levels(uow, warehouse, self.shell, self.shop, {"horizon_days": 30, "margin_share": 0.5})

    def load(self, store: SmallStore) -> House:
        store.load(self.warehouse)
        return self

    def score(self, **more: Any) -> scoring.Scored:
        return churn.score(self.records, self.warehouse, self.shop, **more)

    def warned(self, **more: Any) -> Any:
        filters = churn.Filters(**{key: value for key, value in more.items() if key not in ("limit", "cursor")})
        with self.records.reading() as uow:
            page = {key: value for key, value in more.items() if key in ("limit", "cursor")}
            return churn.warned(uow, self.warehouse, self.shop, filters, **page)

    def told(self) -> list[ChurnWarned]:
        with self.records.reading() as uow:
            rows = uow.rows(select(outbox).where(outbox.c.event == ChurnWarned.name).order_by(outbox.c.position))
        return [one for row in rows if isinstance(one := read(dict(row)), ChurnWarned)]


@pytest.fixture
def house(records: Records, warehouse: Warehouse, home: Path) -> House:
    return House(records, warehouse, home).load(simulated(420, days=DAYS))


def test_a_run_judges_everybody_and_each_change_is_told_once(any_records: Records, warehouse: Warehouse, home: Path) -> None:
    house = House(any_records, warehouse, home).load(simulated(420, days=DAYS))

    found, again = house.score(), house.score()

    told = house.told()
    assert found.customers == found.green + found.yellow + found.orange + found.red
    assert found.method == "logistic"
    assert found.changes == found.yellow + found.orange + found.red == len(told) > 50
    assert (again.changes, again.red, again.version) == (0, found.red, 1)
    assert Counter(one.level for one in told) == +Counter(yellow=found.yellow, orange=found.orange, red=found.red)
    assert {one.previous for one in told} == {"green"}
    page = house.warned(limit=1_000)
    assert [row.place for row in page.items] == list(range(1, len(told) + 1))
    assert {row.customer_id for row in page.items} == {one.customer_id for one in told}
    worst = page.items[0]
    assert worst.expected_loss.minor == pytest.approx(worst.probability * worst.expected_margin.minor, rel=1e-3)
    assert all(row.reasons and row.reasons[0].text and row.action for row in page.items)
    with any_records.reading() as uow:
        champion = registry.champion(uow, house.shop.shop_id, "churn")
        scored = uow.rows(select(outbox).where(outbox.c.event == ChurnScored.name))
    assert champion is not None
    assert champion.settings["horizon_days"] == 30
    assert champion.scores["auc"] > 0.5
    assert len(scored) == 2


def test_the_same_data_gives_the_same_bytes(house: House) -> None:
    def everything() -> bytes:
        scores = house.warehouse.table("churn_scores")
        rows = house.warehouse.rows(scores.order_by("customer_id"))
        return json.dumps(rows, default=str).encode()

    house.score()
    once = everything()
    house.score()

    assert everything() == once


def test_pages_go_on_where_they_ended_and_filters_narrow(house: House) -> None:
    house.score()
    first = house.warned(limit=7)
    second = house.warned(limit=7, cursor=first.next)
    with house.records.unit() as uow:
        churn.set_levels(uow, house.warehouse, house.shell, house.shop, {"capacity": 9})

    assert [row.place for row in [*first.items, *second.items]] == list(range(1, 15))
    assert [row.beyond_capacity for row in house.warned(limit=10).items] == [False] * 9 + [True]
    assert house.warned(within_capacity=True).total == 9
    assert {row.level for row in house.warned(levels=("orange",), limit=50).items} == {"orange"}
    assert house.warned(cause="rhythm").total == first.total  # the regression knows no cause
    assert house.warned(min_loss_minor=first.items[2].expected_loss.minor, levels=("red", "orange", "yellow", "green")).total >= 3
    with pytest.raises(InvalidInput, match="there is no level 'purple'"):
        house.warned(levels=("purple",))


def test_an_earlier_cut_off_sees_nothing_later_and_tells_nothing(house: House) -> None:
    house.score()
    before = len(house.told())
    early = BEGIN + timedelta(days=120)

    found = house.score(as_of=early)

    assert not found.is_newest
    assert found.version is None
    assert len(house.told()) == before
    with house.records.reading() as uow:
        points = churn.trend(uow, house.warehouse, house.shop).points
    assert [point.as_of for point in points] == [early, data_span(house.warehouse, house.shop).as_of]
    assert house.warned().run.as_of == points[1].as_of
    with pytest.raises(InvalidInput, match="lies after the data"):
        house.score(as_of=early + timedelta(days=900))


def test_later_days_tell_what_changed_and_who_is_gone(house: House) -> None:
    first = house.score(as_of=BEGIN + timedelta(days=100))
    told = len(house.told())

    second = house.score()

    later = house.told()[told:]
    assert first.changes == told
    assert second.changes == len(later) > 0
    assert "gone" in {one.level for one in later}
    gone = next(one for one in later if one.level == "gone")
    assert (gone.probability, gone.expected_loss_minor) == (None, None)
    assert gone.customer_id is not None
    with house.records.reading() as uow:
        risk = churn.customer_risk(uow, house.warehouse, house.shop, gone.customer_id)
    assert risk.risk is None
    assert risk.reason
    assert risk.changes[0].level == "gone"


def test_a_contested_warning_leaves_the_list_and_no_customer_is_learned_from(house: House) -> None:
    house.score()
    worst, second, third = house.warned(limit=3).items
    with house.records.unit() as uow:
        for one, because in ((worst, "still_buys"), (second, "no_customer"), (third, "other_reason")):
            churn.contest(uow, house.warehouse, house.shell, house.shop, one.customer_id, because, text="on the phone")

    house.score()

    listed = house.warned(limit=1_000)
    assert listed.items[0].customer_id == third.customer_id
    assert worst.customer_id not in {row.customer_id for row in listed.items}
    shown = {row.customer_id: row for row in house.warned(limit=1_000, answered=True).items}
    assert shown[worst.customer_id].answered
    assert second.customer_id not in shown
    with house.records.unit() as uow:
        said = feedback.listing(uow, house.shop.shop_id)
        words = feedback.words_of(uow, house.shell, house.shop.shop_id, [one.feedback_id for one in said])
        quality = churn.quality(uow, house.warehouse, house.shop)
    assert set(words.values()) == {"on the phone"}
    assert quality.contested == 3
    assert {one.wrong_because for one in quality.wrong} == {"still_buys", "no_customer", "other_reason"}
    with house.records.unit() as uow, pytest.raises(NotFound, match="has no warning"):
        churn.contest(uow, house.warehouse, house.shell, house.shop, "nobody", "other")
    with house.records.unit() as uow, pytest.raises(InvalidInput, match="there is no reason"):
        churn.contest(uow, house.warehouse, house.shell, house.shop, third.customer_id, "mood")


def a_change(customer: str, level: str) -> warnings.Change:
    return warnings.Change(customer, level, "green", 0.6, 20_000, "CNY", None, [])


def standing(uow: UnitOfWork, shop: Shop) -> dict[str, str]:
    return {customer: one.level for customer, one in warnings.standing(uow, shop.shop_id).items()}


def test_warnings_follow_merges_and_go_with_erasure(house: House) -> None:
    when, shop = datetime(2025, 1, 1, tzinfo=BEGIN.tzinfo), house.shop
    with house.records.unit() as uow:
        warnings.note(uow, shop.shop_id, date(2025, 1, 1), when, [a_change("ann", "red"), a_change("annie", "yellow")])
        warnings.note(uow, shop.shop_id, date(2025, 1, 2), when, [a_change("annie", "orange")])
        feedback.say(
            uow, house.shell, shop, "annie", "seasonal", level="orange", cause=None, day=date(2025, 1, 2), text="only at Christmas"
        )

        warnings.follow(uow, shop.shop_id, {"annie": "ann"})

        assert standing(uow, shop) == {"ann": "orange"}
        assert [one.customer_id for one in feedback.listing(uow, shop.shop_id)] == ["ann"]
        assert warnings.forget in privacy.ERASERS
        assert warnings.forget(uow, shop.shop_id, "ann", "x_1") == 3
        assert standing(uow, shop) == {}


def test_segments_can_ask_for_the_level_and_the_chance(house: House) -> None:
    found = house.score()
    tree = {"all": [{"prediction": "churn_level", "op": "in", "value": ["red", "orange"]}]}
    likely = {
        "all": [
            {"prediction": "churn_probability", "op": "gte", "value": 0.5},
            {"prediction": "churn_loss", "op": "gte", "value": 150},
        ]
    }

    def members(where: Any) -> int:
        wanted = segments.definition(where, "UTC", known_only=False)
        return int(house.warehouse.query(members_of(Desk(house.warehouse, house.shop), wanted, {}, [])).num_rows)

    assert members(tree) == members(likely) == found.red + found.orange > 0


def test_few_customers_are_judged_by_the_purchase_model(records: Records, warehouse: Warehouse, home: Path) -> None:
    house = House(records, warehouse, home).load(simulated(60, days=DAYS))

    found = house.score()

    assert found.method == "purchase_model"
    assert found.version is None
    assert "a model needs 200" in found.note
    assert all(one.text for row in house.warned().items for one in row.reasons)


def three_orders(store: SmallStore) -> SmallStore:
    for day in ("2024-01-01 10:00", "2024-03-01 10:00", "2024-06-01 10:00"):
        store.order(day, "ann", day, 100)
    return store


def one_day(store: SmallStore) -> SmallStore:
    for number in range(300):
        store.order(str(number), f"c{number}", "2024-05-01 10:00", -500 if number % 2 else 100)
    return store


@pytest.mark.parametrize("made", [three_orders, one_day])
def test_too_little_is_said_in_a_sentence_and_leaves_nothing(house: House, made: Any) -> None:
    shop = shops_like(house, "other")

    with pytest.raises(NotEnoughData):
        churn.score(house.records, made_in(house, shop, made), shop)

    with house.records.reading() as uow:
        nothing = churn.warned(uow, house.warehouse, shop)
    assert nothing.run is None
    assert nothing.reason
    assert churn.views(house.warehouse, shop).run is None


def shops_like(house: House, shop_id: str) -> Shop:
    with house.records.unit() as uow:
        made = shops.create(uow, house.shell, shop_id=shop_id, name="Other", timezone="UTC", currency="CNY")
        churn.set_levels(uow, house.warehouse, house.shell, made, {"horizon_days": 30})
    return made


def made_in(house: House, shop: Shop, made: Any) -> Warehouse:
    made(SmallStore(shop)).load(house.warehouse)
    return house.warehouse
