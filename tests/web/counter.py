"""Routes for tests: one reads, one counts up, one fails in every way, one takes a file."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import Query, UploadFile
from pydantic import Field

from regulars.access import audit
from regulars.errors import NotEnoughData, StorageFull
from regulars.values.money import Money
from regulars.web import Api, Door

api = Api(tags=["Test"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the reading route saw."""

    shop_id: str
    caller: str
    language: str
    network: str
    day: date | None
    money: Money
    share: Decimal
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far to count, and a note."""

    by: int
    note: Annotated[str, Field(max_length=10_000)] = ""
    after_s: float = 0.0
    kill: Literal["", "before_commit", "after_commit"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The number of the entry that was added, and who answered."""

    sequence: int
    process: int


SEEN = Seen(
    shop_id="tea",
    caller="x",
    language="zh",
    network="192.0.2.1",
    day=date(2026, 11, 1),
    money=Money(minor=1999, currency="CNY"),
    share=Decimal("0.25"),
    wait=timedelta(seconds=2),
)


@api.get("/v1/seen", permission="read_reports", answer=Seen, summary="What is seen", example=SEEN)
def get_seen(
    door: Door,
    from_: Annotated[date | None, Query(alias="from")] = None,
    by: Literal["day", "week"] = "day",
    fail: Annotated[str, Query(max_length=20)] = "",
) -> Seen:
    """Tells what a handler sees."""
    match fail:
        case "ours":
            raise NotEnoughData("3 weeks of orders, this needs 8", mend="load older orders", have=3, need=8)
        case "full":
            raise StorageFull("the disk is full", mend="free some space")
        case "bug":
            raise RuntimeError("secret detail 4711")
    return Seen(
        shop_id=door.shop.shop_id,
        caller=door.caller.id,
        language=door.language,
        network=door.network,
        day=from_,
        money=SEEN.money,
        share=SEEN.share,
        wait=SEEN.wait,
    )


@api.post("/v1/counts", permission="manage_shop", answer=Count, summary="Count", status=201)
def post_count(door: Door, body: Step) -> Count:
    """Adds `by` entries to the trail in two transactions that are one."""
    sequence = 0
    for _ in range(body.by):
        with door.unit() as uow:
            sequence = audit.record(uow, door.caller, "count.stepped", body.note[:20], shop_id=door.shop.shop_id)
        with door.records.unit() as uow:
            audit.record(uow, door.caller, "count.stepped_again", body.note[:20], shop_id=door.shop.shop_id)
    time.sleep(body.after_s)
    if body.kill == "before_commit":
        os.kill(os.getpid(), signal.SIGKILL)
    if body.kill == "after_commit":
        with door.unit() as uow:
            uow.after_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    return Count(sequence=sequence, process=os.getpid())


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file as it came."""

    name: str
    sha256: str


@api.post("/v1/files", permission="load_data", answer=Received, summary="Take a file", takes_uploads=True)
def post_file(door: Door, file: UploadFile) -> Received:
    """Hashes the file and notes that in the trail."""
    digest = hashlib.sha256(file.file.read()).hexdigest()
    with door.unit() as uow:
        audit.record(uow, door.caller, "file.received", digest)
    return Received(name=file.filename or "", sha256=digest)
