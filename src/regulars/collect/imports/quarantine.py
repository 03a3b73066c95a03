"""Bad rows: kept encrypted with their reasons, listed, marked when a later load brought them in, forgotten; `repairing.py` hands them out and takes them back.

Up to 10,000 rows of a load lie in the records, one by one. Of more, all lie in an encrypted file under `home/quarantine/<load_id>`,
in blocks of 1,000 with a list of blocks in front; none is ever dropped.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from regulars.access.keys import Keyring
from regulars.collect.imports.domain.rules import BIT, QUARANTINED, RULES
from regulars.collect.imports.intake import Opened
from regulars.collect.imports.queries.columns import source_row
from regulars.collect.imports.tables import bad_row, load
from regulars.guard.privacy import QUARANTINES, Likeness
from regulars.records import UnitOfWork
from regulars.values.clock import now
from regulars.warehouse.workbench import Workbench, quote

PURPOSE = "bad rows"
IN_RECORDS = 10_000
_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that could not be taken: where it stands, why, and its cells as they were."""

    bad_row_id: str
    load_id: str
    file: str
    row: int
    reasons: tuple[str, ...]
    says: str
    mend: str
    cells: dict[str, str | None]
    state: str  # open | repaired
    repaired_by: str | None = None


def rules_in(bits: int) -> tuple[str, ...]:
    """The quarantine rules set in a bit mask, the deciding one first."""
    return tuple(rule.id for rule in RULES.values() if rule.outcome == "quarantined" and bits & BIT[rule.id])


def read_out(bench: Workbench, opened: list[Opened], verdicts: str) -> Iterator[list[dict[str, Any]]]:
    """The quarantined rows of a load with their untouched cells, in batches."""
    bench.execute(
        f"CREATE OR REPLACE TABLE quarantined AS SELECT row_id, flags, row_number() OVER (ORDER BY row_id >> 40 DESC, row_id) AS n"
        f" FROM {verdicts} WHERE rule & {QUARANTINED} <> 0"
    )
    total = bench.rows("SELECT count(*) FROM quarantined")[0][0]
    by_number = {one.number: one for one in opened}
    for start in range(0, total, _BLOCK):
        rows = bench.rows("SELECT row_id, flags FROM quarantined WHERE n > ? AND n <= ? ORDER BY n", [start, start + _BLOCK])
        found: list[dict[str, Any]] = []
        for number in dict.fromkeys(source_row(row_id)[0] for row_id, _ in rows):
            one = by_number[number]
            mine = {source_row(row_id)[1]: flags for row_id, flags in rows if source_row(row_id)[0] == number}
            found += _cells(bench, one, mine)
        yield found


def _cells(bench: Workbench, one: Opened, rows: dict[int, int]) -> list[dict[str, Any]]:
    numbers = ", ".join(str(row) for row in rows)
    columns = one.raw.columns
    listed = ", ".join(f"CAST({quote(column)} AS VARCHAR)" for column in columns)
    good = bench.rows(f"SELECT row_no, {listed} FROM {quote(one.raw.name)} WHERE row_no IN ({numbers}) ORDER BY row_no")
    found = [
        {"file": one.given.name, "row": row[0], "rules": rules_in(rows[row[0]]), "cells": dict(zip(columns, row[1:], strict=True))}
        for row in good
    ]
    if one.raw.bad_rows:
        broken = bench.rows(
            f"SELECT row_no, reason, text FROM {quote(one.raw.bad_name)} WHERE row_no IN ({numbers}) ORDER BY row_no"
        )
        found += [
            {"file": one.given.name, "row": row, "rules": ("broken_row",), "cells": {reason: text}} for row, reason, text in broken
        ]
    return found


def store(
    uow: UnitOfWork, keyring: Keyring, home: Path, shop_id: str, load_id: str, batches: Iterable[list[dict[str, Any]]]
) -> int:
    """Keep the bad rows of a load; returns how many. Written before the load is done, taken away when it is undone."""
    kept: list[dict[str, Any]] = []
    count = 0
    folder = home / "quarantine" / load_id
    for batch in batches:
        count += len(batch)
        if count <= IN_RECORDS:
            kept += batch
            continue
        if kept:
            for start in range(0, len(kept), _BLOCK):
                _append_block(keyring, folder, load_id, kept[start : start + _BLOCK])
            kept = []
        _append_block(keyring, folder, load_id, batch)
    if kept:
        stamp = now()
        uow.execute(
            insert(bad_row),
            [
                {
                    "bad_row_id": f"{load_id}:{place}",
                    "shop_id": shop_id,
                    "load_id": load_id,
                    "file": row["file"][:400],
                    "row_no": row["row"],
                    "rules": ",".join(row["rules"]),
                    "sealed": keyring.seal(PURPOSE, json.dumps(row["cells"], ensure_ascii=False), bound_to=f"{load_id}:{place}"),
                    "state": "open",
                    "repaired_by": None,
                    "created_at": stamp,
                }
                for place, row in enumerate(kept, start=1)
            ],
        )
    return count


def _append_block(keyring: Keyring, folder: Path, load_id: str, rows: list[dict[str, Any]]) -> None:
    """One encrypted block: its length in 8 bytes, then the sealed JSON of up to 1,000 rows."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "rows.sealed"
    place = path.stat().st_size if path.exists() else 0
    sealed = keyring.seal(PURPOSE, json.dumps(rows, ensure_ascii=False), bound_to=f"{load_id}@{place}")
    with path.open("ab") as file:
        file.write(len(sealed).to_bytes(8, "big") + sealed)
        file.flush()
        os.fsync(file.fileno())


def _blocks(keyring: Keyring, home: Path, load_id: str) -> Iterator[list[dict[str, Any]]]:
    path = home / "quarantine" / load_id / "rows.sealed"
    if not path.exists():
        return
    with path.open("rb") as file:
        place = 0
        while head := file.read(8):
            sealed = file.read(int.from_bytes(head, "big"))
            rows: list[dict[str, Any]] = json.loads(keyring.unseal(PURPOSE, sealed, bound_to=f"{load_id}@{place}"))
            yield rows
            place = file.tell()


def _repaired_file(home: Path, load_id: str) -> dict[str, str]:
    """Bad rows of a quarantine file that a later load brought in: id -> load."""
    path = home / "quarantine" / load_id / "repaired.json"
    if not path.exists():
        return {}
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def bad_rows_of(
    uow: UnitOfWork,
    keyring: Keyring,
    home: Path,
    load_id: str,
    *,
    state: str | None = "open",
    offset: int = 0,
    limit: int | None = 100,
    language: str = "en",
) -> list[BadRow]:
    """The bad rows of a load in file order; `state` None gives repaired ones too."""
    return list(_take(_all(uow, keyring, home, load_id, state, language), offset, limit))


def _take(rows: Iterator[BadRow], offset: int, limit: int | None) -> Iterator[BadRow]:
    for place, row in enumerate(rows):
        if place < offset:
            continue
        if limit is not None and place >= offset + limit:
            return
        yield row


def _all(uow: UnitOfWork, keyring: Keyring, home: Path, load_id: str, state: str | None, language: str) -> Iterator[BadRow]:
    query = select(bad_row).where(bad_row.c.load_id == load_id).order_by(func.length(bad_row.c.bad_row_id), bad_row.c.bad_row_id)
    if state:
        query = query.where(bad_row.c.state == state)
    for row in uow.rows(query):
        cells = json.loads(keyring.unseal(PURPOSE, row["sealed"], bound_to=row["bad_row_id"]))
        yield _bad_row(
            row["bad_row_id"],
            load_id,
            row["file"],
            row["row_no"],
            tuple(row["rules"].split(",")),
            cells,
            row["state"],
            row["repaired_by"],
            language,
        )
    repaired = _repaired_file(home, load_id)
    number = 0
    for block in _blocks(keyring, home, load_id):
        for kept in block:
            number += 1
            row_id = f"{load_id}:{number}"
            now_state = "repaired" if row_id in repaired else "open"
            if state in (None, now_state):
                yield _bad_row(
                    row_id,
                    load_id,
                    kept["file"],
                    kept["row"],
                    tuple(kept["rules"]),
                    kept["cells"],
                    now_state,
                    repaired.get(row_id),
                    language,
                )


def _bad_row(
    row_id: str,
    load_id: str,
    file: str,
    row: int,
    reasons: tuple[str, ...],
    cells: dict[str, str | None],
    state: str,
    by: str | None,
    language: str,
) -> BadRow:
    rule = RULES[reasons[0]]
    says, mend = (rule.says_zh, rule.mend_zh) if language == "zh" else (rule.says, rule.mend)
    return BadRow(row_id, load_id, file, row, reasons, says, mend, cells, state, by)


def count_open(uow: UnitOfWork, home: Path, load_id: str, in_files: int) -> int:
    """How many bad rows of a load still wait; `in_files` is how many the load put into a quarantine file."""
    waiting = (
        uow.value(select(func.count()).select_from(bad_row).where(bad_row.c.load_id == load_id, bad_row.c.state == "open")) or 0
    )
    if not (home / "quarantine" / load_id / "rows.sealed").exists():
        in_files = 0  # kept there no longer
    return int(waiting) + max(0, in_files - len(_repaired_file(home, load_id)))


def mark_repaired(uow: UnitOfWork, home: Path, load_id: str, row_ids: Sequence[str], by: str) -> None:
    """Say that a later load brought these rows in."""
    for start in range(0, len(row_ids), 500):
        part = list(row_ids[start : start + 500])
        uow.execute(update(bad_row).where(bad_row.c.bad_row_id.in_(part)).values(state="repaired", repaired_by=by))
    folder = home / "quarantine" / load_id
    if folder.exists():
        known = _repaired_file(home, load_id) | dict.fromkeys(row_ids, by)
        draft = folder / "repaired.new"
        draft.write_text(json.dumps(known), encoding="utf-8")
        draft.replace(folder / "repaired.json")


def forget(uow: UnitOfWork, home: Path, load_id: str) -> None:
    """Take away the bad rows of a load that is undone."""
    uow.execute(delete(bad_row).where(bad_row.c.load_id == load_id))
    shutil.rmtree(home / "quarantine" / load_id, ignore_errors=True)


def empty_rows_of(uow: UnitOfWork, home: Path, keyring: Keyring, shop_id: str, likeness: Likeness) -> int:
    """Take the cells out of the bad rows of an erased customer; the rows stay in the list with their reasons. Returns how many."""
    emptied = 0
    for row in uow.rows(select(bad_row.c.bad_row_id, bad_row.c.sealed).where(bad_row.c.shop_id == shop_id)):
        cells = json.loads(keyring.unseal(PURPOSE, row["sealed"], bound_to=row["bad_row_id"]))
        if likeness.has(cells.values()):
            nothing = keyring.seal(PURPOSE, json.dumps(dict.fromkeys(cells)), bound_to=row["bad_row_id"])
            uow.execute(update(bad_row).where(bad_row.c.bad_row_id == row["bad_row_id"]).values(sealed=nothing))
            emptied += 1
    for found in uow.rows(select(load.c.load_id).where(load.c.shop_id == shop_id)):
        emptied += _empty_in_file(home, keyring, found["load_id"], likeness)
    return emptied


def _empty_in_file(home: Path, keyring: Keyring, load_id: str, likeness: Likeness) -> int:
    """The same in a quarantine file, which is written anew beside the old one: blocks are sealed by where they begin."""
    emptied = 0
    blocks = []
    for block in _blocks(keyring, home, load_id):
        for row in block:
            if likeness.has(row["cells"].values()):
                row["cells"] = dict.fromkeys(row["cells"])
                emptied += 1
        blocks.append(block)
    if emptied:
        folder = home / "quarantine" / load_id
        aside = folder / "emptied"
        shutil.rmtree(aside, ignore_errors=True)
        for block in blocks:
            _append_block(keyring, aside, load_id, block)
        (aside / "rows.sealed").replace(folder / "rows.sealed")
        aside.rmdir()
    return emptied


QUARANTINES.append(empty_rows_of)
