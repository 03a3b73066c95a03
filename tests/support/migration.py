"""Writes a migration from what the tables have that the newest revision has not: `make migration NAME="add x to y"`."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from regulars.records import Records
from regulars.records.migrate import configuration
from regulars.rooms import import_tables


def write(name: str) -> Path:
    """The new script, formatted; it is a draft to be read and tested on both databases."""
    import_tables()
    config = configuration()
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    with tempfile.TemporaryDirectory() as folder:
        records = Records.open(f"sqlite:///{folder}/records.sqlite")
        records.migrate()
        with records.unit() as work:
            config.attributes["connection"] = work.connection
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            script = command.revision(config, name, autogenerate=True, rev_id=f"{number:04d}")
        records.close()
    assert script is not None
    assert not isinstance(script, list)
    path = Path(script.path)
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"regulars\.records\.columns\.(UtcDateTime|Json)\(\)", r"\1()", text)
    used = sorted({kind for kind in ("Json", "UtcDateTime") if f"{kind}()" in text})
    if used:
        text = text.replace(
            "from alembic import op\n", f"from alembic import op\n\nfrom regulars.records.columns import {', '.join(used)}\n"
        )
    path.write_text(text, encoding="utf-8")
    for step in (["check", "--fix", "-q"], ["format", "-q"]):
        subprocess.run([Path(sys.executable).parent / "ruff", *step, path], check=False)
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit('say what changes: make migration NAME="add x to y"')
    print(write(sys.argv[1]))
