"""Deliveries that were put aside, taken again from the quarantine: as they came where that goes now, or corrected."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from regulars.access import shops
from regulars.collect.platforms import receiving, sources
from regulars.collect.platforms.domain import dispatch
from regulars.collect.platforms.domain.generic import parse_mapping
from regulars.collect.platforms.domain.messages import Setting, plain
from regulars.collect.platforms.tables import platform_source
from regulars.collect.track import raw
from regulars.errors import Conflict, InvalidInput
from regulars.values import clock
from regulars.web.bodies import strict_json

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork

#: What is noted beside a body begins with its topic, where the platform names one: `orders/create: ...`.
_TOPIC = re.compile(r"([a-z_]+[/.][a-z_]+): ")


class _Within:
    """The records as one transaction sees them, for verbs that open their own."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    @contextmanager
    def unit(self) -> Iterator[UnitOfWork]:
        yield self._uow

    reading = unit


class _Sent:
    """A sink that sends what a body comes to, and refuses to put the body aside once more."""

    def __init__(self, send: Callable[[Sequence[dict[str, Any]]], None]) -> None:
        self._send = send

    def accept(self, messages: Sequence[dict[str, Any]]) -> None:
        self._send(messages)

    def refuse(self, raw: bytes, reason: str, detail: str) -> None:
        raise Conflict(
            f"the delivery would be put aside again: {detail}", mend="correct the body", code="still_refused", reason=reason
        )


def _reads(uow: UnitOfWork, source_id: str) -> bool:
    return uow.value(select(platform_source.c.source_id).where(platform_source.c.source_id == source_id)) is not None


def _look(uow: UnitOfWork, keyring: Keyring, source_id: str, told: str, body: dict[str, Any]) -> raw.Looked:
    source = sources.live(uow, keyring, source_id)
    shop = shops.get(uow, source.shop_id)
    setting = Setting(source.platform, shop.timezone, shop.currency, source.domain)
    try:
        mapping = parse_mapping(source.mapping) if source.mapping else None
        said = dispatch.translate(
            source.platform, _topic(told), strict_json(_bytes(body), exact=True), setting, mapping, clock.now()
        )
    except InvalidInput as error:
        return raw.Looked(None, error.message, error.mend)
    if said is None:
        return raw.Looked(None, "the topic of this delivery is not one that is taken", "discard it")
    named = next((message["event"] for message in said.messages if message.get("event")), None)
    return raw.Looked(named or next((message["type"] for message in said.messages), ""))


def _take(
    uow: UnitOfWork,
    keyring: Keyring,
    source_id: str,
    told: str,
    body: dict[str, Any],
    send: Callable[[Sequence[dict[str, Any]]], None],
) -> None:
    source = sources.live(uow, keyring, source_id)
    receiving.take(cast("Records", _Within(uow)), keyring, source, _topic(told), _bytes(body), _Sent(send))


def _topic(told: str) -> str:
    found = _TOPIC.match(told)
    return found[1] if found else ""


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(plain(body), ensure_ascii=False).encode("utf-8", "surrogatepass")


raw.ROOMS.append(raw.RawBodies(_reads, _look, _take))
