"""`regulars sql`: one SELECT over the shop's own rows."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.show import AsCsv, AsJson, Lang, ShopId, asked, table_lines


def sql(
    text: Annotated[str, typer.Argument(metavar="SELECT", help="The question; without it, what can be read.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many rows at most.")] = 1_000,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Ask in SQL, read-only, over documented views of the shop's own rows.

    Example: regulars sql "SELECT event, count(*) AS n FROM events GROUP BY event ORDER BY n DESC"
    """
    from regulars.access import Caller
    from regulars.cli.printing import safe
    from regulars.understand import sql as room
    from regulars.values.csv import Table, written

    with asked(shop, lang) as it:
        if not text:
            known = room.views()
            rows = [[one.name, ", ".join(column.name for column in one.columns)] for one in known]
            heads = [it_t(lang or it.language, "view", "视图"), it_t(lang or it.language, "columns", "列")]
            it.give({"items": known, "next": None}, as_json, lambda out: out.table(heads, rows, wide=(1,)))
            return
        caller = Caller.system("shell", it.house.keyring)
        found = room.ask(it.house.records, it.house.warehouse, caller, it.shop, text, limit=limit)
        cells = [[safe(written(cell)) for cell in row] for row in found.rows]
        it.give(
            found,
            as_json,
            lambda out: out.table(found.columns, cells, wide=range(len(found.columns))),
            csv,
            lambda: table_lines(Table(tuple(found.columns), tuple(found.rows))),
        )


def it_t(language: str, english: str, chinese: str) -> str:
    """The words in the language of this command."""
    return chinese if language == "zh" else english
