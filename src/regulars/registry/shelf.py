"""The verbs of the registry: keep a fitted model, take it out, promote it, roll back, note how it does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, delete, insert, select, update

from regulars.errors import Conflict, NotFound, Unavailable
from regulars.registry.domain import Act, Change, Check, Fitted, State, Version, digest_of
from regulars.registry.tables import model_change, model_check, model_version
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

#: Bodies kept: the champion's, and of so many versions beside it, newest first. Of older ones the card stays.
BODIES_KEPT = 10
#: Why the first version answers.
FIRST = "the first of its name"
_OF_VERSION = [column for column in model_version.columns if column.name != "body"]


def keep(uow: UnitOfWork, shop_id: str, fitted: Fitted, *, by: str = "system") -> Version:
    """Put a fitted model on the shelf: the first of its name is champion, later ones are challengers.

    The same model again (settings, data and body alike) is the version that is there already.
    """
    there = uow.one(select(*_OF_VERSION).where(*_named(shop_id, fitted.model), model_version.c.digest == fitted.digest))
    if there is not None:
        return _version(there)
    earlier = versions(uow, shop_id, fitted.model)
    number = 1 + max((one.number for one in earlier), default=0)
    first = not any(one.state == "champion" for one in earlier)
    uow.execute(
        insert(model_version).values(
            version_id=new_id("model"),
            shop_id=shop_id,
            model=fitted.model,
            number=number,
            state="champion" if first else "challenger",
            digest=fitted.digest,
            as_of=fitted.as_of,
            method=fitted.method,
            settings=dict(fitted.settings),
            fingerprint=fitted.fingerprint,
            trained_on=fitted.trained_on,
            scores=dict(fitted.scores),
            folds=[dict(fold) for fold in fitted.folds],
            card=dict(fitted.card),
            made_at=clock.now(),
            body=fitted.body,
            body_digest=digest_of(fitted.body),
            body_bytes=len(fitted.body),
        )
    )
    if first:
        _noted(uow, shop_id, fitted.model, number, None, "first", by, FIRST)
    _let_old_bodies_go(uow, shop_id, fitted.model)
    return version(uow, shop_id, fitted.model, number)


def versions(uow: UnitOfWork, shop_id: str, model: str) -> list[Version]:
    """All of a model, newest first."""
    asked = select(*_OF_VERSION).where(*_named(shop_id, model)).order_by(model_version.c.number.desc())
    return [_version(row) for row in uow.rows(asked)]


def models(uow: UnitOfWork, shop_id: str) -> list[Version]:
    """The champion of every model of a shop, by name."""
    asked = (
        select(*_OF_VERSION)
        .where(model_version.c.shop_id == shop_id, model_version.c.state == "champion")
        .order_by(model_version.c.model)
    )
    return [_version(row) for row in uow.rows(asked)]


def version(uow: UnitOfWork, shop_id: str, model: str, number: int) -> Version:
    """One version by its number."""
    row = uow.one(select(*_OF_VERSION).where(*_named(shop_id, model), model_version.c.number == number))
    if row is None:
        raise NotFound(
            f"there is no version {number} of the model '{model[:60]}'",
            mend="list them with `GET /v1/models`",
            code="no_such_version",
        )
    return _version(row)


def champion(uow: UnitOfWork, shop_id: str, model: str) -> Version | None:
    """The version that answers; None before anything was learned."""
    row = uow.one(select(*_OF_VERSION).where(*_named(shop_id, model), model_version.c.state == "champion"))
    return None if row is None else _version(row)


def body(uow: UnitOfWork, shop_id: str, model: str, number: int) -> bytes:
    """What was fitted, checked against the digest it was kept with.

    Raises
    ------
    NotFound : no such version, or it is so old that only its card is kept.
    Unavailable : the bytes are not those that were kept.
    """
    kept = version(uow, shop_id, model, number)
    row = uow.one(
        select(model_version.c.body, model_version.c.body_digest).where(
            *_named(shop_id, model), model_version.c.number == kept.number
        )
    )
    if row is None or row["body"] is None:
        raise NotFound(
            f"of version {number} of '{model}' only the card is kept", mend="learn it again as of its cut-off", code="no_body"
        )
    if digest_of(row["body"]) != row["body_digest"]:
        raise Unavailable(
            f"version {number} of '{model}' is damaged",
            mend="roll back to the version before, or learn it again",
            code="damaged_model",
        )
    return bytes(row["body"])


def promote(uow: UnitOfWork, shop_id: str, model: str, number: int, *, by: str, why: str) -> Version:
    """Make a version the champion; the one before is retired and can be brought back. The champion stays as it is.

    Raises
    ------
    NotFound : no such version.
    Conflict : only its card is kept.
    """
    return _crown(uow, shop_id, version(uow, shop_id, model, number), "promoted", by, why)


def roll_back(uow: UnitOfWork, shop_id: str, model: str, *, by: str, why: str = "") -> Version:
    """Bring back the champion before this one; again, the one before that.

    Raises
    ------
    NotFound : there was no other champion whose body is kept.
    """
    now = champion(uow, shop_id, model)
    if now is None:
        raise NotFound(f"the model '{model[:60]}' has no champion", mend="list them with `GET /v1/models`", code="no_champion")
    line: list[int] = []  # champions in a row, without those that were taken back
    for change in reversed(changes(uow, shop_id, model)):
        if change.act == "rolled_back":
            while line and line[-1] != change.number:
                line.pop()
        if not line or line[-1] != change.number:
            line.append(change.number)
    bodies = {one.number for one in versions(uow, shop_id, model) if one.body_bytes}
    before = [number for number in line if number in bodies and number != now.number]
    if not before:
        raise NotFound(
            f"no champion of '{model}' before version {now.number} is kept",
            mend="promote another version by its number",
            code="no_champion",
        )
    return _crown(uow, shop_id, version(uow, shop_id, model, before[-1]), "rolled_back", by, why)


def changes(uow: UnitOfWork, shop_id: str, model: str) -> list[Change]:
    """Every change of champion, newest first."""
    asked = select(model_change).where(model_change.c.shop_id == shop_id, model_change.c.model == model)
    rows = uow.rows(asked.order_by(model_change.c.at.desc(), model_change.c.change_id.desc()))
    return [
        Change(
            model=row["model"],
            number=row["number"],
            before=row["before"],
            act=row["act"],
            by=row["by"],
            why=row["why"],
            at=row["at"],
        )
        for row in rows
    ]


def note(uow: UnitOfWork, shop_id: str, model: str, number: int, day: date, figures: Mapping[str, Any]) -> None:
    """What was seen of a version on a day; said again, the newer figures stand."""
    keys = {"shop_id": shop_id, "model": model, "number": number, "day": day}
    uow.execute(delete(model_check).where(*(model_check.c[name] == value for name, value in keys.items())))
    uow.execute(insert(model_check).values(**keys, figures=dict(figures)))


def checks(uow: UnitOfWork, shop_id: str, model: str, *, most: int = 400) -> list[Check]:
    """What was seen of a model's versions, newest day first."""
    asked = (
        select(model_check)
        .where(model_check.c.shop_id == shop_id, model_check.c.model == model)
        .order_by(model_check.c.day.desc(), model_check.c.number.desc())
        .limit(most)
    )
    return [Check(model=row["model"], number=row["number"], day=row["day"], figures=row["figures"]) for row in uow.rows(asked)]


def _crown(uow: UnitOfWork, shop_id: str, chosen: Version, act: Act, by: str, why: str) -> Version:
    if chosen.state == "champion":
        return chosen
    if not chosen.body_bytes:
        raise Conflict(
            f"of version {chosen.number} of '{chosen.model}' only the card is kept",
            mend="learn it again as of its cut-off",
            code="no_body",
        )
    before = champion(uow, shop_id, chosen.model)
    if before is not None:
        _turned(uow, shop_id, before, "retired")
    _turned(uow, shop_id, chosen, "champion")
    _noted(uow, shop_id, chosen.model, chosen.number, before.number if before else None, act, by, why)
    return version(uow, shop_id, chosen.model, chosen.number)


def _turned(uow: UnitOfWork, shop_id: str, one: Version, state: State) -> None:
    uow.execute(update(model_version).where(*_named(shop_id, one.model), model_version.c.number == one.number).values(state=state))


def _noted(uow: UnitOfWork, shop_id: str, model: str, number: int, before: int | None, act: Act, by: str, why: str) -> None:
    uow.execute(
        insert(model_change).values(
            change_id=new_id("change"),
            shop_id=shop_id,
            model=model,
            number=number,
            before=before,
            act=act,
            by=by,
            why=why,
            at=clock.now(),
        )
    )


def _let_old_bodies_go(uow: UnitOfWork, shop_id: str, model: str) -> None:
    beside = [one.number for one in versions(uow, shop_id, model) if one.state != "champion" and one.body_bytes]
    if beside[BODIES_KEPT:]:
        uow.execute(
            update(model_version)
            .where(*_named(shop_id, model), model_version.c.number.in_(beside[BODIES_KEPT:]))
            .values(body=None, body_bytes=0)
        )


def _named(shop_id: str, model: str) -> tuple[Any, Any]:
    return model_version.c.shop_id == shop_id, model_version.c.model == model


def _version(row: RowMapping) -> Version:
    told = {name: row[name] for name in Version.__dataclass_fields__}
    return Version(**told)
