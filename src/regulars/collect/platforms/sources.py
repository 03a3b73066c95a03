"""Webhook sources: which platform delivers into which shop, with a sealed secret, or two while one follows the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, case, delete, func, insert, select, update

from regulars.access import audit, shops
from regulars.collect import track
from regulars.collect.platforms.domain.generic import parse_mapping
from regulars.collect.platforms.domain.signatures import PLATFORMS, Platform, checked_secret, new_secret
from regulars.collect.platforms.tables import platform_delivery, platform_source, platform_waiting
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

PURPOSE = "webhook secrets"
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_COUNTED = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSource:
    """One sender of webhooks. The counts are of the last 7 days; `refused` is since it was made, and noted now and then."""

    source_id: str
    shop_id: str
    name: str
    platform: Platform
    path: str
    domain: str | None
    mapping: Mapping[str, Any] | None
    created_at: datetime
    disabled_at: datetime | None
    previous_secret_until: datetime | None
    last_accepted_at: datetime | None
    last_refused_at: datetime | None
    last_refusal: str | None
    refused: int
    accepted: int = 0
    repeated: int = 0
    ignored: int = 0
    unknown: int = 0
    quarantined: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhookSource:
    """A source just made or whose secret was just rotated. `secret` is told this once."""

    source: WebhookSource
    secret: str


@dataclass(frozen=True, slots=True)
class Live:
    """What receiving needs of a source."""

    source_id: str
    shop_id: str
    platform: Platform
    secrets: tuple[str, ...]
    domain: str | None
    mapping: Mapping[str, Any] | None


def add(
    uow: UnitOfWork,
    caller: Caller,
    *,
    shop_id: str,
    name: str,
    platform: str,
    secret: str | None = None,
    domain: str | None = None,
    mapping: Mapping[str, Any] | None = None,
    source_id: str | None = None,
) -> NewWebhookSource:
    """Make a source. Shopify shows its own secret, which is given here; for the others one is made where none is given.

    Raises
    ------
    InvalidInput : an unknown platform, a secret or mapping that cannot be one, a name that is empty.
    """
    caller.demand("connect_data")
    caller.demand_shop(shop_id)
    shops.get(uow, shop_id)
    if platform not in PLATFORMS:
        raise InvalidInput(f"there is no platform '{platform}'", mend=f"choose one of {', '.join(PLATFORMS)}", code="bad_platform")
    kind: Platform = platform
    text = checked_secret(kind, secret) if secret else new_secret(kind)
    made = source_id or new_id("source")
    keyring = _keyring(caller)
    values = {
        "name": checked_name(name),
        "platform": kind,
        "domain": _domain(domain),
        "mapping": _mapping(kind, mapping),
    }
    uow.execute(
        insert(platform_source).values(
            source_id=made,
            shop_id=shop_id,
            secret_sealed=keyring.seal(PURPOSE, text, bound_to=made),
            created_at=clock.now(),
            created_by=f"{caller.kind}:{caller.id}",
            refused=0,
            **values,
        )
    )
    track.open_source(uow, caller, shop_id=shop_id, name=checked_name(name), kind="webhook", source_id=made)
    audit.record(uow, caller, "webhook_source.created", made, after=values, shop_id=shop_id)
    return NewWebhookSource(source=get(uow, caller, made), secret=text)


def change(uow: UnitOfWork, caller: Caller, source_id: str, **changes: Any) -> WebhookSource:
    """Change `name`, `domain`, `mapping` or `disabled` of a source, as given."""
    caller.demand("connect_data")
    before = get(uow, caller, source_id)
    values: dict[str, Any] = {}
    for name, value in changes.items():
        match name:
            case "name":
                values["name"] = checked_name(value)
            case "domain":
                values["domain"] = _domain(value)
            case "mapping":
                values["mapping"] = _mapping(before.platform, value)
            case "disabled":
                values["disabled_at"] = (before.disabled_at or clock.now()) if value else None
            case _:
                raise InvalidInput(
                    f"a source has no setting '{name}'", mend="set name, domain, mapping or disabled", code="bad_setting"
                )
    if values:
        uow.execute(update(platform_source).where(platform_source.c.source_id == source_id).values(**values))
        old = {name: getattr(before, name) for name in values}
        audit.record(uow, caller, "webhook_source.changed", source_id, before=old, after=values, shop_id=before.shop_id)
    return get(uow, caller, source_id)


def rotate(
    uow: UnitOfWork, caller: Caller, source_id: str, *, secret: str | None = None, overlap_hours: int = 72
) -> NewWebhookSource:
    """A new secret; the old one is taken for the overlap, so that the platform can follow.

    Raises
    ------
    Conflict : an earlier rotation's overlap has not ended; there are never more than two live secrets.
    """
    caller.demand("connect_data")
    before = get(uow, caller, source_id)
    if not 0 <= overlap_hours <= 24 * 30:
        raise InvalidInput(f"an overlap of {overlap_hours} hours is out of range", mend="give 0 to 720 hours", code="bad_overlap")
    now = clock.now()
    text = checked_secret(before.platform, secret) if secret else new_secret(before.platform)
    row = uow.one(select(platform_source).where(platform_source.c.source_id == source_id))
    assert row is not None
    if overlap_hours and row["previous_until"] is not None and row["previous_until"] > now:
        raise Conflict(
            "the secret was rotated already, and the older one is still taken",
            mend="wait until its overlap has ended, or give overlap_hours 0",
            code="secret_rotated",
        )
    uow.execute(
        update(platform_source)
        .where(platform_source.c.source_id == source_id)
        .values(
            secret_sealed=_keyring(caller).seal(PURPOSE, text, bound_to=source_id),
            previous_secret_sealed=row["secret_sealed"] if overlap_hours else None,
            previous_until=now + timedelta(hours=overlap_hours) if overlap_hours else None,
        )
    )
    told = {"overlap_hours": overlap_hours}
    audit.record(uow, caller, "webhook_source.secret_rotated", source_id, after=told, shop_id=before.shop_id)
    return NewWebhookSource(source=get(uow, caller, source_id), secret=text)


def remove(uow: UnitOfWork, caller: Caller, source_id: str) -> None:
    """Take a source away; what it delivered stays."""
    caller.demand("connect_data")
    before = get(uow, caller, source_id)
    track.close_source(uow, source_id)
    uow.execute(delete(platform_source).where(platform_source.c.source_id == source_id))
    told = {"name": before.name, "platform": before.platform}
    audit.record(uow, caller, "webhook_source.removed", source_id, before=told, shop_id=before.shop_id)


def get(uow: UnitOfWork, caller: Caller, source_id: str) -> WebhookSource:
    """One source the caller may see.

    Raises
    ------
    NotFound : there is none of that id in a shop the caller may see.
    """
    row = uow.one(select(platform_source).where(platform_source.c.source_id == source_id))
    if row is None or not caller.may_see(row["shop_id"]):
        raise no_such_source(source_id)
    return _source(row, _counts(uow, [source_id]).get(source_id, {}))


def list_all(uow: UnitOfWork, caller: Caller, shop_id: str) -> list[WebhookSource]:
    """The webhook sources of a shop, the oldest first."""
    caller.demand_shop(shop_id)
    order = (platform_source.c.created_at, platform_source.c.source_id)
    rows = uow.rows(select(platform_source).where(platform_source.c.shop_id == shop_id).order_by(*order))
    counts = _counts(uow, [row["source_id"] for row in rows])
    return [_source(row, counts.get(row["source_id"], {})) for row in rows]


def live(uow: UnitOfWork, keyring: Keyring, source_id: str) -> Live:
    """A source that takes deliveries, with its live secrets.

    Raises
    ------
    NotFound : there is none, or it is disabled.
    """
    row = uow.one(select(platform_source).where(platform_source.c.source_id == source_id))
    if row is None or row["disabled_at"] is not None:
        raise no_such_source(source_id)
    sealed = [row["secret_sealed"]]
    if row["previous_secret_sealed"] is not None and row["previous_until"] > clock.now():
        sealed.append(row["previous_secret_sealed"])
    secrets = tuple(keyring.unseal(PURPOSE, one, bound_to=source_id).decode() for one in sealed)
    return Live(source_id, row["shop_id"], row["platform"], secrets, row["domain"], row["mapping"])


def no_such_source(source_id: str) -> NotFound:
    """The one answer for a missing, a disabled and a foreign source."""
    return NotFound(
        f"there is no webhook source '{source_id[:64]}'",
        mend="copy the address again from the page Connections",
        code="no_such_source",
    )


def checked_name(name: str) -> str:
    """A name of 1 to 200 characters."""
    if not 1 <= len(name.strip()) <= 200:
        raise InvalidInput("a name has 1 to 200 characters", mend="name the shop or program that sends", code="bad_name")
    return name.strip()


def _counts(uow: UnitOfWork, source_ids: list[str]) -> dict[str, dict[str, int]]:
    d = platform_delivery
    outcomes = ("accepted", "ignored", "unknown", "quarantined")
    found: dict[str, dict[str, int]] = {}
    counted = select(
        d.c.source_id,
        func.coalesce(func.sum(d.c.repeats), 0).label("repeated"),
        *[func.coalesce(func.sum(case((d.c.outcome == outcome, 1), else_=0)), 0).label(outcome) for outcome in outcomes],
    )
    recent = d.c.received_at >= clock.now() - _COUNTED
    for row in uow.rows(counted.where(d.c.source_id.in_(source_ids), recent).group_by(d.c.source_id)):
        found[row["source_id"]] = {name: int(row[name]) for name in ("repeated", *outcomes)}
    w = platform_waiting
    for row in uow.rows(
        select(w.c.source_id, func.count().label("n")).where(w.c.source_id.in_(source_ids)).group_by(w.c.source_id)
    ):
        found.setdefault(row["source_id"], {})["waiting"] = int(row["n"])
    return found


def _source(row: RowMapping, counts: Mapping[str, int]) -> WebhookSource:
    same = ("source_id", "shop_id", "name", "platform", "domain", "mapping", "created_at", "disabled_at")
    health = ("last_accepted_at", "last_refused_at", "last_refusal", "refused")
    until = row["previous_until"]
    values: dict[str, Any] = {name: row[name] for name in (*same, *health)} | dict(counts)
    return WebhookSource(
        **values,
        path=f"/v1/webhooks/{row['source_id']}",
        previous_secret_until=until if until is not None and until > clock.now() else None,
    )


def _mapping(platform: Platform, mapping: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if mapping is None:
        return None
    if platform != "webhook":
        raise InvalidInput(f"{platform} needs no mapping", mend="leave it out", code="bad_mapping")
    parse_mapping(mapping)
    return dict(mapping)


def _domain(domain: str | None) -> str | None:
    text = (domain or "").strip().lower().removeprefix("https://").rstrip("/")
    if text and not _DOMAIN.fullmatch(text):
        raise InvalidInput("the storefront's domain is none", mend="write it as tea-house.example.com", code="bad_domain")
    return text or None


def _keyring(caller: Caller) -> Keyring:
    assert caller.keyring is not None
    return caller.keyring
