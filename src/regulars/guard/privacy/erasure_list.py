"""The list of erasures that is kept beside backups: digests only, so that a restored backup can forget again whom it brought back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.errors import InvalidInput
from regulars.values.answers import to_json

if TYPE_CHECKING:
    from typing import Any

NAME = "erasures.jsonl"
Listed = tuple[str, str, str, str, datetime]
_NAMES = ("shop_id", "digest", "erasure_id", "successor", "erased_at")


def append_to_list(home: Path, erasures: Iterable[Listed]) -> None:
    """Add erasures to `home/erasures.jsonl`, forced to disk; a line that is there already may come twice."""
    lines = "".join(json.dumps(to_json(dict(zip(_NAMES, one, strict=True)))) + "\n" for one in erasures)
    handle = os.open(home / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, lines.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read_list(path: Path) -> Iterator[dict[str, Any]]:
    """The erasures of a list, each once; a last line that was cut off is left out.

    Raises
    ------
    InvalidInput : the file is none of ours, or is not there.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            f"{path} cannot be read", mend=f"name the {NAME} that was kept with the backup", code="no_list"
        ) from None
    seen = set()
    for number, line in enumerate(lines, start=1):
        try:
            one = json.loads(line) if line.strip() else None
            if one is None or (one["shop_id"], one["digest"]) in seen:
                continue
            seen.add((one["shop_id"], one["digest"]))
            yield {name: str(one[name]) for name in _NAMES}
        except (ValueError, KeyError, TypeError):
            if number < len(lines):
                raise InvalidInput(
                    f"line {number} of {path} is no erasure", mend="restore the list from another copy", code="bad_list"
                ) from None
