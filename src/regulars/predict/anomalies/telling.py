"""Telling alarms: by e-mail all that wait in one letter, exactly once; by webhook one signed delivery each, again until it is taken."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate
from html import escape
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from regulars.access import operators, shops
from regulars.access.domain import Caller
from regulars.access.keys import Keyring
from regulars.console import numbers as n
from regulars.errors import RegularsError
from regulars.predict.anomalies.answers import Anomaly
from regulars.predict.anomalies.receivers import PURPOSE, ask
from regulars.predict.anomalies.service import get
from regulars.predict.anomalies.tables import alarm_notice, alarm_receiver
from regulars.predict.anomalies.words import said
from regulars.understand.metrics import METRICS
from regulars.understand.reports import Post, post_of
from regulars.values import clock
from regulars.values.answers import to_json
from regulars.work.mail import Doubtful, NotSent
from regulars.work.webhooks import NOT_TAKEN, PAUSES, send

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access import Shop
    from regulars.access.operators import Operator
    from regulars.records import UnitOfWork
    from regulars.work import JobContext

log = logging.getLogger(__name__)

_LEVELS = {"yellow": ("yellow", "黄色"), "orange": ("orange", "橙色"), "red": ("red", "红色")}
_MAIL_ATTEMPTS, _AGAIN_AFTER = 6, timedelta(minutes=10)


def tell(context: JobContext) -> None:
    """Tell one receiver what it has not been told yet."""
    receiver_id = str(context.payload["receiver_id"])
    with context.records.unit() as uow:
        t = alarm_receiver
        row = uow.one(select(t).where(t.c.shop_id == context.shop_id, t.c.receiver_id == receiver_id))
        if row is None:
            return
        _settle(uow, receiver_id, None, "sending", "unknown", "the server went away while it was being handed over")
        shop = shops.get(uow, context.shop_id)
        waiting = select(alarm_notice).where(alarm_notice.c.receiver_id == receiver_id, alarm_notice.c.state == "planned")
        planned = uow.rows(waiting.order_by(alarm_notice.c.anomaly_id))
        alarms = [get(uow, context.shop_id, one["anomaly_id"]) for one in planned]
    if not alarms:
        return
    attempts = max(int(one["attempts"]) for one in planned) + 1
    if row["kind"] == "mail":
        _by_mail(context, row, shop, alarms, attempts)
    else:
        _by_webhook(context, row, shop, alarms, attempts)


def _by_mail(context: JobContext, row: RowMapping, shop: Shop, alarms: list[Anomaly], attempts: int) -> None:
    ids = [one.anomaly_id for one in alarms]
    receiver_id = row["receiver_id"]
    try:
        post = post_of(context.home)
    except RegularsError as error:
        _end(context, receiver_id, ids, "planned", "failed", str(error))
        return
    person = _person(context, row["operator_id"], post, shop)
    if person is None:
        _end(context, receiver_id, ids, "planned", "failed", "no longer an operator of this shop")
        return
    message = letter(
        shop, alarms, sender=post.server.sender, to=person.email, language=person.language or shop.language,
        link=f"{post.console_url}/anomalies?shop={shop.shop_id}", key=f"{receiver_id}.{ids[0]}",
    )  # fmt: skip
    _end(context, receiver_id, ids, "planned", "sending", None)
    try:
        post.server.hand_over(message, person.email)
    except NotSent as error:
        later = error.again and attempts < _MAIL_ATTEMPTS
        _end(context, receiver_id, ids, "sending", "planned" if later else "failed", str(error), attempts=attempts)
        if later:
            with context.records.unit() as uow:
                ask(uow, shop.shop_id, receiver_id, run_at=clock.now() + _AGAIN_AFTER)
        log.warning("alarms could not be mailed", extra={"receiver_id": receiver_id, "again": later})
        return
    except Doubtful as error:
        _end(context, receiver_id, ids, "sending", "unknown", str(error))
        return
    _end(context, receiver_id, ids, "sending", "sent", None)
    log.info("alarms mailed", extra={"receiver_id": receiver_id, "alarms": len(ids)})


def _by_webhook(context: JobContext, row: RowMapping, shop: Shop, alarms: list[Anomaly], attempts: int) -> None:
    receiver_id = row["receiver_id"]
    secret = Keyring.open(context.home).unseal(PURPOSE, row["secret_sealed"], bound_to=receiver_id).decode()
    for one in alarms:
        body = {"type": "alarm.raised", "timestamp": one.found_at, "data": {"shop_id": shop.shop_id, "alarm": one}}
        try:
            send(row["url"], secret, f"{receiver_id}_{one.anomaly_id}", json.dumps(to_json(body), ensure_ascii=False).encode())
        except NOT_TAKEN as error:
            words = str(getattr(error, "message", None) or type(error).__name__)
            later = attempts <= len(PAUSES)
            state = "planned" if later else "failed"
            _end(context, receiver_id, [each.anomaly_id for each in alarms], "planned", state, words, attempts=attempts)
            if later:
                with context.records.unit() as uow:
                    ask(uow, shop.shop_id, receiver_id, run_at=clock.now() + timedelta(seconds=PAUSES[attempts - 1]))
            log.warning("a webhook of alarms was not taken", extra={"receiver_id": receiver_id, "attempts": attempts})
            return
        _end(context, receiver_id, [one.anomaly_id], "planned", "sent", None)


def letter(shop: Shop, alarms: Sequence[Anomaly], *, sender: str, to: str, language: str, link: str, key: str) -> EmailMessage:
    """One e-mail about alarms, the most money first. `key` makes its Message-ID: the same alarms' mail always has the same one."""
    at = 1 if language == "zh" else 0
    ordered = sorted(alarms, key=lambda one: (-abs(one.effect.minor), one.metric))
    told = [(_head(one, at), list(one.causes.get("zh" if at else "en", ()))) for one in ordered]
    first = METRICS[ordered[0].metric].title["zh" if at else "en"]
    more = len(ordered) - 1
    subject = (
        (f"指标异常：{first}" + (f" 等 {more + 1} 项" if more else ""))
        if at
        else f"Alarm: {first}" + (f" and {more} more" if more else "")
    )
    seen = "在控制台打开" if at else "Open in the console"
    message = EmailMessage()
    message["Subject"] = f"{subject} · {shop.name}"
    message["From"] = sender
    message["To"] = to
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    plain = ["\n".join([head, *(f"- {line}" for line in lines)]) for head, lines in told]
    message.set_content("\n\n".join([*plain, f"{seen}: {link}"]))
    blocks = "".join(
        f"<p><b>{escape(head)}</b></p><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" for head, lines in told
    )
    message.add_alternative(
        f'<div style="font-family:sans-serif;font-size:14px;color:#1b1c1a">{blocks}'
        f'<p><a href="{escape(link, quote=True)}">{escape(seen)}</a></p></div>',
        subtype="html",
    )
    return message


def _head(one: Anomaly, at: int) -> str:
    title, level = METRICS[one.metric].title["zh" if at else "en"], _LEVELS[one.level][at]
    value, expected, worth = said(one.value, one.unit), said(one.expected, one.unit), n.money(one.effect)
    if at:
        return f"{one.day} {title}：{value}，预计 {expected}，影响 {worth}（{level}）"
    return f"{one.day} {title}: {value}, expected {expected}, worth {worth} ({level})"


def _person(context: JobContext, operator_id: str, post: Post, shop: Shop) -> Operator | None:
    with context.records.reading() as uow:
        everybody = operators.list_all(uow, Caller.system("worker", post.keyring))
    for one in everybody:
        if one.operator_id == operator_id and one.disabled_at is None and (one.shop_ids is None or shop.shop_id in one.shop_ids):
            return one
    return None


def _end(
    context: JobContext,
    receiver_id: str,
    ids: Sequence[str],
    of: str,
    state: str,
    error: str | None,
    *,
    attempts: int | None = None,
) -> None:
    """Change the state of some notices, committed at once."""
    with context.records.unit() as uow:
        _settle(uow, receiver_id, ids, of, state, error, attempts)


def _settle(
    uow: UnitOfWork,
    receiver_id: str,
    ids: Sequence[str] | None,
    of: str,
    state: str,
    error: str | None,
    attempts: int | None = None,
) -> None:
    t = alarm_notice
    values: dict[str, Any] = {"state": state, "error": None if error is None else error[:300], "changed_at": clock.now()}
    if attempts is not None:
        values["attempts"] = attempts
    change = update(t).where(t.c.receiver_id == receiver_id, t.c.state == of)
    uow.execute((change if ids is None else change.where(t.c.anomaly_id.in_(ids))).values(**values))
