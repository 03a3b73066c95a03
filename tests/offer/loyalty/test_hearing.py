"""Events of customers earn points and count for tiers, each once, whatever comes twice, late or in another currency."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from regulars.access import api_keys
from regulars.offer.loyalty import hearing, service
from regulars.offer.loyalty.api import api
from regulars.offer.loyalty.domain.earning import EarnRule, net_goods
from regulars.values import clock
from regulars.web import Stores, WebOptions, build
from tests.collect.track.conftest import Desk, desk, track

__all__ = ["desk"]

BEGUN = timedelta(days=60)


@pytest.fixture
def rules(desk: Desk) -> Desk:
    """A shop that gives points for purchases, reviews and check-ins, twice as many to its silver customers."""
    begins = clock.now() - BEGUN
    tiers = (
        service.Tier(tier_id="member", name="Member", name_zh="", threshold=0),
        service.Tier(
            tier_id="silver", name="Silver", name_zh="", threshold=50_000,
            benefits=(service.Benefit(kind="points_multiplier", value=20_000),),
        ),
    )  # fmt: skip
    with desk.house.records.unit() as uow:
        for rule in (
            EarnRule(kind="purchase", name="Orders", begins_at=begins),
            EarnRule(kind="review", name="Reviews", points=20, per_month=2, begins_at=begins),
            EarnRule(kind="check_in", name="Check-ins", points=5, streak_days=3, streak_points=30, begins_at=begins),
        ):
            service.make_rule(uow, desk.caller, desk.shop, rule)
        service.save_program(uow, desk.caller, desk.shop, service.TierProgram(tiers=tiers))
    return desk


def had(desk: Desk, who: str = "17850") -> int:
    """What somebody can spend."""
    with desk.house.records.reading() as uow:
        return service.balance(uow, desk.shop, who).balance


def order(message_id: str, order_id: str, total: float, *, ago: timedelta = timedelta(0), **more: Any) -> dict[str, Any]:
    """A completed order."""
    at = (clock.now() - ago).isoformat()
    properties = {"order_id": order_id, "total": total, "currency": "CNY"} | more.pop("properties", {})
    return track("Order Completed", message_id, timestamp=at, properties=properties, **more)


def test_orders_earn_once_and_refunds_take_back_part_by_part(rules: Desk) -> None:
    rules.take(order("m1", "o1", 220.0, properties={"shipping": 20}))
    rules.take(order("m1b", "o1", 220.0), order("m2", "o2", 99.99))  # told again under another message
    assert had(rules) == 200 + 99

    refund = {"order_id": "o1", "refund_id": "r1", "total": 50, "currency": "CNY"}
    rules.take(track("Order Refunded", "m3", properties=refund))
    rules.take(track("Order Refunded", "m3b", properties=refund))
    assert had(rules) == 150 + 99

    rules.take(track("Order Cancelled", "m4", properties={"order_id": "o2"}))
    assert had(rules) == 150


def test_a_tier_is_reached_by_orders_and_multiplies_what_later_ones_earn(rules: Desk) -> None:
    rules.take(order("m1", "o1", 600.0, ago=timedelta(hours=2)))
    rules.take(order("m2", "o2", 100.0))
    with rules.house.records.reading() as uow:
        member = service.membership(uow, rules.shop, "17850")

    assert (member.tier_id, member.metric, member.to_next) == ("silver", 70_000, None)
    assert had(rules) == 600 + 200

    rules.take(track("Order Refunded", "m3", properties={"order_id": "o1", "total": 600, "currency": "CNY"}))
    with rules.house.records.reading() as uow:
        member = service.membership(uow, rules.shop, "17850")
        changes = [(one.before, one.after, one.reason) for one in service.steps(uow, "tea", "17850")]
    assert (member.tier_id, member.metric, member.to_next) == ("member", 10_000, 40_000)
    assert changes == [("silver", "member", "refund_revert"), ("member", "silver", "upgrade")]


def test_what_was_before_a_rule_or_is_nobodys_earns_nothing(rules: Desk) -> None:
    rules.take(order("m1", "o1", 300.0, ago=BEGUN + timedelta(days=1)))
    rules.take(order("m2", "o2", 300.0, userId=None, anonymousId="phone-1"))
    rules.take(order("m3", "o3", 300.0, properties={"currency": "USD"}))  # there is no rate

    assert had(rules) == 0


def test_caps_and_streaks_of_other_acts(rules: Desk) -> None:
    begin = clock.now().replace(day=1, hour=4) - timedelta(days=20)
    for day in range(4):
        at = (begin + timedelta(days=day)).isoformat()
        rules.take(track("Checked In", f"in{day}", timestamp=at), track("Checked In", f"in{day}b", timestamp=at))
    assert had(rules) == 5 + 5 + 35 + 5

    for place in range(4):
        at = (begin + timedelta(hours=place)).isoformat()
        rules.take(track("Product Reviewed", f"r{place}", timestamp=at, properties={"product_id": "lj"}))
    assert had(rules) == 50 + 40


def test_birthday_points_come_on_the_day_once_a_year(rules: Desk) -> None:
    with rules.house.records.unit() as uow:
        service.make_rule(uow, rules.caller, rules.shop, EarnRule(kind="birthday", name="Birthday", points=88))
        service.tell_birthday(uow, rules.caller, rules.shop, "17850", 2, 29)
    for day in (date(2027, 2, 27), date(2027, 2, 28), date(2027, 2, 28), date(2028, 2, 28)):
        with rules.house.records.unit() as uow:
            hearing.give_birthday_points(uow, rules.shop, day)
    assert had(rules) == 88

    with rules.house.records.unit() as uow:
        hearing.give_birthday_points(uow, rules.shop, date(2028, 2, 29))
    assert had(rules) == 176


def test_a_fault_of_ours_holds_up_no_event(rules: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(hearing, "net_goods", fails)
    rules.take(order("m1", "o1", 300.0))

    assert [event["event"] for event in rules.events()] == ["Order Completed"]
    assert had(rules) == 0


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"revenue": "80.005", "total": 100}, 8_000),
        ({"total": 100, "shipping": 12, "tax": 3}, 8_500),
        ({"products": [{"price": 30, "quantity": 2}, {"price": "5.50"}], "discount": 10}, 5_550),
        ({"total": 100, "points_discount": 30}, 7_000),
        ({"total": 10, "shipping": 12}, 0),
        ({"total": "many"}, None),
        ({}, None),
    ],
)
def test_what_counts_of_an_order(properties: dict[str, Any], expected: int | None) -> None:
    assert net_goods(properties, "CNY") == expected


@pytest.fixture
def client(rules: Desk) -> TestClient:
    """The room's routes, for a key that may do it all."""
    house = rules.house
    stores = Stores(records=house.records, warehouse=house.warehouse, home=house.home, keyring=house.keyring, journal=house.journal)
    with house.records.unit() as uow:
        scopes = ["read_reports", "read_customers", "export", "manage_offers", "move_points"]
        key = api_keys.create(uow, rules.caller, name="till", scopes=scopes)
    return TestClient(
        build(stores, WebOptions(), [api]), headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost"
    )


def test_a_checkout_over_http(client: TestClient, rules: Desk) -> None:
    account = "/v1/points/accounts/17850"
    earned = client.post(f"{account}/earnings", json={"key": "e1", "order_id": "7", "amount_minor": 12_345})
    assert (earned.status_code, earned.json()) == (200, {"points": 123})
    assert client.post(f"{account}/earnings", json={"key": "e1", "order_id": "7", "amount_minor": 12_345}).json() == {"points": 123}
    other = client.post(f"{account}/earnings", json={"key": "e1", "order_id": "7", "amount_minor": 1})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")

    held = client.post(f"{account}/holds", json={"key": "h1", "points": 100}).json()
    assert held["held"] == 100
    assert datetime.fromisoformat(held["expires_at"]) > clock.now()
    refused = client.post(f"{account}/spends", json={"key": "s1", "points": 24})
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_points")
    assert client.post(f"{account}/holds/h1/capture", json={"key": "c1"}).json() == {"captured": 100}
    assert client.post(f"{account}/holds/h1/release", json={"key": "c2"}).json()["code"] == "hold_not_active"
    back = client.post(f"{account}/spends/h1/returns", json={"key": "r1", "points": 40})
    assert back.json() == {"returned": [{"lot": "e1", "points": 40}]}
    clawed = client.post(f"{account}/orders/7/refunds", json={"key": "f1", "cum_refunded_minor": 12_345}).json()
    assert (clawed["clawback"], clawed["own_lot"], clawed["debt"]) == (123, 63, 60)

    balance = client.get(account).json()
    assert (balance["balance"], balance["debt"]) == (-60, 60)
    lines = client.get(f"{account}/statement", params={"limit": 2}).json()
    assert [line["kind"] for line in lines["items"]] == ["refund", "return"]
    older = client.get(f"{account}/statement", params={"limit": 10, "cursor": lines["next"]}).json()
    assert [line["kind"] for line in older["items"]] == ["capture", "hold", "earn"]
    assert client.get(f"{account}/statement", params={"format": "csv"}).text.startswith("\ufeffat,kind,points")
    assert client.get("/v1/points/overview").json()["debt"] == 60
    assert client.get("/v1/points/accounts/v_0123456789").json()["code"] == "bad_customer_id"


def test_rules_tiers_and_rewards_over_http(client: TestClient, rules: Desk) -> None:
    assert [one["rule"]["kind"] for one in client.get("/v1/points/rules").json()["rules"]] == ["purchase", "review", "check_in"]
    made = client.post("/v1/points/rules", json={"kind": "event", "name": "Videos", "event": "Video Watched", "points": 3})
    assert made.status_code == 201, made.text
    rule_id = made.json()["rule_id"]
    assert client.patch(f"/v1/points/rules/{rule_id}", json={"state": "off"}).json()["state"] == "off"
    assert client.delete(f"/v1/points/rules/{rule_id}").status_code == 204
    assert client.post("/v1/points/rules", json={"kind": "review", "name": "x"}).json()["code"] == "bad_earn_rule"

    given = client.put("/v1/tiers/members/17850", json={"tier_id": "silver"}).json()
    assert (given["tier_id"], given["manual"], given["valid_until"]) == ("silver", True, None)
    assert client.get("/v1/tiers").json()["members"] == [
        {"tier_id": "member", "customers": 0},
        {"tier_id": "silver", "customers": 1},
    ]

    cup = {"name": "Cup", "points": 100, "stock": 1, "per_customer": 1}
    assert client.put("/v1/rewards/cup", json=cup).json()["taken"] == 0
    poor = client.post("/v1/rewards/cup/claims", json={"customer_id": "17850", "key": "k1"})
    assert poor.json()["code"] == "insufficient_points"
    client.post("/v1/points/accounts/17850/earnings", json={"key": "e", "points": 250})
    claimed = client.post("/v1/rewards/cup/claims", json={"customer_id": "17850", "key": "k1"})
    assert claimed.status_code == 201, claimed.text
    again = client.post("/v1/rewards/cup/claims", json={"customer_id": "17850", "key": "k1"})
    assert again.json() == claimed.json()
    assert client.post("/v1/rewards/cup/claims", json={"customer_id": "17850", "key": "k2"}).json()["code"] == "customer_limit"
    client.post("/v1/points/accounts/2/earnings", json={"key": "e", "points": 250})
    assert client.post("/v1/rewards/cup/claims", json={"customer_id": "2", "key": "k2"}).json()["code"] == "sold_out"
    done = client.post(f"/v1/rewards/claims/{claimed.json()['claim_id']}/state", json={"state": "returned"})
    assert done.json()["state"] == "returned"
    assert had(rules) == 250
    assert client.get("/v1/rewards").json()["rewards"][0]["taken"] == 0
    assert client.post("/v1/rewards/cup/claims", json={"customer_id": "2", "key": "k2"}).status_code == 201
