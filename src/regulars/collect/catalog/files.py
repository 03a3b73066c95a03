"""Products with all their details from a file: JSON lines, a JSON list, CSV or Parquet, with the names of fields that the API has."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from regulars.collect.catalog import telling
from regulars.collect.catalog.told import ProductTold, plain
from regulars.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from regulars.stream.journal import Journal

_MOST_PROBLEMS = 20
#: Fields that hold lists or objects: in a CSV cell they are JSON, or values with `|` between them.
_LISTS = ("categories", "keywords", "images", "markets")
_OBJECTS = ("attributes", "variants")


@dataclass(slots=True)
class CatalogueLoaded:
    """How many products were taken and how many lines could not be; the first of these with what is wrong."""

    taken: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)


def tell_file(journal: Journal | None, shop_id: str, source_id: str, path: Path) -> CatalogueLoaded:
    """Tell of every product of a file; a line that cannot be read is left out and named. The same file again changes nothing.

    A column `attributes.colour` of a CSV or Parquet file is the attribute `colour`; an empty cell tells nothing.

    Raises
    ------
    NotFound, InvalidInput : there is no such file, or its name ends otherwise than .jsonl, .json, .csv or .parquet.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}", mend="check the path", code="no_such_file")
    answer = CatalogueLoaded()
    waiting: list[dict[str, Any]] = []
    for number, row in enumerate(_rows(path), 1):
        try:
            waiting.append(plain(ProductTold.model_validate(row)))
        except ValidationError as error:
            answer.refused += 1
            if len(answer.problems) < _MOST_PROBLEMS:
                first = error.errors(include_url=False, include_input=False)[0]
                answer.problems.append(f"{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
        if len(waiting) == telling.MOST_PRODUCTS:
            answer.taken += telling.tell_products(journal, shop_id, source_id, waiting)
            waiting = []
    if waiting:
        answer.taken += telling.tell_products(journal, shop_id, source_id, waiting)
    return answer


def _rows(path: Path) -> Iterator[Any]:
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            with path.open(encoding="utf-8-sig") as lines:
                yield from (_json(line) for line in lines if line.strip())
        case ".json":
            found = _json(path.read_text(encoding="utf-8-sig"))
            yield from found["products"] if isinstance(found, dict) and isinstance(found.get("products"), list) else found or []
        case ".csv":
            with path.open(encoding="utf-8-sig", newline="") as lines:
                yield from (_unfolded(row) for row in csv.DictReader(lines))
        case ".parquet":
            import pyarrow.parquet as pq

            for batch in pq.ParquetFile(path).iter_batches(1_000):
                yield from (_unfolded(row) for row in batch.to_pylist())
        case _:
            raise InvalidInput(
                f"{path.name} is of no known form", mend="give a .jsonl, .json, .csv or .parquet file", code="bad_file"
            )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None  # refused as no product


def _unfolded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of plain columns as the API takes a product."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name is None or value is None or value == "":
            continue
        head, dot, attribute = name.partition(".")
        if head == "attributes" and dot:
            found.setdefault("attributes", {})[attribute] = value
        elif name in _OBJECTS and isinstance(value, str):
            found[name] = _json(value)
        elif name in _LISTS and isinstance(value, str):
            found[name] = _json(value) if value.startswith("[") else [part.strip() for part in value.split("|") if part.strip()]
        else:
            found[name] = value
    return found
