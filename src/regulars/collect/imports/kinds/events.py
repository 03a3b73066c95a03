"""Events files: history that becomes messages for the stream. It triggers nothing, and the same row is the same message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from regulars.collect.imports.domain.report import Found
from regulars.collect.imports.domain.shapes import BEHAVIOURS
from regulars.collect.imports.intake import Opened, bad_rows_sql
from regulars.collect.imports.kinds.analysis import Analysis, Task, columns_of, make_cells, run
from regulars.collect.imports.queries import events as queries
from regulars.collect.imports.queries.columns import ROW_BITS
from regulars.warehouse.workbench import Workbench, quote

MESSAGES_AT_ONCE = 5_000

_PROPERTIES = {
    "product_id": "product_id", "product_name": "name", "category": "category", "brand": "brand", "variant": "variant", "price": "price",
    "quantity": "quantity", "order_id": "order_id", "order_total": "total", "currency": "currency", "coupon": "coupon", "list_id": "list_id",
    "query": "query",
}  # fmt: skip
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")


def analyse(task: Task, opened: list[Opened]) -> Analysis:
    """Understand events files."""
    bench = task.bench
    task.step("parse")
    make_cells(task, [queries.event_cells(one.reading) for one in opened], "event_cells")
    columns = columns_of(bench, "event_cells")
    keep = task.options.duplicates == "keep"
    taobao = _is_taobao(opened)
    statements = [queries.named("event_cells", "event_named", numbered="message_id" in columns, keep=keep)]
    if keep:
        statements.append("CREATE TABLE event_repeats (row_id BIGINT)")
    else:
        statements.append(queries.event_repeats("event_", "event_named"))
    run(task, [*statements, queries.verdicts("event_named", "event_repeats", "event_final")], "judge rows")
    broken = [bad_rows_sql(one) for one in opened if one.raw.bad_rows]
    bench.execute(f"CREATE VIEW event_verdicts AS {' UNION ALL '.join(['SELECT row_id, rule, flags FROM event_final', *broken])}")
    who = f"coalesce({', '.join(name for name in ('customer_id', 'visitor_id') if name in columns)})"
    row = bench.rows(f"SELECT count(*), count(DISTINCT {who}), min(instant), max(instant) FROM event_final WHERE rule = 0")[0]
    assumptions = ["history triggers nothing: no message is sent and no journey begins for it"]
    if taobao:
        assumptions.append(
            "user, item, category, behaviour and Unix seconds, as Taobao publishes them; a purchase is an order without a known total"
        )
    if not taobao and any(_unmapped(one) for one in opened):
        assumptions.append("columns that are no field are kept as properties under their own names")
    if "message_id" not in columns:
        assumptions.append("no message numbers: a message is known by its row, so loading it twice changes nothing")
    found = Found(events=row[0], customers=row[1], first_at=row[2], last_at=row[3])
    return Analysis("event_verdicts", {}, found, assumptions, messages="event_final")


def _is_taobao(opened: Sequence[Opened]) -> bool:
    return any({c.how for c in one.mapping.columns} == {"content"} for one in opened)


def messages(bench: Workbench, opened: Sequence[Opened]) -> Iterator[list[dict[str, Any]]]:
    """The loaded rows as messages in Segment form, in batches."""
    for one in opened:
        in_form = bool(one.mapping.layout and one.mapping.layout.name == "segment")
        taobao = {c.how for c in one.mapping.columns} == {"content"}
        table, low = quote(one.raw.name), one.number << ROW_BITS
        extra = one.raw.columns if in_form else _unmapped(one)
        cells = "".join(f", CAST(f.{quote(column)} AS VARCHAR) AS {quote('f.' + column)}" for column in extra)
        chosen = (
            f"SELECT e.* EXCLUDE (digest, row_hash, flags, rule){cells} FROM event_final e JOIN {table} f ON f.row_no = e.row_id - {low}"
            f" WHERE e.rule = 0 AND e.row_id >> {ROW_BITS} = {one.number}"
        )
        last = -1
        while rows := bench.dicts(f"{chosen} AND e.row_id > {last} ORDER BY e.row_id LIMIT {MESSAGES_AT_ONCE}"):
            last = rows[-1]["row_id"]
            yield [_in_form(row, extra) if in_form else _made(row, extra, taobao) for row in rows]


def _unmapped(one: Opened) -> tuple[str, ...]:
    mapped = {c.column for c in one.mapping.columns}
    return tuple(column for column in one.raw.columns if column not in mapped)


def _made(row: Mapping[str, Any], extra: Sequence[str], taobao: bool) -> dict[str, Any]:
    """A row of columns as a track call; columns no field stands for become properties under their own names."""
    properties = {column: _value(text) for column in extra if (text := row["f." + column]) not in (None, "")}
    properties |= {name: row[field] for field, name in _PROPERTIES.items() if row.get(field) is not None}
    event = str(row["event"])
    if taobao:
        event = BEHAVIOURS.get(event, event)
        if event == "Order Completed":
            moment = int(row["instant"].replace(tzinfo=UTC).timestamp())
            properties["order_id"] = f"{row['customer_id']}-{moment}"
            properties["products"] = [{"product_id": row["product_id"], "category": row["category"]}]
    message = _head(row) | {"type": "track", "event": event, "properties": properties}
    page = {name: row[name] for name in ("url", "referrer") if row.get(name)}
    if page:
        message["context"] |= {"page": page}
    if row.get("session_id"):
        message["context"] |= {"sessionId": row["session_id"]}
    return message


def _in_form(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """A line in Segment form again, from the columns `context.page.url` it was read into."""
    message: dict[str, Any] = {}
    for column in columns:
        text = row["f." + column]
        if text is None:
            continue
        *path, name = column.split(".")
        place = message
        for part in path:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        place[name] = _value(text) if path else text
    context = message.get("context")
    head = _head(row)
    return {**message, **head, "context": {**(context if isinstance(context, dict) else {}), **head["context"]}}


def _head(row: Mapping[str, Any]) -> dict[str, Any]:
    head: dict[str, Any] = {
        "messageId": row["told_id"],
        "timestamp": row["instant"].replace(tzinfo=UTC).isoformat().replace("+00:00", "Z"),
        "context": {"history": True},
    }
    if row.get("customer_id"):
        head["userId"] = row["customer_id"]
    if row.get("visitor_id"):
        head["anonymousId"] = row["visitor_id"]
    return head


def _value(text: str) -> Any:
    """A cell as the JSON value it most likely was; what does not read back exactly stays a text."""
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text) and not (text.startswith("-0") or text == "-"):
        return float(text) if "." in text else int(text)
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
