"""Laws: a table written in any dialect and encoding reads back as the same values; every row is found, good or bad."""

from __future__ import annotations

import csv
import io
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.collect.imports.readers import ReadOptions, read
from regulars.collect.imports.readers.cutting import Dialect, records
from regulars.warehouse.workbench import Workbench
from tests.collect.imports.readers.conftest import Reader

SETTINGS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

_names = itertools.count()

letters = st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff\ufffe\uffff")
cells = st.one_of(
    st.text(st.one_of(letters, st.sampled_from(" ,;|\t\"'\n\r\\")), max_size=12),
    st.text(st.sampled_from("0123456789.,-"), max_size=8),
    st.just(""),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("round")
    return Reader(folder, Workbench(folder / "benches"))


def tables(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    widths = st.integers(2, 5)
    return widths.flatmap(lambda width: st.lists(st.lists(text, min_size=width, max_size=width), min_size=1, max_size=15))


def write(rows: list[list[str]], separator: str, quoting: int, newline: str) -> str:
    if any("\r" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # the writer quotes only the line ends that it writes itself; a bare one would end the line
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, quoting=quoting, lineterminator=newline)  # type: ignore[arg-type]
    writer.writerow([f"name{i}" for i in range(len(rows[0]))])
    writer.writerows(rows)
    return buffer.getvalue()


def expected(rows: list[list[str]]) -> list[tuple[str | None, ...]]:
    return [tuple(cell or None for cell in row) for row in rows]


@SETTINGS
@given(
    rows=tables(cells),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_any_dialect_and_encoding_reads_back_the_same(
    shared: Reader, rows: list[list[str]], separator: str, quoting: int, newline: str, encoding: str
) -> None:
    """The dialect is named, as a person could; what is under test is that no value changes and no row is lost."""
    data = write(rows, separator, quoting, newline).encode(encoding)

    table = read(
        shared.file(data, f"t{next(_names)}.csv"),
        shared.bench,
        overrides=ReadOptions(separator=separator, quote='"', escape='"', header=True, skip_rows=0, encoding=encoding),
    )

    # Guards are the one thing a reader takes off; columns full of them are judged elsewhere.
    guarded = {n.values["column"] for n in table.notices if n.code == "text_guard"}
    kept = [i for i, name in enumerate(table.columns) if name not in guarded]
    read_back = [tuple(row[i] for i in kept) for row in shared.rows(table)]
    assert read_back == [tuple(row[i] for i in kept) for row in expected(rows)]
    assert table.bad_rows == 0


@SETTINGS
@given(rows=tables(st.text(st.sampled_from("abcXYZ 019äé中"), min_size=1, max_size=8).map(str.strip).filter(bool)), data=st.data())
def test_the_dialect_is_found_without_help(shared: Reader, rows: list[list[str]], data: st.DataObject) -> None:
    separator = data.draw(st.sampled_from([",", ";", "\t", "|"]))
    text = write(rows * 3, separator, csv.QUOTE_MINIMAL, "\n")

    table = read(shared.file(text.encode(), f"t{next(_names)}.csv"), shared.bench, overrides=ReadOptions(header=True))

    assert table.description.separator == separator
    assert shared.rows(table) == expected(rows * 3)


@SETTINGS
@given(text=st.text(st.sampled_from('ab,"\n\r '), max_size=60))
def test_cutting_never_loses_a_line(text: str) -> None:
    """Whatever the quotes do, every line that is not blank is part of exactly one record."""
    lines = text.splitlines(keepends=True) if "\r" not in text else [part + "\n" for part in text.split("\n")]

    found = list(records(lines, Dialect(",")))

    covered = "".join(record.text for record in found)
    assert [c for c in covered if not c.isspace()] == [c for c in "".join(lines) if not c.isspace()]
    assert [r.line for r in found] == sorted({r.line for r in found})


@SETTINGS
@given(text=st.text(st.sampled_from('ab,"\n'), min_size=1, max_size=80))
def test_good_and_bad_rows_together_are_all_rows(shared: Reader, text: str) -> None:
    data = "id,name\n" + "1,x\n" * 40 + text

    table = read(
        shared.file(data.encode(), f"t{next(_names)}.csv"),
        shared.bench,
        overrides=ReadOptions(separator=",", quote='"', escape='"', header=True, skip_rows=0),
    )

    cut = list(records([part + "\n" for part in data.split("\n")], Dialect(",")))[1:]
    assert table.rows + table.bad_rows == len(cut)
    assert shared.rows(table) == [tuple(c or None for c in r.fields) for r in cut if r.fields is not None and len(r.fields) == 2]


@SETTINGS
@given(
    rows=st.lists(
        st.dictionaries(st.text(letters, min_size=1, max_size=5).filter(lambda k: k.strip()), cells, min_size=1, max_size=4),
        min_size=1,
        max_size=8,
    )
)
def test_json_lines_read_back_the_same(shared: Reader, rows: list[dict[str, str]]) -> None:
    data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)

    table = read(shared.file(data.encode(), f"t{next(_names)}.jsonl"), shared.bench)

    keys = table.description.source_columns
    assert [dict(zip(keys, row, strict=True)) for row in shared.rows(table)] == [
        {key: row.get(key) for key in keys} for row in rows
    ]


def test_the_fast_and_the_exact_path_agree(shared: Reader, tmp_path: Path) -> None:
    """The same records, once regular and once made irregular by a last ragged row."""
    body = "".join(f'{i},"name ""{i}""\nsecond line",{i}.5\n' for i in range(20_000))

    fast = read(shared.file(("id,text,n\n" + body).encode()), shared.bench, name="fast")
    exact = read(shared.file(("id,text,n\n" + body + "end\n").encode()), shared.bench, name="exact")

    assert (fast.rows, fast.bad_rows, exact.rows, exact.bad_rows) == (20_000, 0, 20_000, 1)
    assert shared.bench.rows("SELECT count(*) FROM (SELECT * FROM fast EXCEPT SELECT * FROM exact)") == [(0,)]
