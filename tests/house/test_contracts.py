"""The house stays in order: import contracts, types, style, and rules no tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from regulars.records import metadata
from regulars.rooms import ROOMS, import_tables
from regulars.warehouse import TABLES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "regulars"
BIN = Path(sys.executable).parent
FILES = sorted(SOURCE.rglob("*.py"))


def run(*command: str) -> str:
    """The output of a tool; fails the test with it when the tool found something."""
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_import_contracts_hold() -> None:
    assert "0 broken" in run("lint-imports", "--no-cache")


def test_types_are_strict() -> None:
    run("mypy")


def test_style_is_the_houses() -> None:
    run("ruff", "check", "--no-cache", "src", "tests", "benchmarks")
    run("ruff", "format", "--no-cache", "--check", "src", "tests", "benchmarks")


def test_every_file_opens_with_one_sentence() -> None:
    def opens_well(file: Path) -> bool:
        told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        return bool(told) and (told.splitlines()[0].rstrip().endswith((".", "?", ":", ";")) or file.parent.name == "versions")

    assert [str(file.relative_to(SOURCE)) for file in FILES if not opens_well(file)] == []


def test_no_file_is_named_after_no_idea() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager", "base_classes"}

    assert [file for file in FILES if file.stem in vague or file.parent.name in vague] == []


def test_every_room_has_its_card_its_domain_and_its_service() -> None:
    for room in ROOMS:
        folder = SOURCE / room.name.replace(".", "/")
        assert (folder / "__init__.py").is_file(), room.name
        for part in ("domain", "service"):
            assert (folder / f"{part}.py").is_file() or (folder / part / "__init__.py").is_file(), f"{room.name} has no {part}"


def test_every_folder_of_rooms_is_on_the_list() -> None:
    stages = ("engage", "offer", "serve", "predict", "measure", "understand", "collect", "guard")
    found = {f"{stage}.{path.name}" for stage in stages for path in (SOURCE / stage).glob("*") if (path / "__init__.py").is_file()}

    assert found == {room.name for room in ROOMS}


def test_shop_id_is_in_every_table() -> None:
    import_tables()
    #: one installation has one operator list, one set of keys and one trail; they name shops where they are about one
    installation = {
        "operator",
        "session",
        "one_time_link",
        "sign_in_attempt",
        "api_key",
        "audit_entry",
        "audit_head",
        "idempotency_key",
    }

    assert [name for name, spec in TABLES.items() if next(iter(spec.columns)) != "shop_id"] == []
    missing = {table.name for table in metadata.sorted_tables if "shop_id" not in table.columns} - {"alembic_version"}
    assert missing <= installation | {"recovery_code", "rate_window", "second_factor"}, missing


def test_no_text_of_ours_names_a_place_of_this_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    place = re.compile(r"/(?:work|farm|root|tmp)/[a-z.]")
    texts = [ROOT / name for name in tracked if name.endswith((".py", ".md", ".toml", ".po", ".js", ".css", "Makefile", "run"))]
    found = [
        f"{file.relative_to(ROOT)}"
        for file in texts
        if file.is_file() and place.search(file.read_text(encoding="utf-8", errors="replace"))
    ]

    assert [name for name in found if not name.endswith("test_contracts.py")] == []


def test_heavy_libraries_are_not_imported_to_print_help() -> None:
    code = "import sys, regulars.cli; print(' '.join(sys.modules))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())

    assert (
        loaded & {"ibis", "duckdb", "pyarrow", "numpy", "scipy", "pandas", "nicegui", "fastapi", "sqlalchemy", "lightgbm", "babel"}
        == set()
    )
