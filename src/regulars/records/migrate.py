"""Schema changes, by Alembic; scripts in `migrations/versions`, one linear history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from regulars.records.store import Records


def configuration() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(records: Records) -> list[str]:
    """Apply what is missing, all in one transaction (both databases roll schema changes back)."""
    config = configuration()
    with records.unit() as work:
        before = MigrationContext.configure(work.connection).get_current_revision()
        config.attributes["connection"] = work.connection
        command.upgrade(config, "head")
        after = MigrationContext.configure(work.connection).get_current_revision()
    if before == after:
        return []
    script = ScriptDirectory.from_config(config)
    return [step.revision for step in reversed(list(script.iterate_revisions(after, before)))]
