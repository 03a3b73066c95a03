"""Who is told of alarms: operators by e-mail, addresses by signed webhook, each from a level on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from sqlalchemy import RowMapping, delete, func, insert, select

from regulars.access import audit
from regulars.access.tables import operator
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.predict.anomalies.tables import alarm_notice, alarm_receiver
from regulars.predict.anomalies.watching import Level
from regulars.understand.reports import post_of
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.work import enqueue
from regulars.work.webhooks import checked_url, new_secret

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

TELL = "anomalies.tell"
PURPOSE = "alarm webhooks"
MOST_RECEIVERS = 50
LEVELS: tuple[Level, ...] = get_args(Level)

Kind = Literal["mail", "webhook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody who is told of alarms, and how that went last."""

    receiver_id: str
    kind: Kind
    operator_id: str | None
    url: str | None
    least_level: Level
    made_at: datetime
    waiting: int  # alarms it was not told yet
    told_at: datetime | None
    error: str | None  # of the newest that failed, or whose outcome is unknown; null: none since the last that went well


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceiver:
    """A receiver just made; of a webhook with the secret its deliveries are signed with: told this once."""

    receiver: Receiver
    secret: str | None


def add(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    home: Path,
    *,
    operator_id: str | None = None,
    url: str | None = None,
    least_level: str = "yellow",
) -> NewReceiver:
    """Tell an operator by e-mail, or an address by webhook, of every alarm found from now on.

    Raises
    ------
    InvalidInput : neither or both are given, no such operator or address, no such level, no mail server, or too many receivers.
    Conflict : the operator is told already.
    """
    caller.demand("manage_reports")
    caller.demand_shop(shop_id)
    if (operator_id is None) == (url is None):
        raise InvalidInput("who is to be told?", mend="give an `operator_id` or a `url`", code="bad_receivers")
    if least_level not in LEVELS:
        raise InvalidInput(f"'{least_level[:20]}' is no level", mend=f"use one of {', '.join(LEVELS)}", code="bad_level")
    if len(listing(uow, shop_id)) >= MOST_RECEIVERS:
        raise InvalidInput(f"alarms may have {MOST_RECEIVERS} receivers", mend="remove one first", code="too_many")
    values: dict[str, Any] = {
        "receiver_id": new_id("receiver"), "shop_id": shop_id, "least_level": least_level, "made_by": f"{caller.kind}:{caller.id}",
        "made_at": clock.now(),
    }  # fmt: skip
    secret = None
    if operator_id is not None:
        post_of(home)
        _known_operator(uow, shop_id, operator_id)
        values |= {"kind": "mail", "operator_id": operator_id}
    else:
        assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
        secret = new_secret()
        sealed = caller.keyring.seal(PURPOSE, secret, bound_to=values["receiver_id"])
        values |= {"kind": "webhook", "url": checked_url(str(url)), "secret_sealed": sealed}
    uow.execute(insert(alarm_receiver).values(**values))
    audit.record(
        uow, caller, "alarm_receiver.made", values["receiver_id"], after={"kind": values["kind"], "least_level": least_level},
        shop_id=shop_id,
    )  # fmt: skip
    return NewReceiver(receiver=_get(uow, shop_id, values["receiver_id"]), secret=secret)


def listing(uow: UnitOfWork, shop_id: str) -> list[Receiver]:
    """Everybody who is told, the first one made first."""
    rows = select(alarm_receiver).where(alarm_receiver.c.shop_id == shop_id)
    return [_of(uow, row) for row in uow.rows(rows.order_by(alarm_receiver.c.made_at, alarm_receiver.c.receiver_id))]


def remove(uow: UnitOfWork, caller: Caller, shop_id: str, receiver_id: str) -> None:
    """Tell it no more; what it was not told yet it is not told."""
    caller.demand("manage_reports")
    caller.demand_shop(shop_id)
    gone = _get(uow, shop_id, receiver_id)
    uow.execute(delete(alarm_notice).where(alarm_notice.c.receiver_id == gone.receiver_id))
    uow.execute(delete(alarm_receiver).where(alarm_receiver.c.receiver_id == gone.receiver_id))
    audit.record(uow, caller, "alarm_receiver.removed", gone.receiver_id, before={"kind": gone.kind}, shop_id=shop_id)


def plan(uow: UnitOfWork, shop_id: str, anomaly_id: str, level: str) -> None:
    """Write down whom an alarm is told, in the unit that keeps it, and ask the worker to tell them."""
    heard = LEVELS[: LEVELS.index(level) + 1]
    wanted = select(alarm_receiver.c.receiver_id).where(
        alarm_receiver.c.shop_id == shop_id, alarm_receiver.c.least_level.in_(heard)
    )
    for row in uow.rows(wanted):
        uow.execute(
            insert(alarm_notice).values(
                receiver_id=row["receiver_id"], anomaly_id=anomaly_id, shop_id=shop_id, state="planned", attempts=0,
                changed_at=clock.now(),
            )
        )  # fmt: skip
        ask(uow, shop_id, row["receiver_id"])


def ask(uow: UnitOfWork, shop_id: str, receiver_id: str, *, run_at: datetime | None = None) -> None:
    """Let the worker tell one receiver what it has not been told."""
    enqueue(uow, TELL, {"receiver_id": receiver_id}, shop_id=shop_id, key=f"{TELL}:{receiver_id}", run_at=run_at)


def _known_operator(uow: UnitOfWork, shop_id: str, operator_id: str) -> None:
    row = uow.one(select(operator).where(operator.c.operator_id == operator_id, operator.c.disabled_at.is_(None)))
    if row is None or not (row["shop_ids"] is None or shop_id in row["shop_ids"]):
        raise InvalidInput(
            f"'{operator_id[:60]}' is no operator of this shop", mend="choose from the operators of the shop", code="bad_receivers"
        )
    t = alarm_receiver
    if uow.one(select(t.c.receiver_id).where(t.c.shop_id == shop_id, t.c.operator_id == operator_id)) is not None:
        raise Conflict("this operator is told already", mend="remove the receiver first to change its level", code="already_told")


def _get(uow: UnitOfWork, shop_id: str, receiver_id: str) -> Receiver:
    t = alarm_receiver
    row = uow.one(select(t).where(t.c.shop_id == shop_id, t.c.receiver_id == receiver_id))
    if row is None:
        raise NotFound(
            f"there is no receiver '{receiver_id[:60]}'", mend="list them with `GET /v1/alarm_receivers`", code="no_such_receiver"
        )
    return _of(uow, row)


def _of(uow: UnitOfWork, row: RowMapping) -> Receiver:
    t, mine = alarm_notice, alarm_notice.c.receiver_id == row["receiver_id"]
    told_at = uow.value(select(func.max(t.c.changed_at)).where(mine, t.c.state == "sent"))
    newest = uow.one(select(t.c.error).where(mine).order_by(t.c.changed_at.desc(), t.c.anomaly_id).limit(1))
    return Receiver(
        receiver_id=row["receiver_id"],
        kind=row["kind"],
        operator_id=row["operator_id"],
        url=row["url"],
        least_level=row["least_level"],
        made_at=row["made_at"],
        waiting=int(uow.value(select(func.count()).where(mine, t.c.state.in_(("planned", "sending")))) or 0),
        told_at=told_at,
        error=newest["error"] if newest is not None else None,
    )
