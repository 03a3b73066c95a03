"""A connector's process is killed with kill -9 again and again; nothing is lost, nothing comes twice."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from regulars.access import Caller
from regulars.collect.platforms import connectors
from regulars.collect.platforms.wishes import Wish
from regulars.records import Records
from tests.collect.platforms.conftest import Stream, open_shop

ORDERS = 400
PULL = """
import sys
from pathlib import Path
from regulars.access import Keyring
from regulars.collect.platforms import pulling
from regulars.records import Records
from regulars.collect.platforms.service import recover
from tests.collect.platforms.conftest import Stream
home = Path(sys.argv[1])
records = Records.open(f"sqlite:///{home}/records.sqlite")
recover(records, None, home)
print("go", flush=True)
run = pulling.run_connector(records, home, Keyring.open(home), sys.argv[2], sink=Stream(home / "stream.jsonl", sys.argv[2]))
print(run.state, flush=True)
"""


def test_kill_minus_nine_at_any_instant(records: Records, home: Path, shell: Caller, stream: Stream, tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT, at TEXT, member TEXT, total TEXT, refunded TEXT)")
        rows = [
            (n, f"A{n}", "2026-10-01T00:00:00Z", f"m{n}", f"{n}.50", "1.00" if n % 10 == 0 else None) for n in range(1, ORDERS + 1)
        ]
        theirs.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", rows)
    mapping = {
        "order_id": "number",
        "ordered_at": "at",
        "customer_id": "member",
        "order_total": "total",
        "refund_amount": "refunded",
    }
    wish = Wish(
        name="theirs",
        takes="orders",
        url=f"sqlite:///{path}",
        query="SELECT * FROM orders",
        cursor_column="id",
        mapping=mapping,
        batch_rows=4,
    )
    shop = open_shop(records, shell)
    with records.unit() as uow:
        made = connectors.add(uow, records, home, shell, shop, wish).connector_id
    chance = random.Random(7)
    kills = 0

    for _ in range(60):
        process = subprocess.Popen([sys.executable, "-c", PULL, str(home), made], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.25))
        if process.poll() is None and kills < 12:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        if process.returncode == 0 and kills >= 12:
            break

    told = [message for message in stream.messages if message.get("event") == "Order Completed"]
    assert kills == 12
    assert sorted(message["properties"]["order_id"] for message in told) == sorted(f"A{n}" for n in range(1, ORDERS + 1))
    assert {message["properties"]["order_id"]: message["properties"]["total"] for message in told}["A17"] == "17.50"
    assert len(stream.named("Order Refunded")) == ORDERS // 10
