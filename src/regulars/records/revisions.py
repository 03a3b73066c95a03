"""Which revision the schema has, asked without loading the migration library: every command asks this at its start."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from regulars.records.unit import UnitOfWork

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """The newest revision of this release; scripts are numbered in their one line of history."""
    return max(file.name.split("_")[0] for file in VERSIONS.glob("[0-9]*_*.py"))


def is_newest(work: UnitOfWork) -> bool:
    """Whether the store has this release's schema."""
    if not inspect(work.connection).has_table("alembic_version"):
        return False
    return bool(work.connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest())
