"""Sixty-four clients on a coupon of fifty and a stock of thirty to be claimed, and servers that are killed meanwhile (P8, P10).

On SQLite one server, on PostgreSQL two. A client whose server died sends the same again until it is answered.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from regulars.access import Caller, Keyring, api_keys, shops
from regulars.offer.promotions import service
from regulars.offer.promotions.tables import coupon, order_offer, promotion_use
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.flows.test_rush_killed import CLIENTS, Crowd, processes

LIMIT, STOCK = 50, 30
TEN_OFF: dict[str, Any] = {"layer": "platform_coupon", "effect": {"kind": "amount", "minor": 1_000}}


def _ready(records: Records, home: Path) -> tuple[dict[str, str], str]:
    shell = Caller.system("shell", Keyring.open(home))
    with records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="tea", name="Tea", timezone="UTC", currency="CNY")
        secret = api_keys.create(uow, shell, name="k", scopes=["take_orders"], shop_id="tea").secret
        limits = {"total": LIMIT, "per_customer": 1}
        service.make(
            uow, shell, shop, name="Rush", promotion_id="rush", kind="coupon", code="RUSH", definition={**TEN_OFF, "limits": limits}
        )
        service.make(uow, shell, shop, name="Gift", promotion_id="gift", kind="coupon", definition=TEN_OFF)
        for promotion_id in ("rush", "gift"):
            service.act(uow, shell, "tea", promotion_id, "launch")
        batch = service.open_for_claims(uow, shell, shop, "gift", stock=STOCK)
    return {"authorization": f"Bearer {secret}"}, batch.batch_id


def test_exactly_the_limit_is_redeemed_whatever_dies(any_records: Records, home: Path, warehouse: Warehouse) -> None:
    headers, batch_id = _ready(any_records, home)
    cart = {"currency": "CNY", "lines": [{"id": "1", "sku": "A", "unit_price": 20_000, "qty": 1}]}

    def buy(number: int) -> str:
        body = {"cart": cart, "customer": f"c{number}", "codes": ["rush"], "order_id": f"o{number}", "payable": 19_000}
        first, again = (crowd.send(number + place, "/v1/checkouts", body, f"buy-{number}-{place}") for place in range(2))
        assert first.status_code == again.status_code
        if first.status_code == 200:
            assert first.json() == again.json()
            return "taken"
        return str(first.json()["code"])

    def claim(number: int) -> str:
        body = {"customer": f"c{number}"}
        first, again = (crowd.send(number, f"/v1/coupon_batches/{batch_id}/claims", body, f"claim-{number}") for _ in range(2))
        assert first.text == again.text
        return str(first.json()["reason"] or "claimed")

    with processes(any_records, home) as servers:
        crowd = Crowd(servers, headers)
        with ThreadPoolExecutor(CLIENTS) as pool:
            buying = [pool.submit(buy, number) for number in range(CLIENTS)]
            claiming = [pool.submit(claim, number) for number in range(CLIENTS)]
            for victim in servers:
                victim.kill()
                victim.start()
            bought, claimed = Counter(one.result() for one in buying), Counter(one.result() for one in claiming)

    assert bought["taken"] == LIMIT
    assert set(bought) <= {"taken", "QUOTE_CHANGED", "CODE_EXHAUSTED"}
    assert claimed == {"claimed": STOCK, "SOLD_OUT": CLIENTS - STOCK}
    assert not [status for status in crowd.statuses if status >= 500]
    with any_records.reading() as uow:
        assert uow.value(select(func.count()).select_from(order_offer)) == LIMIT
        assert uow.value(select(func.count()).select_from(coupon)) == STOCK
        assert uow.value(select(promotion_use.c.used).where(promotion_use.c.customer_id == "")) == LIMIT
    context = CheckContext(records=any_records, warehouse=warehouse, home=home)
    assert [found for check in service.CHECKS for found in check.run(context)] == []
