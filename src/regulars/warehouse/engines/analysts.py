"""SQL that analysts write, made safe by the engine's own parser: one SELECT, known views of one shop, plain functions, nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from regulars.errors import InvalidInput

#: Functions that reach outside of the rows they are given, or tell of the installation.
_DENIED = re.compile(
    r"^(read_|write_|query|duckdb_|pragma_|pg_|json_execute|json_serialize_plan|set_|sleep|getenv$|getvariable$|current_setting$"
    r"|nextval$|currval$|sql_auto_complete$|current_database|current_schema|current_query|current_connection_id|in_search_path"
    r"|txid_current|get_block_size|has_.*_privilege|obj_description|shobj_description|col_description|inet_|version$|enable_|disable_)"
)
_SERIES = frozenset({"unnest", "generate_series", "range"})
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def bounded(
    connection: duckdb.DuckDBPyConnection, text: str, views: Mapping[str, Sequence[str]], shop_id: str, limit: int
) -> tuple[str, list[str]]:
    """The question over one shop's rows, at most so many of them; and which views it reads.

    The text is parsed by the engine, looked through node by node, and written anew from what was parsed: nothing of the text itself is run.

    Parameters
    ----------
    views : name -> columns; each is a table of the same name of which only the shop's rows are seen.

    Raises
    ------
    InvalidInput : it is not one SELECT, or reads or calls something that is not allowed.
    """
    tree = _parsed(connection, text)
    allowed = {row[0] for row in connection.execute(
        "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate')"
    ).fetchall()}  # fmt: skip
    here = {row[0].lower() for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    here |= {row[0].lower() for row in connection.execute("SELECT view_name FROM duckdb_views()").fetchall()}
    own = set()
    for node in _nodes(tree):
        for entry in (node.get("cte_map") or {}).get("map") or []:
            name = str(entry["key"]).lower()
            if not _NAME.fullmatch(name) or (name in here and name not in views):
                raise _refused(f"WITH may not name '{name[:60]}'", "choose another plain name")
            own.add(name)
    used: set[str] = set()
    for node in _nodes(tree):
        _look(node, views, own, used, allowed)
    again = connection.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchall()[0][0]
    shop = "'" + shop_id.replace("'", "''") + "'"
    told = ", ".join(
        f'"{name}" AS (SELECT {", ".join(_quoted(column) for column in columns)} FROM main."{name}" WHERE shop_id = {shop})'
        for name, columns in views.items()
    )
    return f"WITH {told} SELECT * FROM (\n{str(again).rstrip().rstrip(';')}\n) AS asked LIMIT {int(limit)}", sorted(used)


def _parsed(connection: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    try:
        found = json.loads(connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [text]).fetchall()[0][0])
    except duckdb.Error as error:
        raise _refused(f"it cannot be read: {str(error).splitlines()[0][:200]}", "write one SELECT") from None
    if found.get("error"):
        raise _refused(f"it cannot be read: {str(found.get('error_message', ''))[:200]}", "write one SELECT")
    if len(found["statements"]) != 1:
        raise _refused(f"{len(found['statements'])} statements are given", "write one SELECT")
    tree: dict[str, Any] = found
    return tree


def _look(node: Mapping[str, Any], views: Mapping[str, Sequence[str]], own: set[str], used: set[str], allowed: set[str]) -> None:
    if "table_name" in node and "schema_name" in node and "column_names" not in node:
        name = str(node["table_name"]).lower()
        if node["schema_name"] or node.get("catalog_name"):
            raise _refused(f"'{node['schema_name']}.{name}' is not a view", f"use one of {', '.join(views)}")
        if name not in own:
            if name not in views:
                raise _refused(f"there is no view '{name[:60]}'", f"use one of {', '.join(views)}")
            used.add(name)
    if str(node.get("type", "")) in ("SHOW_REF", "COLUMN_DATA", "DELIM_GET", "BOUND_TABLE_REF", "CTE_REF"):
        raise _refused("only rows of the views can be read", "write one SELECT")
    if "function_name" in node:
        name = str(node["function_name"]).lower()
        if node.get("schema") not in ("", None, "main") or node.get("catalog") not in ("", None, "system"):
            raise _refused(f"'{name[:60]}' cannot be called that way", "call functions by their plain names")
        if _DENIED.match(name) or (name not in allowed and name not in _SERIES):
            raise _refused(f"the function '{name[:60]}' is not allowed", "use functions over values only")


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _refused(why: str, mend: str) -> InvalidInput:
    return InvalidInput(f"this SQL is refused: {why}", mend=mend, code="sql_refused")
