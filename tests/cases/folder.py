"""The folder of worked cases: neutral JSON, one file per form, given in REGULARS_CASES."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("REGULARS_CASES") or Path(__file__).parents[2].parent / "shared" / "cases")


@dataclass(frozen=True)
class Case:
    """One worked case."""

    file: str  # inside the folder, `analytics/ecommerce.json`
    id: str
    kind: str
    given: dict[str, Any]  # the case as it stands in the file
    expect: dict[str, Any]


def files() -> list[Path]:
    """Every case file, in order of name."""
    return sorted(FOLDER.glob("*/*.json"))


def cases() -> Iterator[Case]:
    """Every case of the files that are lists of cases."""
    for path in files():
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, list):
            name = path.relative_to(FOLDER).as_posix()
            for case in found:
                yield Case(name, case["id"], case.get("kind", ""), case, case.get("expect", {}))


def differences(expected: Any, got: Any, where: str = "") -> Iterator[str]:
    """What differs, one line per place; every key that is expected must be there and equal, 1 == 1.0."""
    match expected:
        case dict():
            for key, value in expected.items():
                if not isinstance(got, dict) or key not in got:
                    yield f"{where}.{key}: expected {value!r}, got nothing"
                else:
                    yield from differences(value, got[key], f"{where}.{key}")
        case list():
            if not isinstance(got, list) or len(got) != len(expected):
                yield f"{where}: expected {expected!r}, got {got!r}"
            else:
                for index, (wanted, found) in enumerate(zip(expected, got, strict=True)):
                    yield from differences(wanted, found, f"{where}[{index}]")
        case _:
            if isinstance(expected, bool) != isinstance(got, bool) or expected != got:
                yield f"{where}: expected {expected!r}, got {got!r}"
