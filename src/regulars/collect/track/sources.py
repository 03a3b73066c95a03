"""Sources: who may send events into which shop, each with a write key that can do nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from sqlalchemy import RowMapping, func, insert, or_, select, update

from regulars.access import audit, shops
from regulars.access.secrets import token_hash
from regulars.collect.track.tables import source, source_count, uncollected_count
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

SourceKind = Literal["browser", "server", "webhook", "import", "sql", "stream"]
SourceState = Literal["never", "sending", "silent", "disabled"]
KINDS: tuple[SourceKind, ...] = get_args(SourceKind)
PURPOSE = "write keys"
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One sender of events.

    `state`: `never` sent so far, `sending`, `silent` for longer than `silent_after_minutes`, or `disabled`.
    """

    source_id: str
    shop_id: str
    name: str
    kind: str
    enforce_schema: bool
    origins: tuple[str, ...]
    silent_after_minutes: int
    created_at: datetime
    disabled_at: datetime | None
    old_key_until: datetime | None
    events: int = 0
    duplicates: int = 0
    quarantined: int = 0
    uncollected: int = 0  # for lack of consent
    last_event_at: datetime | None = None
    state: SourceState = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A source just made, or whose key was rotated, with its write key."""

    source: Source
    write_key: str


def create(
    uow: UnitOfWork,
    caller: Caller,
    *,
    shop_id: str,
    name: str,
    kind: str = "server",
    enforce_schema: bool = False,
    origins: Sequence[str] = (),
    source_id: str | None = None,
) -> NewSource:
    """Make a source with a write key.

    Raises
    ------
    InvalidInput : an unknown kind, an empty name, an origin that is none.
    """
    caller.demand("load_data")
    return _create(
        uow, caller, shop_id=shop_id, name=name, kind=kind, enforce_schema=enforce_schema, origins=origins, source_id=source_id
    )


def _create(
    uow: UnitOfWork,
    caller: Caller,
    *,
    shop_id: str,
    name: str,
    kind: str,
    enforce_schema: bool = False,
    origins: Sequence[str] = (),
    source_id: str | None = None,
) -> NewSource:
    caller.demand_shop(shop_id)
    shops.get(uow, shop_id)
    assert caller.keyring is not None
    if kind not in KINDS:
        raise InvalidInput(f"there is no kind of source '{kind}'", mend=f"choose one of {', '.join(KINDS)}", code="bad_kind")
    made = source_id or new_id("source")
    key = _new_key()
    uow.execute(
        insert(source).values(
            source_id=made,
            shop_id=shop_id,
            name=_name(name),
            kind=kind,
            key_hash=token_hash(key),
            key_sealed=caller.keyring.seal(PURPOSE, key, bound_to=made),
            enforce_schema=enforce_schema,
            origins=_origins(origins) or None,
            silent_after_minutes=1440,
            created_at=clock.now(),
            created_by=f"{caller.kind}:{caller.id}",
        )
    )
    uow.execute(insert(source_count).values(source_id=made, shop_id=shop_id, events=0, duplicates=0, quarantined=0))
    audit.record(uow, caller, "source.created", made, after={"name": name.strip(), "kind": kind}, shop_id=shop_id)
    return NewSource(source=get(uow, caller, made), write_key=key)


def open_source(uow: UnitOfWork, caller: Caller, *, shop_id: str, name: str, kind: SourceKind, source_id: str) -> None:
    """Make a source under an id that another room has chosen (a webhook's or a connector's); that room has asked for permission."""
    _create(uow, caller, shop_id=shop_id, name=name, kind=kind, source_id=source_id)


def close_source(uow: UnitOfWork, source_id: str) -> None:
    """Nothing more will come from this source; what came stays. The room it belongs to has asked for permission and tells the trail."""
    open_ = (source.c.source_id == source_id) & source.c.disabled_at.is_(None)
    uow.execute(update(source).where(open_).values(disabled_at=clock.now()))


def change(
    uow: UnitOfWork,
    caller: Caller,
    source_id: str,
    *,
    name: str | None = None,
    enforce_schema: bool | None = None,
    origins: Sequence[str] | None = None,
    silent_after_minutes: int | None = None,
    disabled: bool | None = None,
) -> Source:
    """Change what is given. A disabled source's events are refused with 401."""
    caller.demand("load_data")
    before = get(uow, caller, source_id)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = _name(name)
    if enforce_schema is not None:
        values["enforce_schema"] = enforce_schema
    if origins is not None:
        values["origins"] = _origins(origins) or None
    if silent_after_minutes is not None:
        if not 1 <= silent_after_minutes <= 525_600:
            raise InvalidInput("silence is counted from 1 minute to a year", mend="give 1 to 525600 minutes", code="bad_minutes")
        values["silent_after_minutes"] = silent_after_minutes
    if disabled is not None:
        values["disabled_at"] = (before.disabled_at or clock.now()) if disabled else None
    if values:
        uow.execute(update(source).where(source.c.source_id == source_id).values(**values))
        audit.record(uow, caller, "source.changed", source_id, after=dict(values), shop_id=before.shop_id)
    return get(uow, caller, source_id)


def rotate_key(uow: UnitOfWork, caller: Caller, source_id: str, *, overlap_hours: int = 72) -> NewSource:
    """A new write key; the old one is taken for the overlap, so that pages and programs can follow.

    Raises
    ------
    Conflict : an earlier rotation's overlap has not ended.
    """
    caller.demand("load_data")
    assert caller.keyring is not None
    before = get(uow, caller, source_id)
    if not 0 <= overlap_hours <= 24 * 90:
        raise InvalidInput(f"an overlap of {overlap_hours} hours is out of range", mend="give 0 to 2160 hours", code="bad_overlap")
    if before.old_key_until is not None and before.old_key_until > clock.now():
        raise Conflict("the key was rotated already", mend="wait until the older key has ended", code="key_rotated")
    row = _row(uow, source_id)
    key = _new_key()
    uow.execute(
        update(source)
        .where(source.c.source_id == source_id)
        .values(
            key_hash=token_hash(key),
            key_sealed=caller.keyring.seal(PURPOSE, key, bound_to=source_id),
            old_key_hash=row["key_hash"] if overlap_hours else None,
            old_key_until=clock.now() + timedelta(hours=overlap_hours) if overlap_hours else None,
        )
    )
    audit.record(uow, caller, "source.key_rotated", source_id, after={"overlap_hours": overlap_hours}, shop_id=before.shop_id)
    return NewSource(source=get(uow, caller, source_id), write_key=key)


def write_key(uow: UnitOfWork, caller: Caller, source_id: str) -> str:
    """The write key, to be put into a page or a program; it can only write events."""
    caller.demand("load_data")
    assert caller.keyring is not None
    get(uow, caller, source_id)
    return caller.keyring.unseal(PURPOSE, _row(uow, source_id)["key_sealed"], bound_to=source_id).decode()


def get(uow: UnitOfWork, caller: Caller, source_id: str) -> Source:
    """One source the caller may see.

    Raises
    ------
    NotFound : there is none of that id in a shop the caller may see.
    """
    row = uow.one(_listed().where(source.c.source_id == source_id))
    if row is None or not caller.may_see(row["shop_id"]):
        raise NotFound(f"there is no source '{source_id}'", mend="list the sources with `GET /v1/sources`", code="no_such_source")
    return _source(row)


def list_all(uow: UnitOfWork, caller: Caller, shop_id: str) -> list[Source]:
    """The sources of a shop, the oldest first."""
    caller.demand_shop(shop_id)
    return [
        _source(row)
        for row in uow.rows(_listed().where(source.c.shop_id == shop_id).order_by(source.c.created_at, source.c.source_id))
    ]


def sources_of(uow: UnitOfWork, caller: Caller, shop_id: str, kind: SourceKind) -> list[Source]:
    """The sources of one kind that may send now, the oldest first."""
    return [one for one in list_all(uow, caller, shop_id) if one.kind == kind and one.disabled_at is None]


def source_of_imports(uow: UnitOfWork, caller: Caller, shop_id: str) -> Source:
    """The source that imported history comes from; made when it is first needed. Always the same, so a row is taken once."""
    found = next((one for one in list_all(uow, caller, shop_id) if one.kind == "import"), None)
    return found or create(uow, caller, shop_id=shop_id, name="Imported history", kind="import").source


def source_of_catalogue(uow: UnitOfWork, caller: Caller, shop_id: str) -> str:
    """The id of the source that products told through the API come from; made when it is first needed."""
    made = f"catalogue_{token_hash(shop_id)[:24]}"
    if uow.value(select(source.c.source_id).where(source.c.source_id == made)) is None:
        _create(uow, caller, shop_id=shop_id, name="Catalogue", kind="server", source_id=made)
    return made


def source_for(uow: UnitOfWork, shop_id: str, purpose: str) -> str | None:
    """The id of the source of one of our own rooms, such as the search; None while it has told nothing."""
    made = _own_id(shop_id, purpose)
    return None if uow.value(select(source.c.source_id).where(source.c.source_id == made)) is None else made


def make_source_for(uow: UnitOfWork, caller: Caller, shop_id: str, purpose: str, *, name: str) -> str:
    """The same, made where it is not there yet."""
    made = source_for(uow, shop_id, purpose)
    return (
        made
        or _create(uow, caller, shop_id=shop_id, name=name, kind="server", source_id=_own_id(shop_id, purpose)).source.source_id
    )


def _own_id(shop_id: str, purpose: str) -> str:
    return f"{purpose}_{token_hash(shop_id)[:24]}"


def recognise(uow: UnitOfWork, key: str) -> Source | None:
    """The source a write key belongs to; None for unknown, ended and disabled ones."""
    hashed = token_hash(key)
    row = uow.one(_listed().where(or_(source.c.key_hash == hashed, source.c.old_key_hash == hashed)))
    if row is None or row["disabled_at"] is not None:
        return None
    if row["key_hash"] != hashed and (row["old_key_until"] is None or row["old_key_until"] <= clock.now()):
        return None
    return _source(row)


def _listed() -> Any:
    counts = (source_count.c.events, source_count.c.duplicates, source_count.c.quarantined, source_count.c.last_event_at)
    left_out = (
        select(func.sum(uncollected_count.c.messages)).where(uncollected_count.c.source_id == source.c.source_id).scalar_subquery()
    )
    return select(source, *counts, left_out.label("uncollected")).join(
        source_count, source_count.c.source_id == source.c.source_id, isouter=True
    )


def _row(uow: UnitOfWork, source_id: str) -> RowMapping:
    row = uow.one(select(source).where(source.c.source_id == source_id))
    assert row is not None
    return row


def _source(row: RowMapping) -> Source:
    return Source(
        source_id=row["source_id"],
        shop_id=row["shop_id"],
        name=row["name"],
        kind=row["kind"],
        enforce_schema=row["enforce_schema"],
        origins=tuple(row["origins"] or ()),
        silent_after_minutes=row["silent_after_minutes"],
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
        old_key_until=row["old_key_until"],
        events=row["events"] or 0,
        duplicates=row["duplicates"] or 0,
        quarantined=row["quarantined"] or 0,
        uncollected=int(row["uncollected"] or 0),
        last_event_at=row["last_event_at"],
        state=_state(row),
    )


def _state(row: RowMapping) -> SourceState:
    if row["disabled_at"] is not None:
        return "disabled"
    if row["last_event_at"] is None:
        return "never"
    silent = clock.now() - row["last_event_at"] > timedelta(minutes=row["silent_after_minutes"])
    return "silent" if silent else "sending"


def _new_key() -> str:
    part = "".join(secrets.choice(_ALPHABET[:36]) for _ in range(8))
    return f"rg_write_{part}_" + "".join(secrets.choice(_ALPHABET) for _ in range(32))


def _name(name: str) -> str:
    if not 1 <= len(name.strip()) <= 200:
        raise InvalidInput("a source's name has 1 to 200 characters", mend="name the site or program that sends", code="bad_name")
    return name.strip()


def _origins(origins: Sequence[str]) -> list[str]:
    found = []
    for origin in origins:
        parts = urlsplit(origin.strip())
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise InvalidInput(
                f"'{origin}' is not the origin of a site", mend="write it as https://www.example.com", code="bad_origin"
            )
        found.append(f"{parts.scheme}://{parts.netloc}".lower())
    return found
