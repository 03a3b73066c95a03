"""A program of a shop that uses one SDK, run as a process of its own: once through all calls, or step by step."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.sdks.installed import Installed

DRIVERS = Path(__file__).parent / "drivers"


@dataclass
class Program:
    """A running program; it does one line of its standard input at a time and says when it is done with it."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def tell(self, *words: Any) -> None:
        """Give it something to do, without waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()

    def do(self, *words: Any) -> str:
        """Give it something to do and wait until it is done."""
        self.tell(*words)
        return self.hear()

    def hear(self) -> str:
        """The next line that it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the program ended: {''.join(self.said)[-3000:]}"
        return line.strip()

    def end(self, timeout: float = 60) -> None:
        """Close its input, wait until it ended by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(timeout)
        assert code == 0, f"the program ended with {code}: {''.join(self.said)[-3000:]}"


def start(sdks: Installed, name: str, *, host: str, key: str, options: dict[str, Any] | None = None, **job: Any) -> Program:
    """Start `drivers/NAME.py` or `drivers/NAME.js`; `options` are the SDK's own, beside host and key."""
    told = json.dumps({"host": host, "key": key, "options": options or {}, **job})
    path = next(DRIVERS.glob(f"{name}.[jp][sy]"))
    words = [str(sdks.python), "-u", str(path)] if path.suffix == ".py" else [sdks.node, str(path)]
    environment = {k: v for k, v in os.environ.items() if k.lower() not in ("http_proxy", "https_proxy", "pythonpath")}
    process = subprocess.Popen(
        [*words, told],
        env={**environment, "NODE_PATH": str(sdks.node_modules)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    program = Program(process)

    def listen() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            program.said.append(line)

    threading.Thread(target=listen, daemon=True).start()
    return program
