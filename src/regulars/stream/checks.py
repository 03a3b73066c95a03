"""What `regulars doctor` asks of the stream and of the stores below it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from regulars.records import outbox
from regulars.records.revisions import is_newest
from regulars.stream.relay import PARKED_AFTER
from regulars.work import Check, CheckContext, Finding
from regulars.work.tables import job


def _records_sound(context: CheckContext) -> Iterable[Finding]:
    for line in context.records.check():
        yield Finding(line, mend="stop the server and put the last backup of the records in place")
    with context.records.reading() as view:
        newest = is_newest(view)
    if not newest:
        yield Finding("the records have an older schema", mend="run `regulars migrate`")


def _warehouse_sound(context: CheckContext) -> Iterable[Finding]:
    for line in context.warehouse.check():
        yield Finding(line, mend="run `regulars warehouse rebuild`: it makes the warehouse anew from the archive of loads")


def _keys_unique(context: CheckContext) -> Iterable[Finding]:
    for name, spec in context.warehouse.tables().items():
        if spec.repeats:
            continue
        table = context.warehouse.table(name)
        rows = table.count()
        doubled = table.group_by(list(spec.key)).aggregate(n=rows).filter(lambda t: t.n > 1).limit(3)
        for row in context.warehouse.rows(doubled):
            where = ", ".join(f"{key}={row[key]}" for key in spec.key)
            yield Finding(f"{row['n']} rows of {name} share one key", mend="run `regulars warehouse rebuild`", where=where)


def _events_relayed(context: CheckContext) -> Iterable[Finding]:
    with context.records.reading() as view:
        parked = view.rows(select(outbox).where(outbox.c.relayed_at.is_(None), outbox.c.attempts >= PARKED_AFTER).limit(20))
    for row in parked:
        yield Finding(
            f"the event '{row['event']}' could not be handled {row['attempts']} times: {row['last_error']}",
            mend="mend the cause, then run `regulars run relay --again`",
            where=row["message_id"],
        )


def _relayed_events_logged(context: CheckContext) -> Iterable[Finding]:
    with context.records.reading() as view:
        told = {row["message_id"] for row in view.rows(select(outbox.c.message_id).where(outbox.c.relayed_at.is_not(None)))}
    log_table = context.warehouse.table("event_log")
    logged = {row["message_id"] for row in context.warehouse.rows(log_table.select("message_id"))}
    for message_id in sorted(told - logged)[:20]:
        yield Finding("a relayed event is missing from the warehouse", mend="run `regulars run relay --again`", where=message_id)


def _jobs_sound(context: CheckContext) -> Iterable[Finding]:
    with context.records.reading() as view:
        failed = view.rows(select(job).where(job.c.state == "failed").order_by(job.c.finished_at.desc()).limit(20))
        succeeded = view.rows(select(job.c.kind, job.c.shop_id, job.c.finished_at).where(job.c.state == "done"))
    latest: dict[tuple[str, str], datetime] = {}
    for row in succeeded:
        latest[row["kind"], row["shop_id"]] = max(row["finished_at"], latest.get((row["kind"], row["shop_id"]), row["finished_at"]))
    for row in failed:
        mended_at = latest.get((row["kind"], row["shop_id"]))
        if mended_at is None or mended_at < row["finished_at"]:
            yield Finding(
                f"the job {row['kind']} failed: {row['error']}", mend="mend the cause and start it again", where=row["job_id"]
            )


CHECKS = [
    Check("records file and schema", "P19, P30", _records_sound),
    Check("warehouse can be read whole", "P19", _warehouse_sound),
    Check("warehouse keys are unique", "P1", _keys_unique),
    Check("told events are relayed", "P1", _events_relayed),
    Check("relayed events are in the warehouse once", "P1", _relayed_events_logged),
    Check("jobs end well", "P12", _jobs_sound),
]
