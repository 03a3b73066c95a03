"""A disk that is read-only for a while takes DuckDB's handle: questions are answered from it meanwhile, and writing comes back (P18)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.disks import ReadOnlyAtTimes

#: In a process of its own, as writing is refused by a library that is loaded with the program.
STORY = """
import json, sys
from pathlib import Path
from regulars.errors import RegularsError
from regulars.warehouse import Warehouse
from tests.warehouse.test_full_disk import products

folder, read_only = Path(sys.argv[1]), Path(sys.argv[2])
told = {}

def tries(name, what):
    try:
        told[name] = what()
    except RegularsError as error:
        told[name] = error.code

warehouse = Warehouse.open(f"duckdb:///{folder}/warehouse.duckdb", memory_limit="500MB")
table = warehouse.table("products")
warehouse.append("products", products(0, 3_000))
read_only.touch()
tries("append", lambda: warehouse.append("products", products(3_000, 10)))
tries("read", lambda: warehouse.value(table.count()))
tries("copy", lambda: warehouse.overwrite_free(thorough=True))
tries("checkpoint", lambda: warehouse.engine._handle.write("CHECKPOINT"))  # as DuckDB does by itself at times: it gives its handle up
for time in (1, 2):
    tries(f"read after it {time}", lambda: warehouse.value(table.count()))
    tries(f"append after it {time}", lambda: warehouse.append("products", products(3_000, 10)))
read_only.unlink()
tries("appended again", lambda: warehouse.append("products", products(3_000, 10)))
tries("copied", lambda: warehouse.overwrite_free(thorough=True) > 0)
tries("rows", lambda: warehouse.value(table.count()))
tries("wrong", warehouse.check)
warehouse.close()
print(json.dumps(told))
"""


def test_questions_are_answered_and_writing_comes_back_after_a_read_only_disk(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    disk = ReadOnlyAtTimes(tmp_path, folder)
    command = [sys.executable, "-c", STORY, str(folder), disk.environment["READ_ONLY_WHILE"]]

    done = subprocess.run(command, env={**os.environ, **disk.environment}, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "append": "warehouse_read_only",
        "read": 3_000,
        "copy": "warehouse_read_only",
        "checkpoint": "warehouse_read_only",
        "read after it 1": 3_000,
        "append after it 1": "warehouse_read_only",
        "read after it 2": 3_000,
        "append after it 2": "warehouse_read_only",
        "appended again": 10,
        "copied": True,
        "rows": 3_010,
        "wrong": [],
    }
