"""Answers as files: a table as CSV, for callers who may export."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response

from regulars.values.csv import Table, csv_lines
from regulars.web.door import RequestDoor

#: What `?format=` takes on routes whose answer is a table.
Format = Annotated[Literal["json", "csv"], Query(description="`csv` gives the table as a file and needs the permission `export`")]


def csv_file(door: RequestDoor, table: Table, name: str) -> Response:
    """The table as `name.csv`: UTF-8, money in major units, no cell that starts a formula.

    Raises
    ------
    NotAllowed : the caller may read the answer but not take it along.
    """
    door.caller.demand("export")
    body = "".join(csv_lines(table.columns, table.rows)).encode()
    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "x-content-type-options": "nosniff"}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)
