"""Cases of attribution, asked of the attribution room."""

from __future__ import annotations

from typing import Any

from regulars.understand.attribution import ATTRIBUTION, attribution
from regulars.understand.questions import Desk
from regulars.warehouse import Warehouse
from tests.cases.folder import Case
from tests.support.happenings import happened, shop_of


def attributed(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """The credit of each channel in major units, without those that got none."""
    shop = shop_of(case.given.get("settings"))
    happened(warehouse, shop, case.given["events"], case.given.get("customers"))
    desk = Desk(warehouse, shop)
    query = ATTRIBUTION.read(desk, case.given["query"])
    answer = ATTRIBUTION.answer(desk, query)
    assert answer == attribution(desk, query, general=True)
    credit = {row.value: row.credit[answer.model].revenue_minor / 100 for row in answer.rows}
    return {
        "credit": {value: amount for value, amount in credit.items() if amount or value in case.expect.get("credit", {})},
        "conversions": answer.conversions,
        "revenue": answer.revenue_minor / 100,
        "total": answer.revenue_minor / 100,
    }
