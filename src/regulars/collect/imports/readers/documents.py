"""Reading JSON: one object a line, an array of objects, or a document that holds such an array somewhere inside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from regulars.collect.imports.readers import tables
from regulars.collect.imports.readers.description import Compression, FileDescription, Notice, RawTable, ReadOptions
from regulars.collect.imports.readers.encoding import is_utf8
from regulars.collect.imports.readers.exact import Lines
from regulars.collect.imports.readers.looking import decoded, provisional_encoding
from regulars.collect.imports.readers.naming import column_names
from regulars.collect.imports.readers.nesting import LINE, is_one_order, lines_key, spread, spread_texts
from regulars.collect.imports.readers.opening import damaged
from regulars.collect.imports.readers.staging import decide_encoding, transcode
from regulars.collect.imports.readers.watching import Meter, run_watched
from regulars.errors import InvalidInput, RegularsError
from regulars.values.ids import new_id
from regulars.warehouse.workbench import Workbench, literal, quote

_DEPTH = 4  # objects inside objects become columns `customer.email`; deeper ones stay JSON text
_KEYS = 80  # an object with more keys is a map, not a record, and stays JSON text
_LOOK = 200


def looks_like_json(head: bytes) -> bool:
    """True if the text begins as a JSON object or array of such does."""
    encoding, _ = provisional_encoding(head, False, ReadOptions())
    start = decoded(head[:4096], encoding, len(head) <= 4096).lstrip(" \t\r\n\ufeff")[:400]
    return re.match(r'\{\s*("|\}|$)|\[\s*(\{|\]|$|("[^"]*"|[-0-9.]+)\s*[,\]])', start) is not None


def describe_json(
    path: Path, head: bytes, complete: bool, compression: Compression, member: str | None, overrides: ReadOptions
) -> FileDescription:
    """What a JSON file is, by its beginning."""
    encoding, bom = provisional_encoding(head, complete, overrides)
    text = decoded(head, encoding, True).lstrip(" \t\r\n\ufeff")
    notices: list[Notice] = []
    json_path: str | None = None
    if text.startswith("["):
        form, objects = "json", list(_elements(text, 1))
    elif _one_object_a_line(text):
        form, objects = "jsonl", list(_line_objects(text))
    else:
        form = "json"
        json_path, start = (None, 0) if complete and _is_one_order(text) else _array_inside(text)
        objects = list(_elements(text, start)) if json_path else [o for o in _values(text) if isinstance(o, dict)]
        if json_path:
            notices.append(
                Notice("wrapped", f"the rows are those of '{json_path}'; what stands around it is ignored", {"key": json_path})
            )
    if not objects:
        if text.rstrip() == "[]":
            raise InvalidInput(
                f"'{path.name}' holds no rows", mend="export it again and look whether it has rows", code="empty_file"
            )
        raise InvalidInput(
            f"'{path.name}' is JSON, but no list of objects was found in it",
            mend="give one object a line, or an array of objects",
            code="damaged_file" if not complete or not _parses(text) else "not_a_table",
        )
    lines = lines_key(objects)
    if lines is not None:
        objects = list(spread(objects, lines))
    pointers = list(dict.fromkeys(p for o in objects for p in _pointers(o)))
    names, named_notices = column_names([_name(p) for p in pointers], len(pointers), overrides.limits)
    sample = tuple(tuple(_cell(o, p) for p in pointers) for o in objects[:20])
    return FileDescription(
        path=path,
        format="jsonl" if form == "jsonl" else "json",
        compression=compression,
        size_bytes=path.stat().st_size,
        member=member,
        encoding=encoding.codec,
        bom=bom,
        json_path=json_path,
        json_lines=lines,
        columns=names,
        source_columns=tuple(_name(p) for p in pointers),
        types=dict.fromkeys(names, "VARCHAR"),
        sample=sample,
        notices=tuple(notices + named_notices),
    )


def read_json(
    plain: Path, description: FileDescription, bench: Workbench, name: str, overrides: ReadOptions, meter: Meter
) -> RawTable:
    """Read a JSON file into `name` and `name_bad`; the columns are all keys that occur anywhere in the file."""
    tables.forget(bench, name)
    meter.phase(0.0, 0.15)
    file, copied, codec = _utf8(plain, description, bench, overrides, meter)
    texts = f"{name}__texts"
    bench.execute(f"DROP TABLE IF EXISTS {quote(texts)}")
    try:
        meter.phase(0.15, 0.5)
        bench.execute("SET preserve_insertion_order = true")
        if description.format == "jsonl":
            _load_lines(file, description.path.name, bench, texts, overrides, meter)
        else:
            _load_values(file, description, bench, texts, overrides, meter)
        if description.json_lines is not None:
            spread_texts(bench, texts, description.json_lines, meter)
        meter.phase(0.5, 0.95)
        return _cut_values(description, bench, name, texts, codec, overrides, meter)
    finally:
        bench.execute("SET preserve_insertion_order = false")
        bench.execute(f"DROP TABLE IF EXISTS {quote(texts)}")
        if copied:
            file.unlink(missing_ok=True)


def _utf8(
    plain: Path, description: FileDescription, bench: Workbench, overrides: ReadOptions, meter: Meter
) -> tuple[Path, bool, str]:
    """The file as UTF-8 without a mark: itself or a copy."""
    with plain.open("rb") as file:
        head = file.read(1 << 20)
        encoding, bom = provisional_encoding(head, len(head) < 1 << 20, overrides)
        if encoding.codec == "utf-8" and not encoding.damaged and not _all_utf8(plain):
            encoding = decide_encoding(plain, meter)
    if encoding.codec == "utf-8" and not encoding.damaged and not bom:
        return plain, False, "utf-8"
    target = bench.folder / f"{new_id('text')}.json"
    transcode(plain, target, encoding, meter)
    return target, True, encoding.codec


def _all_utf8(plain: Path) -> bool:
    rest = b""
    with plain.open("rb") as file:
        while data := file.read(8 << 20):
            if (data.isascii() and not rest) or is_utf8(rest + data):
                rest = b""
                for back in range(1, 4):  # a character may be cut by the end of the stretch
                    if len(data) >= back and data[-back] >= 0xC0:
                        rest = data[-back:]
                continue
            return False
    return True


def _load_lines(file: Path, name: str, bench: Workbench, texts: str, overrides: ReadOptions, meter: Meter) -> None:
    """A table (line, text) of the lines that are not blank."""
    lines = Lines(file, overrides.limits.line_bytes, name)
    schema = pa.schema([("line", pa.int64()), ("text", pa.string())])

    def batches() -> Iterator[pa.RecordBatch]:
        number, numbers, waiting, size = 0, [], [], 0
        for line in lines:
            number += 1
            bare = line.strip(" \t\r\n")
            if not bare:
                continue
            numbers.append(number)
            waiting.append(bare)
            size += len(bare)
            if len(waiting) == 20_000 or size > 8 << 20:
                yield pa.record_batch([pa.array(numbers, pa.int64()), pa.array(waiting, pa.string())], schema=schema)
                numbers, waiting, size = [], [], 0
        yield pa.record_batch([pa.array(numbers, pa.int64()), pa.array(waiting, pa.string())], schema=schema)

    source = new_id("lines")
    bench.register(source, pa.RecordBatchReader.from_batches(schema, batches()))
    try:
        run_watched(bench, f"CREATE TABLE {quote(texts)} AS SELECT line, text FROM {quote(source)}", meter, lambda: lines.share)
    finally:
        bench.unregister(source)


def _load_values(
    file: Path, description: FileDescription, bench: Workbench, texts: str, overrides: ReadOptions, meter: Meter
) -> None:
    """A table (line NULL, text) of an array's elements, or of the array inside a document."""
    limits = overrides.limits
    whole = description.json_path is not None or not _starts_with_array(file)
    if whole and file.stat().st_size > limits.json_document_bytes:
        raise InvalidInput(
            f"'{description.path.name}' is one JSON document of {file.stat().st_size >> 20} MB",
            mend="give the rows as a plain array of objects or one object a line; those are read at any size",
            code="document_too_large",
        )
    largest = file.stat().st_size + 1024 if whole else limits.line_bytes
    form = "unstructured" if whole else "array"
    source = f"read_json_objects({literal(str(file))}, format = '{form}', maximum_object_size = {min(largest, 4 << 30)})"
    value = "CAST(json AS VARCHAR)"
    if description.json_path:
        pointer = "/" + "/".join(_escape(part) for part in description.json_path.split("."))
        value = f"unnest(CAST(json_extract(json, {literal(pointer)}) AS JSON[]))::VARCHAR"
    try:
        run_watched(
            bench, f"CREATE TABLE {quote(texts)} AS SELECT CAST(NULL AS BIGINT) AS line, {value} AS text FROM {source}", meter
        )
    except RegularsError:
        raise
    except Exception as error:
        raise damaged(description.path.name, error) from None


def _cut_values(
    description: FileDescription, bench: Workbench, name: str, texts: str, codec: str, overrides: ReadOptions, meter: Meter
) -> RawTable:
    """The texts as columns: every key of every object."""
    good = "CASE WHEN json_valid(text) AND json_type(text) = 'OBJECT' THEN text END"
    found = bench.rows(f"SELECT CAST(json_group_structure(CAST({good} AS JSON)) AS VARCHAR) FROM {quote(texts)}")[0][0]
    structure = json.loads(found) if found else None
    pointers = list(_pointers(structure)) if isinstance(structure, dict) else []
    if not pointers:
        raise InvalidInput(
            f"no line of '{description.path.name}' is a JSON object",
            mend="give one object a line, or an array of objects",
            code="not_a_table",
        )
    if description.json_lines is not None:
        pointers = [p for p in pointers if p[0] != description.json_lines]
    # Keys in the order in which the first rows have them, then those that appear later.
    first = {key: i for i, key in enumerate(description.source_columns)}
    pointers.sort(key=lambda p: first.get(_name(p), len(first)))
    names, notices = column_names([_name(p) for p in pointers], len(pointers), overrides.limits)
    paths = ", ".join(literal("/" + "/".join(_escape(k) for k in p)) for p in pointers)
    columns = ", ".join(f"values[{i}] AS c{i}" for i in range(1, len(pointers) + 1))
    run_watched(
        bench,
        f"CREATE TABLE {quote(name + '__rows')} AS SELECT row_no, {columns} FROM ("
        f"SELECT rowid + 1 AS row_no, json_extract_string(text, [{paths}]) AS values FROM {quote(texts)}"
        f" WHERE ({good}) IS NOT NULL)",
        meter,
    )
    tables.bad_table(bench, name)
    bench.execute(
        f"INSERT INTO {quote(name + '_bad')}"
        f" SELECT rowid + 1, line, CASE WHEN json_valid(text) THEN 'not_an_object' ELSE 'not_json' END, text"
        f" FROM {quote(texts)} WHERE ({good}) IS NULL"
    )
    tables.expose(bench, name, "row_no", [f"c{i}" for i in range(1, len(pointers) + 1)], names)
    rows, bad = tables.count(bench, name), tables.count(bench, f"{name}_bad")
    nested = [n for n, p in zip(names, pointers, strict=True) if len(p) > 1]
    told = [n for n in description.notices if n.code == "wrapped"] + notices
    if description.json_lines is not None:
        lines = description.json_lines
        told.append(
            Notice("spread", f"every element of '{lines}' is a row; its keys are called {LINE}.KEY", {"key": lines, "prefix": LINE})
        )
    if nested:
        told.append(Notice("nested", f"{len(nested)} columns come from objects inside objects", {"columns": nested}))
    if bad:
        told.append(Notice("bad_rows", f"{bad} rows are no JSON objects", {"rows": bad}))
    meter.phase(0.0, 1.0)
    meter.at(1.0)
    final = replace(
        description,
        encoding=codec,
        columns=names,
        types=dict.fromkeys(names, "VARCHAR"),
        rows=rows + bad,
        notices=tuple(told),
        source_columns=tuple(_name(p) for p in pointers),
    )
    return RawTable(
        name=name,
        bad_name=f"{name}_bad",
        columns=names,
        types=final.types,
        rows=rows,
        bad_rows=bad,
        description=final,
        notices=tuple(told),
    )


def _pointers(value: dict[str, Any], above: tuple[str, ...] = ()) -> Iterable[tuple[str, ...]]:
    """Paths to the columns of an object (or of the structure of many)."""
    for key, inner in value.items():
        path = (*above, key)
        if isinstance(inner, dict) and 0 < len(inner) <= _KEYS and len(path) < _DEPTH:
            yield from _pointers(inner, path)
        else:
            yield path


def _name(pointer: tuple[str, ...]) -> str:
    return ".".join(pointer)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _cell(value: Any, pointer: tuple[str, ...]) -> str | None:
    for key in pointer:
        value = value.get(key) if isinstance(value, dict) else None
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _one_object_a_line(text: str) -> bool:
    first = text.partition("\n")[0].strip()
    return (
        first.endswith("}")
        and (_parses(first) or _parses(text.partition("\n")[2].partition("\n")[0]))
        and not _parses_wrapped(first, text)
    )


def _parses_wrapped(first: str, text: str) -> bool:
    """A document on one line that holds the rows inside, `{"orders": [...]}`."""
    return (
        not text.partition("\n")[2].strip()
        and _parses(first)
        and _array_inside(first)[0] is not None
        and len(found := json.loads(first)) <= 8
        and not is_one_order(found)
    )


def _is_one_order(text: str) -> bool:
    try:
        return is_one_order(json.loads(text))
    except (ValueError, RecursionError):
        return False


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _line_objects(text: str) -> Iterator[dict[str, Any]]:
    for line in text.split("\n")[:_LOOK]:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value


def _elements(text: str, start: int) -> Iterator[dict[str, Any]]:
    """The first objects of an array whose elements begin at `start`."""
    for index, value in enumerate(_values(text, start)):
        if isinstance(value, dict):
            yield value
        if index >= _LOOK:
            return


def _values(text: str, start: int = 0) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    position = start
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return
        yield value


def _array_inside(text: str, start: int = 0, depth: int = 0) -> tuple[str | None, int]:
    """Where a document's rows are: the first array of objects, as keys joined by dots, and where its elements begin."""
    decoder = json.JSONDecoder()
    position = start + 1
    while True:
        match = re.compile(r'[\s,]*"((?:[^"\\]|\\.)*)"\s*:\s*').match(text, position)
        if match is None:
            return None, 0
        key, position = match[1], match.end()
        if re.compile(r"\[\s*\{").match(text, position):
            return key, position + 1
        if text[position : position + 1] == "{" and depth < _DEPTH:
            inner, elements = _array_inside(text, position, depth + 1)
            if inner is not None:
                return f"{key}.{inner}", elements
        try:
            _, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return None, 0


def _starts_with_array(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
