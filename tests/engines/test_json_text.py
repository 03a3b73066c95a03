"""Properties out of JSON columns, as text: the same on every engine."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from regulars.warehouse import Warehouse, json_text

#: What is told, and the text it is read as.
TOLD: dict[str, tuple[Any, str | None]] = {
    "text": ("tea", "tea"),
    "empty": ("", ""),
    "words": ('it\'s "so"\n½ 茶 🍵 \\ %s $1', 'it\'s "so"\n½ 茶 🍵 \\ %s $1'),
    "looks like null": ("null", "null"),
    "integer": (3, "3"),
    "negative": (-17, "-17"),
    "large": (2**53 + 1, "9007199254740993"),
    "fraction": (19.9, "19.9"),
    "yes": (True, "true"),
    "no": (False, "false"),
    "null": (None, None),
    "nested": ({"a": [1, "é"], "b": None}, '{"a":[1,"é"],"b":null}'),
    "list": ([1, "x", True], '[1,"x",true]'),
    "名": ("茶", "茶"),
    "🍵": (1, "1"),
    "a.b": ("dot", "dot"),
    "$.a": ("dollar", "dollar"),
    "a b": ("space", "space"),
    "a/b": ("slash", "slash"),
    "a~b~1": ("tilde", "tilde"),
    "a\\b": ("backslash", "backslash"),
    'q"q': ("quotes", "quotes"),
    "it's": ("apostrophe", "apostrophe"),
    "['x']": ("brackets", "brackets"),
    "*": ("star", "star"),
    "": ("nameless", "nameless"),
    "0": ("number", "number"),
    "line\nbreak": ("line", "line"),
}


@pytest.fixture
def told(store: Warehouse) -> Warehouse:
    """Two rows whose `kind` is JSON: one with everything, one with nothing."""
    documents = [json.dumps({key: value for key, (value, _) in TOLD.items()}, ensure_ascii=False, separators=(",", ":")), "{}"]
    rows = {
        "shop_id": ["s", "s"],
        "load_id": ["all", "none"],
        "kind": documents,
        "committed_at": pa.array([datetime(2026, 1, 1)] * 2, pa.timestamp("us")),
        "rows": [1, 1],
    }
    store.append("loads", pa.table(rows))
    return store


def test_every_kind_of_value_and_key_is_read_as_text(told: Warehouse) -> None:
    table = told.table("loads")
    asked = {f"v{number}": json_text(table.kind, key) for number, key in enumerate(TOLD)}

    rows = {row["load_id"]: row for row in told.rows(table.select("load_id", **asked))}

    assert {key: rows["all"][f"v{number}"] for number, key in enumerate(TOLD)} == {key: text for key, (_, text) in TOLD.items()}
    assert {rows["none"][name] for name in asked} == {None}


def test_what_is_missing_is_null_and_a_part_of_a_path_is_not_a_key(told: Warehouse) -> None:
    table = told.table("loads")
    asked = [json_text(table.kind, key) for key in ("missing", "nested.a", "nested/a", "list[0]", "a", "TEXT", "1")]

    row = told.rows(table.filter(table.load_id == "all").select(**{f"v{n}": value for n, value in enumerate(asked)}))[0]

    assert set(row.values()) == {None}


def test_the_text_takes_part_in_any_condition(told: Warehouse) -> None:
    table = told.table("loads")
    text, number = json_text(table.kind, "text"), json_text(table.kind, "fraction").try_cast("float64")
    conditions = [
        text == "tea",
        text.between("t", "u"),
        ~(text == "cup"),
        text.isin(["tea", "pot"]),
        text.contains("e"),
        text.lower().startswith("t"),
        text.notnull() & (text + "s" == "teas"),
        (number > 19) & (number < 20),
        json_text(table.kind, "it's") == "apostrophe",
        json_text(table.kind, "text").try_cast("float64").isnull() & text.notnull(),
    ]

    found = [[row["load_id"] for row in told.rows(table.filter(condition).select("load_id"))] for condition in conditions]

    assert found == [["all"]] * len(conditions)


def test_texts_are_grouped_and_counted(told: Warehouse) -> None:
    table = told.table("loads")

    counted = table.group_by(told=json_text(table.kind, "text")).aggregate(rows=table.count())

    assert {row["told"]: row["rows"] for row in told.rows(counted)} == {"tea": 1, None: 1}
