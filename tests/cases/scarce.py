"""Cases of flash sales and group buys, step by step: each verb in a transaction of its own on real records, at the step's instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import time_machine

from regulars.access import Caller, Keyring, Shop, shops
from regulars.errors import RegularsError
from regulars.offer import flash_sales, group_buys
from regulars.records import Records
from tests.cases.folder import Case

KEYS = Keyring(b"c" * 32)
SHELL = Caller.system("shell", KEYS)


def flash_sale(case: Case, records: Records) -> list[dict[str, Any]]:
    """What each step of a flash sale gave."""
    activity, shop = case.given["activity"], _shop(records)
    with records.unit() as uow, time_machine.travel(instant(activity["starts"]), tick=False):
        sale_id = flash_sales.arrange(
            uow, SHELL, shop, name="case", product_id="p1", price_minor=100, stock=activity["stock"],
            per_customer=activity.get("per_customer"), ttl_s=activity.get("ttl_s", 900), starts_at=instant(activity["starts"]),
            ends_at=instant(activity["ends"]),
        ).sale_id  # fmt: skip

    def act(step: dict[str, Any]) -> dict[str, Any]:
        op, told = step["op"], str(step.get("id", ""))
        with records.unit() as uow:
            if op == "query":
                found = flash_sales.get(uow, shop.shop_id, sale_id)
                return {"available": found.available, "reserved": found.reserved, "sold": found.sold, "stock": found.stock}
            if op == "reserve":
                who, quantity = step["customer"], step.get("qty", 1)
                made = flash_sales.reserve(
                    uow, shop.shop_id, sale_id, customer_id=who, quantity=quantity, reservation_id=told or None
                )
            else:
                verb = {"pay": flash_sales.pay, "cancel": flash_sales.cancel, "refund": flash_sales.refund}[op]
                made = verb(uow, shop.shop_id, sale_id, told)
        got: dict[str, Any] = {"status": made.status, "expires_at": written(made.expires_at), "late": made.late}
        return got | {"returned_to_activity": made.returned_to_activity, "reason": (made.reason or "").upper()}

    def late() -> None:
        with records.unit() as uow:
            flash_sales.expire(uow, shop.shop_id, sale_id)

    return _walked(case, act, late)


def group_buy(case: Case, records: Records) -> list[dict[str, Any]]:
    """What each step of a group buy gave."""
    activity, shop = case.given["activity"], _shop(records)
    first = instant(case.given["steps"][0]["at"])
    with records.unit() as uow, time_machine.travel(first, tick=False):
        offer_id = group_buys.arrange(
            uow, SHELL, shop, name="case", product_id="p1", price_minor=100, size=activity["size"],
            window_s=activity.get("window_s", 86_400), pay_ttl_s=activity.get("pay_ttl_s", 600), starts_at=first,
            ends_at=first.replace(year=first.year + 1),
        ).offer_id  # fmt: skip
    known: set[str] = set()

    def act(step: dict[str, Any]) -> dict[str, Any]:
        op, group_id, who = step["op"], step["group"], step.get("customer", "")
        with records.unit() as uow:
            if op == "query":
                found = group_buys.group(uow, shop.shop_id, group_id)
                members = [{"customer": one.customer_id, "status": one.status} for one in found.members]
                deadline = written(found.deadline_at) if found.deadline_at else None
                return {"status": found.status, "leader": found.leader, "members": members, "deadline": deadline}
            if op == "open":
                made = group_buys.open_group(uow, shop.shop_id, offer_id, customer_id=who, group_id=group_id)
                known.add(group_id)
            else:
                verb = {"join": group_buys.join, "pay": group_buys.pay, "leave": group_buys.leave}[op]
                made = verb(uow, shop.shop_id, group_id, customer_id=who)
        deadline = written(made.deadline_at) if made.deadline_at else None
        return {"status": made.status, "group": made.group, "expires_at": written(made.expires_at), "deadline": deadline}

    def late() -> None:
        for group_id in known:
            with records.unit() as uow:
                group_buys.settle(uow, shop.shop_id, group_id)

    return _walked(case, act, late)


def instant(text: str) -> datetime:
    """`2025-06-18T12:00:00Z` as it is meant."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def written(at: datetime) -> str:
    """An instant in the words of the cases."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _walked(case: Case, act: Callable[[dict[str, Any]], dict[str, Any]], late: Callable[[], None]) -> list[dict[str, Any]]:
    """Every step at its instant; of each second one the worker's job has come before, which must make no difference."""
    got = []
    for number, step in enumerate(case.given["steps"]):
        with time_machine.travel(instant(step["at"]), tick=False):
            if number % 2:
                late()
            try:
                got.append(act(step))
            except RegularsError as error:
                got.append({"error": error.code.upper()})
    return got


def _shop(records: Records) -> Shop:
    with records.unit() as uow:
        return shops.create(uow, SHELL, shop_id="case", name="Case", timezone="Asia/Shanghai", currency="CNY")
