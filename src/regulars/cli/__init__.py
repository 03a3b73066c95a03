"""The command line: one file per verb group. Heavy libraries are imported inside the verbs, so that `--help` is quick."""

from __future__ import annotations

from regulars.cli.main import main

__all__ = ["main"]
