"""The verbs of SQL: what can be read, and asking it, within limits and noted in the audit trail."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from regulars.access import audit
from regulars.errors import InvalidInput, Unavailable
from regulars.understand.sql.domain import HIDDEN, MOST_ROWS, SECONDS, VIEWS, SqlAnswer, SqlColumn, SqlView
from regulars.warehouse import TABLES
from regulars.warehouse.watching import Watch, watched

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import Records
    from regulars.warehouse import Warehouse


def views() -> list[SqlView]:
    """What can be read."""
    return [
        SqlView(
            name,
            TABLES[name].row,
            [SqlColumn(column, kind.lstrip("!")) for column, kind in TABLES[name].columns.items() if column not in HIDDEN],
        )
        for name in VIEWS
    ]


def ask(
    records: Records, warehouse: Warehouse, caller: Caller, shop: Shop, text: str, *, limit: int = 1_000, watch: Watch | None = None
) -> SqlAnswer:
    """One SELECT over the shop's own rows; stopped after a minute.

    Raises
    ------
    InvalidInput : it is no single SELECT, reads something else than the views, calls what reaches outside, or is wrong.
    Unavailable : it took too long, or was cancelled.
    """
    caller.demand("ask_sql")
    caller.demand_shop(shop.shop_id)
    if not text.strip() or len(text) > 50_000:
        raise InvalidInput("SQL of 1 to 50,000 characters is needed", mend="write one SELECT", code="sql_refused")
    limit = max(1, min(limit, MOST_ROWS))
    known = {view.name: [column.name for column in view.columns] for view in views()}
    seen = watch or Watch()
    late = threading.Timer(SECONDS, seen.cancel)
    late.daemon = True
    began = time.monotonic()
    late.start()
    try:
        with watched(seen):
            found, used = warehouse.analysts_query(text, known, shop.shop_id, limit=limit + 1)
    except Unavailable:
        if time.monotonic() - began >= SECONDS:
            raise Unavailable(
                f"the SQL was stopped after {SECONDS:.0f} seconds", mend="read fewer rows, or group them first", code="sql_too_long"
            ) from None
        raise
    finally:
        late.cancel()
    with records.unit() as uow:
        audit.record(uow, caller, "sql.asked", shop.shop_id, after={"reads": used, "rows": found.num_rows}, shop_id=shop.shop_id)
    rows = [[_plain(cell) for cell in row.values()] for row in found.slice(0, limit).to_pylist()] if found.num_columns else []
    return SqlAnswer(found.column_names, rows, found.num_rows > limit, round(time.monotonic() - began, 3), used)


def _plain(cell: Any) -> Any:
    if isinstance(cell, dict):
        return {str(name): _plain(value) for name, value in cell.items()}
    if isinstance(cell, list):
        return [_plain(one) for one in cell]
    if isinstance(cell, Decimal | timedelta | str | int | float | bool) or cell is None or hasattr(cell, "isoformat"):
        return cell.isoformat() if hasattr(cell, "isoformat") and not hasattr(cell, "year") else cell
    return str(cell)
