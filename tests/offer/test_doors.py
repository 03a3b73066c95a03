"""Flash sales, group buys and referrals over HTTP and at the shell, on one real house: who may, what is answered, what is exported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from fastapi.testclient import TestClient

from regulars.access import Caller, api_keys, shops
from regulars.app import House, examine
from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from regulars.settings import Settings
from tests.offer.conftest import NOON
from tests.support.rows import put


@pytest.fixture
def house(home: object) -> Iterator[House]:
    opened = House.open(Settings.load())
    with opened.records.unit() as uow:
        shell = Caller.system("shell", opened.keyring)
        shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
    yield opened
    opened.close()


@pytest.fixture
def client_with(house: House) -> Callable[..., TestClient]:
    app = house.http()

    def client(*scopes: str) -> TestClient:
        with house.records.unit() as uow:
            key = api_keys.create(uow, Caller.system("shell", house.keyring), name="test", scopes=list(scopes))
        return TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    return client


@pytest.fixture
def shell(house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("REGULARS_LANGUAGE", "zh")

    def run(*words: str) -> str:
        token = visit.set(Visit(house, house.home, {"COLUMNS": "200", "REGULARS_LANGUAGE": "zh"}, False))
        try:
            code = perform(list(words))
        finally:
            visit.reset(token)
        said = capsys.readouterr()
        assert code == 0, said.err
        return said.out

    return run


SALE = {"name": "Noon", "product_id": "longjing", "price_minor": 9_900, "stock": 2, "per_customer": 1}
TIMES = {"starts_at": NOON.isoformat(), "ends_at": (NOON + timedelta(hours=2)).isoformat()}


def test_a_flash_sale_from_making_to_refund(client_with: Callable[..., TestClient], shell: Callable[..., str]) -> None:
    marketer, storefront = client_with("manage_offers", "read_reports", "read_customers", "export"), client_with("load_data")
    with time_machine.travel(NOON, tick=False):
        assert storefront.post("/v1/flash_sales", json=SALE | TIMES).status_code == 403
        assert marketer.post("/v1/flash_sales", json=SALE | TIMES | {"stock": 0}).status_code == 422
        made = marketer.post("/v1/flash_sales", json=SALE | TIMES)
        assert made.status_code == 201, made.text
        here = f"/v1/flash_sales/{made.json()['sale_id']}"
        assert marketer.post(f"{here}/reservations", json={"customer_id": "u1"}).status_code == 403

        held = storefront.post(f"{here}/reservations", json={"customer_id": "mei@example.com", "reservation_id": "cart-1"}).json()
        again = storefront.post(f"{here}/reservations", json={"customer_id": "MEI@example.com ", "reservation_id": "cart-1"}).json()
        other = storefront.post(f"{here}/reservations", json={"customer_id": "u2", "reservation_id": "cart-1"})
        limit = storefront.post(f"{here}/reservations", json={"customer_id": "mei@example.com"})
        paid = storefront.post(f"{here}/reservations/cart-1/payment").json()
        refused = storefront.post(f"{here}/reservations/cart-1/cancellation")
        state = marketer.get(here).json()
        listed = marketer.get(f"{here}/reservations", params={"status": "sold", "limit": 1}).json()
        csv = marketer.get(f"{here}/reservations", params={"format": "csv"}).text
        back = storefront.post(f"{here}/reservations/cart-1/refund").json()
        more = marketer.patch(here, json={"stock": 5}).json()
        said = shell("flash-sales", "list")
        as_json = json.loads(shell("flash-sales", "reservations", made.json()["sale_id"], "--status", "refunded", "--json"))
        ended = shell("flash-sales", "change", made.json()["sale_id"], "--ends", "now")

    assert held == again
    assert held["customer_id"].startswith("c_")  # an address is never kept as it is
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert limit.json()["code"] == "customer_limit"
    assert (paid["status"], refused.json()["code"]) == ("sold", "already_paid")
    assert (state["available"], state["sold"], state["phase"]) == (1, 1, "running")
    assert [one["reservation_id"] for one in listed["items"]] == ["cart-1"]
    assert "99.00" in csv
    assert (back["status"], back["returned_to_activity"]) == ("refunded", 0)
    assert more["available"] == 4
    assert "进行中" in said
    assert as_json["items"][0]["reservation_id"] == "cart-1"
    assert "已结束" in ended


def test_a_group_buy_from_making_to_money_given_back(
    client_with: Callable[..., TestClient], shell: Callable[..., str], house: House
) -> None:
    marketer, storefront = client_with("manage_offers", "read_reports", "read_customers", "export"), client_with("load_data")
    with time_machine.travel(NOON, tick=False) as clock:
        offer = {"name": "Three", "product_id": "longjing", "price_minor": 8_800, "size": 3, "window_s": 3600}
        made = marketer.post("/v1/group_buys", json=offer | TIMES).json()
        here = f"/v1/group_buys/{made['offer_id']}"
        first = storefront.post(f"{here}/groups", json={"customer_id": "u1", "group_id": "g1"}).json()
        early = storefront.post("/v1/group_buys/groups/g1/seats", json={"customer_id": "u2"}).json()
        for who in ("u1", "u2"):
            if who != "u1":
                assert storefront.post("/v1/group_buys/groups/g1/seats", json={"customer_id": who}).json()["status"] == "held"
            paid = storefront.post("/v1/group_buys/groups/g1/payments", json={"customer_id": who}).json()
        left = storefront.post("/v1/group_buys/groups/g1/departures", json={"customer_id": "u1"}).json()
        state = marketer.get("/v1/group_buys/groups/g1").json()
        clock.shift(timedelta(hours=1))
        failed = marketer.get(f"{here}/groups").json()["items"][0]
        house.work_off()
        due = marketer.get("/v1/group_buys/refunds").json()["items"]
        done = storefront.post(f"/v1/group_buys/refunds/{due[0]['refund_id']}/done").json()
        counts = marketer.get(here).json()
        csv = marketer.get("/v1/group_buys", params={"format": "csv"}).text
        said = [shell("group-buys", "group", "g1"), shell("group-buys", "refunds", "--every"), shell("group-buys", "list")]
        listed = shell("group-buys", "groups", made["offer_id"])
        assert marketer.post(f"{here}/end").json()["phase"] == "ended"

    assert (first["status"], first["group"], early["code"]) == ("held", "pending", "group_not_open")
    assert (paid["status"], left["status"], state["leader"]) == ("paid", "refunded", "u2")
    assert (failed["status"], failed["members"][1]["status"]) == ("failed", "refunded")
    assert sorted(one["reason"] for one in due) == ["failed", "left"]
    assert done["done_at"] is not None
    assert (counts["failures"], counts["refunds_due"]) == (1, 1)
    assert "Three" in csv
    assert ["未成团" in text for text in said[:2]] == [True, True]
    assert "g1" in listed


def test_a_referral_from_code_to_reward(client_with: Callable[..., TestClient], shell: Callable[..., str], house: House) -> None:
    marketer, storefront = client_with("manage_offers", "read_reports", "read_customers", "export"), client_with("load_data")
    with time_machine.travel(NOON, tick=False) as clock:
        wish = {"name": "Bring", "referrer": {"kind": "points", "points": 500}, "friend": {"kind": "coupon", "coupon": "HI"}}
        bad = marketer.post("/v1/referral_programmes", json=wish | {"starts_at": NOON.isoformat(), "friend": {"kind": "points"}})
        made = marketer.post("/v1/referral_programmes", json=wish | {"starts_at": NOON.isoformat()}).json()
        here = f"/v1/referral_programmes/{made['programme_id']}"
        code = storefront.post(f"{here}/codes", json={"customer_id": "u1"}).json()["code"]
        claimed = storefront.post("/v1/referrals", json={"code": code, "customer_id": "u2", "visitor_id": "phone"}).json()
        second = storefront.post("/v1/referrals", json={"code": code, "customer_id": "u3", "visitor_id": "phone"}).json()
        itself = storefront.post("/v1/referrals", json={"code": code, "customer_id": "u1"})
        for number, who in enumerate(("u2", "u3")):
            at = datetime(2026, 11, 12)
            order = {"shop_id": "tea", "order_id": f"o{number}", "customer_id": who, "ordered_at": at, "status": "placed"}
            put(house.warehouse, "orders", [order | {"currency": "CNY", "total_minor": 9_900}])
        clock.move_to(datetime(2026, 11, 27, tzinfo=UTC))
        settled = json.loads(shell("referrals", "settle", "--json"))
        waiting = marketer.get("/v1/referrals", params={"state": "review"}).json()["items"]
        decided = marketer.post(f"/v1/referrals/{second['referral_id']}/decision", json={"allow": True, "note": "family"}).json()
        due = marketer.get("/v1/referrals/rewards").json()["items"]
        given = [storefront.post(f"/v1/referrals/rewards/{due[0]['reward_id']}/granted").json() for _ in range(2)]
        csv = marketer.get("/v1/referrals", params={"format": "csv", "programme_id": made["programme_id"]}).text
        page = marketer.get("/v1/referrals", params={"limit": 1}).json()
        rest = marketer.get("/v1/referrals", params={"limit": 1, "cursor": page["next"]}).json()
        said = shell("referrals", "programmes") + shell("referrals", "list") + shell("referrals", "rewards")
        assert shell("referrals", "end", made["programme_id"])
        health = [check.name for check in examine(house).checks if not check.ok]

    assert bad.json()["code"] == "bad_reward_points"
    assert (claimed["state"], claimed["reasons"], second["reasons"]) == ("claimed", [], ["device_shared"])
    assert itself.json()["code"] == "self_referral"
    assert (settled["ordered"], settled["rewarded"], settled["review"]) == (2, 0, 2)
    assert {one["referral_id"] for one in waiting} == {claimed["referral_id"], second["referral_id"]}
    assert (decided["state"], decided["reasons"], decided["note"]) == ("rewarded", ["device_shared"], "family")
    assert len(due) == 2
    assert given[0] == given[1]
    assert "device_shared" in csv
    assert {page["items"][0]["referral_id"], rest["items"][0]["referral_id"]} == {claimed["referral_id"], second["referral_id"]}
    assert "与其他被邀请人设备相同" in said
    assert health == []
