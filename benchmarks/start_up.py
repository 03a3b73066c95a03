"""How long the command and the package take to start, beside Python itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import median_of

BIN = Path(sys.executable).parent


def measure() -> str:
    """The section of the page."""

    def run(*command: str) -> float:
        return median_of(9, lambda: subprocess.run(command, check=True, capture_output=True))

    python = run(sys.executable, "-c", "pass")
    package = run(sys.executable, "-c", "import regulars")
    help_ = run(str(BIN / "regulars"), "--help")
    return f"""## Start-up

| what | seconds | times `python -c pass` | figure to meet |
| --- | --- | --- | --- |
| `python -c pass` | {python:.3f} | 1.0 | |
| `import regulars` | {package:.3f} | {package / python:.1f} | < 0.3 s |
| `regulars --help` | {help_:.3f} | {help_ / python:.1f} | < 0.5 s |

Median of 9 runs, whole processes.
"""
