"""Offers: how fast carts are priced, alone and with a wallet, and how fast codes of coupons are made beside quotes.

python -m benchmarks offers
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from regulars.access import Caller, Keyring, Shop, shops
from regulars.offer.promotions import service
from regulars.offer.promotions.codes import new_codes
from regulars.offer.promotions.domain.carts import Buyer, Cart, CartLine, Store
from regulars.offer.promotions.domain.offers import Offer
from regulars.offer.promotions.domain.quoting import price_cart
from regulars.offer.promotions.domain.reading import offer_of
from regulars.offer.promotions.quoting import Asked
from regulars.records import Records
from regulars.rooms import import_tables

_CARTS, _LINES, _PROMOTIONS, _COUPONS, _CODES = 1_000, 20, 50, 30, 1_000_000
_SELLERS, _CATEGORIES = ("s1", "s2", "s3", "s4"), ("a", "b", "c", "d", "e")
_STORE = Store(timezone="Asia/Shanghai", now=datetime(2026, 6, 18, 4, tzinfo=UTC))
_NONE: dict[str, Any] = {}


def measure() -> str:
    """The section of the benchmark page."""
    rng = random.Random(7)
    sets = [(_cart(rng), _promotions(rng), _wallet(rng)) for _ in range(_CARTS)]
    alone = [_times(lambda s=s: price_cart(s[0], Buyer(id="u"), _STORE, promotions=s[1])) for s in sets]  # type: ignore[misc]
    wallet = [
        _times(lambda s=s: price_cart(s[0], Buyer(id="u"), _STORE, promotions=s[1], coupons=s[2], mode="best"))  # type: ignore[misc]
        for s in sets
    ]
    with tempfile.TemporaryDirectory() as folder:
        verb, made, beside = _in_a_shop(Path(folder), rng)
        raw = _raw(Path(folder))
    return f"""## Offers

{_CARTS:,} random carts of {_LINES} lines under {_PROMOTIONS} promotions of every kind; the wallet holds {_COUPONS} coupons of four sellers, the shop
and shipping. Simulated; milliseconds of one process, without HTTP.

| | p50 | p99 |
| --- | --- | --- |
| price a cart | {_at(alone, 50):.2f} | {_at(alone, 99):.2f} |
| price it with the best use of the wallet | {_at(wallet, 50):.2f} | {_at(wallet, 99):.2f} |
| quote it from the records (SQLite), in words | {_at(verb, 50):.2f} | {_at(verb, 99):.2f} |
| the same while codes are being made | {_at(beside, 50):.2f} | {_at(beside, 99):.2f} |

{_CODES:,} codes made in short transactions: **{made:,.0f}** a second, {made / raw:.2f} of one raw SQLite insert of as many rows into a table without
indexes in one transaction ({raw:,.0f} a second).
"""


def _times(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _at(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1]


def _in_a_shop(folder: Path, rng: random.Random) -> tuple[list[float], float, list[float]]:
    """Milliseconds of quotes from the records, codes made a second, and quotes meanwhile."""
    import_tables()
    records = Records.open(f"sqlite:///{folder}/records.sqlite")
    records.migrate()
    shell = Caller.system("benchmark", Keyring.open(folder))
    with records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
        for i, (definition, _) in enumerate(_definitions(rng)):
            service.make(uow, shell, shop, name=f"p{i}", promotion_id=f"p{i}", definition=definition)
            service.act(uow, shell, shop.shop_id, f"p{i}", "launch")
        coupon = {"layer": "platform_coupon", "effect": {"kind": "amount", "minor": 500}}
        service.make(uow, shell, shop, name="codes", promotion_id="codes", definition=coupon, kind="coupon")
        service.act(uow, shell, shop.shop_id, "codes", "launch")
    carts = [_cart(rng) for _ in range(300)]
    quiet = [_times(lambda cart=cart: _quote(records, shop, cart)) for cart in carts]  # type: ignore[misc]
    with records.unit() as uow:
        batch = service.generate(uow, shell, shop, "codes", many=_CODES)
    beside: list[float] = []
    over = threading.Event()

    def quote_on() -> None:
        while not over.is_set():
            beside.append(_times(lambda: _quote(records, shop, carts[len(beside) % len(carts)])))

    shopper = threading.Thread(target=quote_on)
    shopper.start()
    begun = time.perf_counter()
    service.make_all(records, shop.shop_id, batch.batch_id)
    seconds = time.perf_counter() - begun
    over.set()
    shopper.join()
    records.close()
    return quiet, _CODES / seconds, beside


def _quote(records: Records, shop: Shop, cart: Cart) -> None:
    with records.reading() as uow:
        service.quote(uow, shop, Asked(cart=cart, customer_id="u1"))


def _raw(folder: Path) -> float:
    """Rows a second that SQLite takes at best."""
    file = sqlite3.connect(folder / "raw.sqlite")
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("CREATE TABLE code (shop_id, promotion_id, batch_id, state, issued_at, ends_at, code)")
    rows = [("tea", "codes", "batch", "open", "2026-06-18 04:00:00.000000", None, code) for code in new_codes(_CODES)]
    begun = time.perf_counter()
    with file:
        file.executemany("INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    seconds = time.perf_counter() - begun
    file.close()
    return _CODES / seconds


def _cart(rng: random.Random) -> Cart:
    lines = tuple(
        CartLine(
            id=f"l{i}",
            sku=f"k{rng.randrange(60)}",
            category=rng.choice(_CATEGORIES),
            seller=rng.choice(_SELLERS),
            unit_price=rng.randrange(100, 50_000),
            qty=rng.randrange(1, 6),
        )
        for i in range(_LINES)
    )
    return Cart(currency="CNY", lines=lines, shipping=1_200)


def _scope(rng: random.Random) -> dict[str, Any]:
    match rng.randrange(4):
        case 0:
            return {"categories": rng.sample(_CATEGORIES, 2)}
        case 1:
            return {"skus": [f"k{rng.randrange(60)}" for _ in range(10)]}
        case 2:
            return {"exclude": {"categories": [rng.choice(_CATEGORIES)]}}
        case _:
            return _NONE


def _effect(rng: random.Random) -> dict[str, Any]:
    sum_ = rng.randrange(1_000, 200_000)
    match rng.choice(("amount", "amount", "percent", "percent", "tiers", "every", "cheapest_free", "n_for_price")):
        case "amount":
            return {"kind": "amount", "minor": sum_ // rng.randrange(5, 20), "min_amount": sum_}
        case "percent":
            return {"kind": "percent", "bps": rng.randrange(100, 3_000), "min_amount": sum_, "cap": rng.randrange(1_000, 20_000)}
        case "tiers":
            return {
                "kind": "tiers",
                "tiers": [{"min_amount": sum_, "minor": sum_ // 10}, {"min_amount": 2 * sum_, "minor": sum_ // 4}],
            }
        case "every":
            return {"kind": "every", "min_amount": sum_, "minor": sum_ // 10, "max_times": rng.randrange(1, 6)}
        case "cheapest_free":
            return {"kind": "cheapest_free", "n": rng.randrange(3, 8)}
        case _:
            return {"kind": "n_for_price", "n": 3, "minor": rng.randrange(60_000, 120_000)}


def _definitions(rng: random.Random) -> list[tuple[dict[str, Any], str]]:
    found: list[tuple[dict[str, Any], str]] = []
    for i in range(_PROMOTIONS):
        if i % 3 == 0:
            effect = rng.choice(({"kind": "percent", "bps": rng.randrange(100, 3_000)}, {"kind": "nth_unit", "n": 2, "bps": 5_000}))
            found.append(({"layer": "item", "effect": effect, "scope": _scope(rng)}, f"p{i}"))
        elif i % 10 == 1:
            found.append(({"layer": "shipping", "effect": {"kind": "free", "min_amount": rng.randrange(1_000, 500_000)}}, f"p{i}"))
        else:
            found.append(
                ({"layer": "order", "effect": _effect(rng), "scope": _scope(rng), "exclusive_group": rng.choice("abcd")}, f"p{i}")
            )
    return found


def _promotions(rng: random.Random) -> list[Offer]:
    return [offer_of({"id": name, **definition}) for definition, name in _definitions(rng)]


def _wallet(rng: random.Random) -> list[Offer]:
    found = []
    for i in range(_COUPONS):
        given: dict[str, Any] = {"id": f"C{i}", "code": f"C{i}"}
        if i % 3 == 0:
            given |= {"layer": "platform_coupon", "effect": _effect(rng), "scope": _scope(rng), "stackable": rng.random() > 0.1}
        elif i % 15 == 1:
            given |= {"layer": "shipping", "effect": {"kind": "amount", "minor": 500, "min_amount": rng.randrange(1_000, 100_000)}}
        else:
            given |= {"layer": "seller_coupon", "seller": rng.choice(_SELLERS), "effect": _effect(rng)}
        found.append(offer_of(given))
    return found
