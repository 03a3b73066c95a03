"""Promotions over HTTP and from the shell, on a real house: what people and storefronts do with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from regulars.access import ROLE_PERMISSIONS, Caller, Permission, Role, api_keys, shops
from regulars.app import House
from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from regulars.offer.promotions import service
from regulars.settings import Settings
from tests.access.people import colleague

CART = {
    "currency": "CNY",
    "shipping": 1_000,
    "lines": [{"id": "1", "sku": "longjing", "category": "Tea > Green tea", "seller": "s1", "unit_price": 14_000, "qty": 2}],
}
FIFTY = {"layer": "order", "effect": {"kind": "amount", "min_amount": 30_000, "minor": 5_000}}
EIGHTH = {"layer": "platform_coupon", "effect": {"kind": "percent", "bps": 1_250}, "scope": {"categories": ["Tea"]}}


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    opened = House.open(Settings.load())
    with opened.records.unit() as uow:
        shell = Caller.system("shell", opened.keyring)
        shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
    yield opened
    opened.close()


@pytest.fixture
def client(house: House) -> Callable[..., TestClient]:
    app = house.http()

    def made(*scopes: Permission) -> TestClient:
        with house.records.unit() as uow:
            shell = Caller.system("shell", house.keyring)
            secret = api_keys.create(uow, shell, name="test", scopes=list(scopes), shop_id="tea").secret
        return TestClient(app, base_url="http://localhost", headers={"authorization": f"Bearer {secret}"})

    return made


def _made(marketer: TestClient, promotion_id: str, definition: dict[str, Any], **rest: Any) -> None:
    body = {"promotion_id": promotion_id, "name": promotion_id, "definition": definition, **rest}
    assert marketer.post("/v1/promotions", json=body).status_code == 201
    assert marketer.post(f"/v1/promotions/{promotion_id}/acts", json={"act": "launch"}).json()["state"] == "running"


def test_a_storefront_quotes_takes_cancels_and_returns_orders(client: Callable[..., TestClient]) -> None:
    marketer = client("manage_offers", "read_reports", "read_customers")
    shop = client("take_orders", "read_customers")
    _made(marketer, "fifty", FIFTY)
    _made(marketer, "eighth", EIGHTH, kind="coupon")
    given = marketer.post("/v1/coupons", json={"promotion_id": "eighth", "customers": ["u1"], "valid_days": 3}).json()["items"]
    ask = {"cart": CART, "customer": "u1", "coupon_mode": "best"}

    quote = shop.post("/v1/quotes?lang=zh", json=ask).json()

    assert quote["applied"] == [given[0]["code"]]
    assert quote["totals"]["payable"] == 28_000 - 3_500 + 1_000
    assert quote["hints"] == [
        {"id": "fifty", "name": "fifty", "missing_minor": 2_000, "missing_qty": 0, "words": "再买 ¥20，可享减 ¥50"}
    ]

    order = {**ask, "order_id": "o1", "payable": quote["totals"]["payable"]}
    wrong = shop.post("/v1/checkouts", json={**order, "payable": 1})
    taken = shop.post("/v1/checkouts", json=order, headers={"idempotency-key": "k1"})
    again = shop.post("/v1/checkouts", json=order)
    other = shop.post("/v1/checkouts", json={**order, "channel": "app"})

    assert (wrong.status_code, wrong.json()["code"], wrong.json()["payable"]) == (409, "QUOTE_CHANGED", 25_500)
    assert taken.json() == again.json() == shop.get("/v1/checkouts/o1").json()
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert marketer.get("/v1/customers/u1/coupons").json()["items"][0]["state"] == "used"
    assert marketer.get("/v1/promotions/eighth").json()["performance"]["cost"] == 3_500

    back = {"refund_id": "r1", "lines": [{"line": "1", "qty": 1}]}
    assert shop.post("/v1/checkouts/o1/refunds", json=back).json()["cash"] == 12_250
    assert shop.post("/v1/checkouts/o1/refunds", json=back).json()["cash"] == 12_250
    assert shop.post("/v1/checkouts/o1/cancellations").status_code == 409
    assert shop.post("/v1/checkouts/o1/refunds", json={**back, "refund_id": "r2"}).json()["cash"] == 12_250
    assert shop.get("/v1/checkouts/o1").json()["state"] == "refunded"
    assert marketer.get("/v1/customers/u1/coupons").json()["items"][0]["state"] == "open"
    assert marketer.post("/v1/checkouts", json=order).status_code == 403
    assert shop.post("/v1/promotions", json={}).status_code == 403


def test_a_preview_shows_what_a_promotion_would_do_and_keeps_nothing(client: Callable[..., TestClient]) -> None:
    marketer = client("manage_offers", "read_reports")

    tried = marketer.post("/v1/promotions/previews", json={"definition": EIGHTH, "name": "Tea week", "ask": {"cart": CART}})
    wrong = marketer.post(
        "/v1/promotions/previews", json={"definition": {**FIFTY, "effect": {"kind": "nth_unit"}}, "ask": {"cart": CART}}
    )

    assert tried.json()["lines"][0]["discounts"] == [{"source": "PREVIEW", "name": "Tea week", "amount": 3_500}]
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_offer")
    assert marketer.get("/v1/promotions").json()["items"] == []


def test_batches_are_made_imported_claimed_and_downloaded(client: Callable[..., TestClient], house: House) -> None:
    marketer = client("manage_offers", "read_reports", "export", "read_customers")
    shop = client("take_orders")
    _made(marketer, "leaflet", EIGHTH, kind="coupon")

    few = marketer.post("/v1/coupon_batches", json={"promotion_id": "leaflet", "many": 300, "prefix": "fair-"}).json()
    many = marketer.post("/v1/coupon_batches", json={"promotion_id": "leaflet", "many": 30_000}).json()
    told = {"promotion_id": "leaflet", "csv": "code,customer_id\nspring-1,u1\nspring-2,\n"}
    imported = marketer.post("/v1/coupon_batches/imports", json=told).json()
    twice = marketer.post("/v1/coupon_batches/imports", json=told)
    stock = marketer.post("/v1/coupon_batches", json={"promotion_id": "leaflet", "stock": 2, "valid_days": 7}).json()
    claims = [
        shop.post(f"/v1/coupon_batches/{stock['batch_id']}/claims", json={"customer": who}).json()
        for who in ("u1", "u1", "u2", "u3")
    ]
    house.work_off(unhurried=True)

    assert (few["made"], many["made"], imported["made"], twice.status_code) == (300, 0, 2, 409)
    assert [one["reason"] for one in claims] == [None, "CUSTOMER_LIMIT", None, "SOLD_OUT"]
    assert marketer.get(f"/v1/coupon_batches/{many['batch_id']}").json()["made"] == 30_000
    page = marketer.get(f"/v1/coupon_batches/{few['batch_id']}/coupons?limit=200").json()
    rest = marketer.get(f"/v1/coupon_batches/{few['batch_id']}/coupons?limit=200&cursor={page['next']}").json()
    codes = [one["code"] for one in (*page["items"], *rest["items"])]
    assert len(set(codes)) == 300 and codes == sorted(codes) and all(code.startswith("FAIR-") for code in codes)
    file = marketer.get(f"/v1/coupon_batches/{few['batch_id']}/coupons?format=csv").text
    assert file.count("\r\n") == 301 and codes[0] in file
    priced = shop.post("/v1/quotes", json={"cart": CART, "codes": ["Spring-2", codes[0]]}).json()
    assert [one["reason"] for one in priced["rejected"]] == ["PLATFORM_COUPON_LIMIT"]
    assert marketer.delete(f"/v1/coupons/{codes[0]}").json()["state"] == "void"
    voided = shop.post("/v1/quotes", json={"cart": CART, "codes": [codes[0]]}).json()
    assert [one["reason"] for one in voided["rejected"]] == ["CODE_EXHAUSTED"]


def test_a_claim_page_gives_its_customer_one_coupon_and_opening_it_gives_none(
    client: Callable[..., TestClient], house: House
) -> None:
    marketer, shop = client("manage_offers", "read_reports", "read_customers"), client("take_orders")
    _made(marketer, "gift", EIGHTH, kind="coupon")
    batch = marketer.post("/v1/coupon_batches", json={"promotion_id": "gift", "stock": 1}).json()["batch_id"]
    first, second = (shop.post(f"/v1/coupon_batches/{batch}/links", json={"customer": who}).json()["path"] for who in ("u1", "u2"))
    anybody = TestClient(house.http(), base_url="http://localhost", headers={"origin": "http://localhost", "accept-language": "zh"})

    shown = [anybody.get(first).text for _ in range(3)]
    held = marketer.get("/v1/customers/u1/coupons").json()["items"]
    claimed = [anybody.post(first).text for _ in range(2)]
    (coupon,) = marketer.get("/v1/customers/u1/coupons").json()["items"]

    assert held == [] and all("领取" in page for page in shown)
    assert all(coupon["code"] in page for page in (*claimed, anybody.get(first).text))
    assert "已领完" in anybody.post(second).text
    forged = anybody.post(second[:-1] + ("0" if second[-1] != "0" else "1"))
    assert (forged.status_code, anybody.get("/v1/claims/nothing").status_code) == (404, 404)


def test_everybody_in_a_segment_gets_one_coupon(client: Callable[..., TestClient], house: House) -> None:
    marketer = client("manage_offers", "read_reports", "read_customers", "manage_segments")
    _made(marketer, "gift", EIGHTH, kind="coupon")
    kept = {"segment_id": "vip", "name": "VIP", "kind": "uploaded", "customers": ["u1", "u2", "u3"]}
    assert marketer.post("/v1/segments", json=kept).status_code == 201
    house.work_off()

    batch = marketer.post("/v1/coupon_batches/segments", json={"promotion_id": "gift", "segment_id": "vip", "valid_days": 9}).json()
    house.work_off(unhurried=True)

    assert marketer.get(f"/v1/coupon_batches/{batch['batch_id']}").json()["made"] == 3
    with house.records.reading() as uow:
        tea = shops.get(uow, "tea")
    assert service.issue_all(house.records, house.warehouse, tea, batch["batch_id"], "vip") == 0
    assert len(marketer.get("/v1/customers/u2/coupons").json()["items"]) == 1
    assert marketer.post("/v1/coupon_batches/segments", json={"promotion_id": "gift", "segment_id": "none"}).status_code == 404


def test_what_may_cost_more_than_the_limit_waits_for_a_second_operator(house: House) -> None:
    with house.records.unit() as uow:
        shell = Caller.system("shell", house.keyring)
        tea = shops.get(uow, "tea")
        service.set_approval(uow, shell, "tea", 100_000)
    mei, lin = (
        Caller(kind="operator", id=who, scopes=frozenset({"manage_offers"}), keyring=house.keyring) for who in ("mei", "lin")
    )

    with house.records.unit() as uow:
        service.make(uow, mei, tea, name="Large", definition={**FIFTY, "budget": {"total": 100_001}}, promotion_id="large")
        service.make(uow, mei, tea, name="Small", definition={**FIFTY, "budget": {"total": 100_000}}, promotion_id="small")
        waiting = service.act(uow, mei, "tea", "large", "launch")
        small = service.act(uow, mei, "tea", "small", "launch")
        with pytest.raises(Exception, match="another operator"):
            service.act(uow, mei, "tea", "large", "approve")
        approved = service.act(uow, lin, "tea", "large", "approve")
        with pytest.raises(Exception, match="Pause it first"):
            service.change(uow, mei, tea, "large", name="Larger")
        service.act(uow, mei, "tea", "large", "pause")
        changed = service.change(uow, mei, tea, "large", name="Larger")
        service.act(uow, mei, "tea", "large", "end")
        with pytest.raises(Exception, match="ended"):
            service.act(uow, mei, "tea", "large", "launch")

    assert (waiting.state, small.state, approved.state, changed.state) == ("waiting", "running", "running", "draft")
    assert (approved.launched_by, approved.approved_by, changed.approved_by) == ("operator:mei", "operator:lin", None)


def test_the_shell_does_the_same(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str, exit_code: int = 0) -> str:
        capsys.readouterr()
        here = visit.set(Visit(house, tmp_path, {"COLUMNS": "200", "LANG": "en_US.UTF-8"}, False))
        try:
            code = perform(["promotion", *arguments])
        finally:
            visit.reset(here)
        shown = capsys.readouterr()
        assert code == exit_code, shown.err
        return shown.err if code else shown.out

    (tmp_path / "spring.yaml").write_text(
        json.dumps([{"promotion_id": "leaflet", "name": "Leaflet", "kind": "coupon", "definition": EIGHTH}])
    )
    (tmp_path / "cart.json").write_text(json.dumps(CART))
    (tmp_path / "codes.csv").write_text("code\nPAPER-1\n")

    run("make", "spring.yaml")
    assert "running" in run("launch", "leaflet")
    batch = json.loads(run("codes", "leaflet", "--many", "7", "--json"))
    assert batch["made"] == 7
    assert "PAPER" not in run("coupons", batch["batch_id"])
    run("load", "leaflet", "codes.csv")
    assert "u7" in run("give", "leaflet", "u7", "--days", "3")
    assert json.loads(run("quote", "cart.json", "--code", "paper-1", "--json"))["totals"]["payable"] == 25_500
    assert "There is no such code" in run("quote", "cart.json", "--code", "nope")
    (tmp_path / "wrong.json").write_text(json.dumps({"lines": [{"sku": "p1", "qty": 2, "unit_price": "1,400"}]}))
    assert "lines.1.unit_price" in run("quote", "wrong.json", exit_code=1)
    (tmp_path / "wrong.yaml").write_text(json.dumps([{"id": "x", "name": "X", "definition": EIGHTH}]))
    assert "'id' is not known" in run("make", "wrong.yaml", exit_code=1)
    run("coupons", batch["batch_id"], "--csv", "out.csv")
    assert (tmp_path / "out.csv").read_text().count("\n") == 8
    assert "Leaflet" in run("list")
    assert "paused" in run("pause", "leaflet")
    assert "ended" in run("end", "leaflet")


def test_a_marketer_makes_offers_and_support_sees_wallets(house: House) -> None:
    for role, may in ((Role.MARKETER, {"manage_offers"}), (Role.SUPPORT, {"read_customers"})):
        person = colleague(house.records, house.keyring, role=role, email=f"{role}@example.com")
        assert person.role == role
        assert may <= ROLE_PERMISSIONS[role]
        assert "take_orders" not in ROLE_PERMISSIONS[role]
