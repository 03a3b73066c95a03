"""Says at the end of a run which worked cases still wait for their room."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.cases.adapters import waits_for
from tests.cases.folder import FOLDER, cases, files


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line per room that is waited for."""
    if not FOLDER.is_dir():
        return
    waiting = Counter((room, case.file) for case in cases() if (room := waits_for(case.file, case.kind)))
    listed = {case.file for case in cases()}
    for path in files():
        name = path.relative_to(FOLDER).as_posix()
        if name not in listed and (room := waits_for(name)):
            waiting[room, name] += 1
    for (room, file), count in sorted(waiting.items()):
        terminalreporter.write_line(f"not yet adapted: {file} ({count}) waits for {room}")
