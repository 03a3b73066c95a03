"""Sixty-four clients on the points of one customer and on a reward of thirty, and servers that are killed meanwhile (P7, P10).

What was answered holds, each key acts once with one answer, the entries add up to 0, and the journal makes what is kept.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from regulars.access import Caller, Keyring, api_keys, shops
from regulars.offer.loyalty import service
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.tables import points_act, points_entry
from regulars.records import Records
from regulars.values import clock
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.flows.test_rush_killed import CLIENTS, STOCK, Crowd, processes

_ROUNDS, _EACH, _PRICE = 2, 3, 100
#: Of all spends of the crowd half can be paid.
_POINTS = CLIENTS * _ROUNDS * _EACH // 2


def ready(records: Records, home: Path) -> dict[str, str]:
    """A shop whose customers have points, a reward, and a key that a storefront uses."""
    shell = Caller.system("shell", Keyring.open(home))
    now = clock.now()
    with records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="tea", name="Tea", timezone="UTC", currency="CNY")
        secret = api_keys.create(uow, shell, name="k", scopes=["move_points"], shop_id="tea").secret
        service.save_reward(uow, shell, shop, "cup", service.RewardGiven(name="Cup", points=_PRICE, stock=STOCK))
        asked = [service.Asked("tea", "shared1", Wish(verb="earn", key="e", at=now, points=_POINTS))]
        asked += [service.Asked("tea", f"c{who}", Wish(verb="earn", key="e", at=now, points=_PRICE)) for who in range(CLIENTS)]
        service.move(uow, asked)
    return {"authorization": f"Bearer {secret}"}


def test_exactly_what_there_is_is_spent_whatever_dies(any_records: Records, home: Path, warehouse: Warehouse) -> None:
    headers = ready(any_records, home)
    with processes(any_records, home) as servers:
        crowd = Crowd(servers, headers)

        def spend(number: int) -> list[Any]:
            answers = []
            for place in range(_ROUNDS):
                body = {"key": f"s{number}-{place}", "points": _EACH}
                twice = [crowd.send(number + turn, "/v1/points/accounts/shared1/spends", body, body["key"]) for turn in range(2)]
                if twice[0].status_code == 200:
                    assert twice[0].text == twice[1].text
                answers.append(twice[0].status_code)
            return answers

        def claim(number: int) -> int:
            body = {"customer_id": f"c{number}", "key": f"k{number}"}
            return crowd.send(number, "/v1/rewards/cup/claims", body, body["key"]).status_code

        with ThreadPoolExecutor(2 * CLIENTS) as pool:
            spending = [pool.submit(spend, number) for number in range(CLIENTS)]
            claiming = [pool.submit(claim, number) for number in range(CLIENTS)]
            for victim in (servers[0], servers[-1]):
                victim.kill()
                victim.start()
            spent = [status for one in spending for status in one.result()]
            claimed = [one.result() for one in claiming]

    with any_records.reading() as uow:
        kept = uow.value(select(func.count()).select_from(points_act).where(points_act.c.kind == "spend"))
        total = uow.value(select(func.sum(points_entry.c.points)))
        left = service.balance(uow, shops.get(uow, "tea"), "shared1").balance
    assert (spent.count(200), claimed.count(201)) == (_POINTS // _EACH, STOCK)
    assert kept == spent.count(200) + STOCK  # what was answered, and nothing more
    assert (left, total) == (0, 0)
    assert not [status for status in crowd.statuses if status >= 500]
    context = CheckContext(records=any_records, warehouse=warehouse, home=home)
    assert [found for check in service.CHECKS for found in check.run(context)] == []
