"""Orders in other currencies: set aside until their rate is told, then taken at the rate of their own day, exactly."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from regulars.access.domain import Caller
from regulars.access.tables import audit_entry as entry
from regulars.app import House, rebuild_warehouse
from regulars.collect.orders import rates
from regulars.errors import InvalidInput, NotAllowed, NotFound
from regulars.settings import Settings
from regulars.values import clock
from regulars.work.tables import job
from tests.collect.track.conftest import Desk
from tests.collect.track.conftest import desk as house_desk

tea = house_desk


def order(number: int, day: str, total: str, currency: str) -> dict[str, Any]:
    """A placed order."""
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": f"u{number}",
        "messageId": f"m{number}",
        "timestamp": f"{day}T02:00:00Z",
        "properties": {"order_id": f"o{number}", "total": total, "currency": currency},
    }


def totals(house: House) -> dict[str, int]:
    orders = house.warehouse.table("orders")
    return {row["order_id"]: row["total_minor"] for row in house.warehouse.rows(orders)}


def tell(desk: Desk, currency: str, rate: str, day: date) -> None:
    with desk.house.records.unit() as uow:
        rates.tell_rate(uow, desk.caller, desk.shop, currency=currency, rate=rate, from_on=day)
    taken(desk)


def taken(desk: Desk) -> None:
    """What the job does that the change asked for."""
    with desk.house.records.reading() as uow:
        told = rates.rates_of(uow, desk.shop)
    rates.retake(desk.house.warehouse, desk.shop, told)


def test_an_order_without_a_rate_waits_and_is_taken_when_the_rate_is_told(tea: Desk) -> None:
    tea.take(order(1, "2026-03-10", "10.00", "USD"), order(2, "2026-03-10", "10.00", "CNY"))

    waiting = rates.waiting_orders(tea.house.warehouse, tea.shop)
    before = totals(tea.house)
    tell(tea, "usd", "7.1034", date(2026, 3, 1))

    assert [(one.currency, one.orders) for one in waiting] == [("USD", 1)]
    assert before == {"o2": 1000}
    assert totals(tea.house) == {"o1": 7103, "o2": 1000}
    assert rates.waiting_orders(tea.house.warehouse, tea.shop) == []


def test_each_order_has_the_rate_of_its_own_local_day(tea: Desk) -> None:
    """02:00 UTC on the 10th is the 10th in Shanghai; the second rate begins on the 10th, so the 9th keeps the first."""
    tell(tea, "USD", "7", date(2026, 3, 1))
    tell(tea, "USD", "8", date(2026, 3, 10))
    tea.take(order(1, "2026-03-09", "1", "USD"), order(2, "2026-03-10", "1", "USD"), order(3, "2026-02-28", "1", "USD"))
    tea.house.loader._rules._read_at = 0.0
    taken(tea)

    assert totals(tea.house) == {"o1": 700, "o2": 800}
    assert [one.orders for one in rates.waiting_orders(tea.house.warehouse, tea.shop)] == [1]


def test_a_rate_taken_back_sets_its_orders_aside_again(tea: Desk) -> None:
    tea.take(order(1, "2026-03-10", "10.00", "USD"))
    tell(tea, "USD", "7.1", date(2026, 3, 1))

    with tea.house.records.unit() as uow:
        rates.take_back_rate(uow, tea.caller, tea.shop, currency="USD", from_on=date(2026, 3, 1))
    taken(tea)

    assert totals(tea.house) == {}
    with tea.house.records.unit() as uow, pytest.raises(NotFound):
        rates.take_back_rate(uow, tea.caller, tea.shop, currency="USD", from_on=date(2026, 3, 1))


def test_the_job_takes_what_waited_and_the_change_is_in_the_audit_trail(tea: Desk) -> None:
    tea.take(order(1, "2026-03-10", "10.00", "USD"))
    with tea.house.records.unit() as uow:
        rates.tell_rate(uow, tea.caller, tea.shop, currency="USD", rate="7.1", from_on=date(2026, 3, 1))

    with tea.house.records.unit() as uow:
        uow.execute(update(job).where(job.c.kind == rates.RETAKE).values(run_at=clock.now()))
        told = uow.rows(select(entry.c.action).where(entry.c.action == "currency_rate.told"))
    tea.house.work_off()

    assert totals(tea.house) == {"o1": 7100}
    assert len(told) == 1


@pytest.mark.parametrize("rate", ["0", "-1", "x", "NaN", "1e20", "1.0000000000001", ""])
def test_a_rate_is_a_positive_exact_number(tea: Desk, rate: str) -> None:
    with tea.house.records.unit() as uow, pytest.raises(InvalidInput):
        rates.tell_rate(uow, tea.caller, tea.shop, currency="USD", rate=rate, from_on=date(2026, 1, 1))


@pytest.mark.parametrize("currency", ["CNY", "XYZ", "", "US"])
def test_a_rate_is_of_another_currency_that_exists(tea: Desk, currency: str) -> None:
    with tea.house.records.unit() as uow, pytest.raises(InvalidInput):
        rates.tell_rate(uow, tea.caller, tea.shop, currency=currency, rate="1", from_on=date(2026, 1, 1))


def test_rates_hold_after_a_rebuild(tea: Desk, home: Path) -> None:
    tell(tea, "USD", "7.1", date(2026, 3, 1))
    tea.take(order(1, "2026-03-10", "10.00", "USD"))
    taken(tea)
    before = totals(tea.house)
    tea.house.loader.empty()
    tea.house.close()

    rebuild_warehouse(Settings.load({"REGULARS_HOME": str(home)}))
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    after = totals(house)
    house.close()

    assert before == after == {"o1": 7100}


def test_only_who_manages_the_shop_tells_rates(tea: Desk) -> None:
    reader = Caller(
        kind="operator", id="op", role=None, scopes=frozenset({"read_reports"}), shop_ids=None, keyring=tea.house.keyring
    )  # type: ignore[arg-type]
    with tea.house.records.unit() as uow, pytest.raises(NotAllowed):
        rates.tell_rate(uow, reader, tea.shop, currency="USD", rate="1", from_on=date(2026, 1, 1))
