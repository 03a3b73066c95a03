"""Orders as JSON hold their lines inside: each line becomes a row of its own, with what its order says beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from regulars.collect.imports.readers.watching import Meter, run_watched
from regulars.warehouse.workbench import Workbench, literal, quote

#: What shop systems call the lines of an order, without marks and in small letters.
_NAMES = frozenset(
    [
        "lineitems",
        "items",
        "orderitems",
        "orderlines",
        "orderlineitems",
        "lines",
        "products",
        "orderproducts",
        "details",
        "orderdetails",
        "商品",
        "商品列表",
        "商品明细",
        "订单明细",
        "明细",
    ]
)
#: What an order with such lines has and what stands around a list of orders has not, written in the same way: a number and a time.
_NUMBERS = frozenset(
    ["id", "orderid", "ordernumber", "orderno", "ordersn", "ordername", "number", "name", "no", "tid", "订单号", "订单编号"]
)
_TIMES = frozenset(
    ["createdat", "datecreated", "created", "orderedat", "orderdate", "ordertime", "date", "time", "placedat", "processedat", "paidat", "下单时间", "订单创建时间", "付款时间"]
)  # fmt: skip
#: The key under which one line stands in its row: its columns are `line_item.sku`, `line_item.price` ...
LINE = "line_item"


def lines_key(objects: Sequence[dict[str, Any]]) -> str | None:
    """The key of these objects that holds their lines as a list of objects, if any does."""
    for value in objects:
        for key, inner in value.items():
            if (
                _plain(key) in _NAMES
                and LINE not in value
                and isinstance(inner, list)
                and any(isinstance(line, dict) for line in inner)
            ):
                return key
    return None


def is_one_order(value: Any) -> bool:
    """Whether an object is one order with its lines, and not an envelope around a list of orders."""
    if not isinstance(value, dict) or (key := lines_key([value])) is None:
        return False
    names = {_plain(name) for name, inner in value.items() if inner is not None and not isinstance(inner, dict | list)}
    dated = any(_TIMES & {_plain(name) for name in line} for line in value[key] if isinstance(line, dict))
    return bool(names & _NUMBERS) and bool(names & _TIMES) and not dated


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").replace(" ", "").casefold()


def spread(objects: Sequence[dict[str, Any]], key: str) -> Iterator[dict[str, Any]]:
    """One object for each line; an order without lines stays one."""
    for value in objects:
        lines = value.get(key)
        rest = {name: inner for name, inner in value.items() if name != key}
        for line in lines if isinstance(lines, list) and lines else [None]:
            yield rest if line is None else {LINE: line, **rest}


def spread_texts(bench: Workbench, texts: str, key: str, meter: Meter) -> None:
    """The same for a table (line, text) of whole documents; what is no object stays as it is."""
    pointer = literal("/" + key.replace("~", "~0").replace("/", "~1"))
    has_lines = f"json_valid(text) AND json_type(text) = 'OBJECT' AND json_array_length(text, {pointer}) > 0"
    lines = f"CASE WHEN {has_lines} THEN CAST(json_extract(text, {pointer}) AS JSON[]) ELSE [NULL::JSON] END"
    front = literal('{"' + LINE + '":')
    whole = f"{texts}_whole"
    bench.execute(f"ALTER TABLE {quote(texts)} RENAME TO {quote(whole)}")
    try:
        run_watched(
            bench,
            f"CREATE TABLE {quote(texts)} AS SELECT line,"
            f" CASE WHEN item IS NULL THEN text ELSE {front} || CAST(item AS VARCHAR) || ',' || substr(ltrim(text), 2) END AS text"
            f" FROM (SELECT line, text, unnest({lines}) AS item FROM {quote(whole)})",
            meter,
        )
    finally:
        bench.execute(f"DROP TABLE IF EXISTS {quote(whole)}")
