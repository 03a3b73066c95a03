"""Promotions as operators make them: drafted, launched, approved by a second one where much is at stake, paused and ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import insert, select, update

from regulars.access import audit
from regulars.access.domain import Caller, Shop
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound
from regulars.events import PromotionChanged
from regulars.offer.promotions.approving import grow, needs_approval
from regulars.offer.promotions.domain.offers import Offer, code_of
from regulars.offer.promotions.domain.reading import offer_of
from regulars.offer.promotions.tables import coupon, promotion
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork

Kind = Literal["promotion", "coupon"]
State = Literal["draft", "waiting", "scheduled", "running", "paused", "ended"]
Act = Literal["launch", "approve", "pause", "end"]

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CODE = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,62}[^\s\x00-\x1f\x7f])?")
_NAMES = frozenset(
    {
        "layer", "effect", "scope", "conditions", "priority", "exclusive_group", "stackable", "locks_line", "threshold_basis",
        "seller", "currency", "limits", "budget",
    }
)  # fmt: skip
_LAYERS: dict[Kind, tuple[str, ...]] = {
    "promotion": ("item", "order", "shipping"),
    "coupon": ("seller_coupon", "platform_coupon", "shipping"),
}
#: From which states an act is possible.
_FROM: dict[Act, tuple[str, ...]] = {
    "launch": ("draft", "paused"),
    "approve": ("waiting",),
    "pause": ("live",),
    "end": ("draft", "waiting", "live", "paused"),
}
_DONE: dict[Act, str] = {"launch": "launched", "approve": "approved", "pause": "paused", "end": "ended"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A promotion, or what the coupons of one kind are worth. `definition` is in the form of the documentation."""

    promotion_id: str
    name: str
    kind: Kind
    state: State
    code: str | None
    definition: dict[str, Any]
    starts_at: datetime | None
    ends_at: datetime | None
    version: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    launched_by: str | None
    approved_by: str | None

    @property
    def offer(self) -> Offer:
        """Its rules, ready to be priced with."""
        given = {"id": self.code or self.promotion_id, "code": self.code, "name": self.name, **self.definition}
        return offer_of({**given, "starts": self.starts_at, "ends": self.ends_at})


def make(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    *,
    name: str,
    definition: Mapping[str, Any],
    kind: Kind = "promotion",
    code: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    promotion_id: str | None = None,
) -> Promotion:
    """Draft a promotion; nobody is offered it before it is launched.

    Raises
    ------
    NotAllowed : the caller may not manage offers.
    InvalidInput : what of the definition is wrong, and how to mend it.
    Conflict : there is one of that id, or another one has the code.
    """
    _may(caller, shop.shop_id)
    if promotion_id is not None and not _ID.fullmatch(promotion_id):
        raise InvalidInput(
            f"'{promotion_id[:80]}' cannot be the id of a promotion",
            mend="use a-z, 0-9, - and _, at most 64",
            code="bad_promotion_id",
        )
    id_ = promotion_id or new_id("promotion")
    if uow.one(_one(shop.shop_id, id_)) is not None:
        raise Conflict(
            f"there is a promotion '{id_}' already", mend="choose another id, or change that one", code="promotion_exists"
        )
    now = clock.now()
    values = _values(uow, shop, id_, name, kind, code, definition, starts_at, ends_at)
    who = f"{caller.kind}:{caller.id}"
    uow.execute(
        insert(promotion).values(
            shop_id=shop.shop_id,
            promotion_id=id_,
            kind=kind,
            state="draft",
            version=1,
            created_at=now,
            created_by=who,
            changed_at=now,
            **values,
        )
    )
    return _told(uow, caller, shop.shop_id, id_, "promotion.drafted")


def change(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    promotion_id: str,
    *,
    name: str | None = None,
    definition: Mapping[str, Any] | None = None,
    code: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Promotion:
    """Change what a draft or a paused promotion says; it is a draft then, to be launched again. What is left out stays.

    Raises
    ------
    Conflict : it runs, waits for approval or has ended.
    """
    _may(caller, shop.shop_id)
    held = get(uow, shop.shop_id, promotion_id)
    if held.state not in ("draft", "paused"):
        raise Conflict(
            f"the promotion '{promotion_id}' is {held.state}",
            mend="pause it first, or make a new one" if held.state in ("running", "scheduled") else "make a new one",
            code="promotion_not_changeable",
        )
    values = _values(
        uow,
        shop,
        promotion_id,
        held.name if name is None else name,
        held.kind,
        held.code if code is None else code,
        held.definition if definition is None else definition,
        starts_at or held.starts_at,
        ends_at or held.ends_at,
    )
    uow.execute(
        update(promotion)
        .where(promotion.c.shop_id == shop.shop_id, promotion.c.promotion_id == promotion_id)
        .values(state="draft", version=held.version + 1, changed_at=clock.now(), launched_by=None, approved_by=None, **values)
    )
    return _told(uow, caller, shop.shop_id, promotion_id, "promotion.changed", before=held.definition)


def act(uow: UnitOfWork, caller: Caller, shop_id: str, promotion_id: str, what: Act) -> Promotion:
    """Launch, approve, pause or end a promotion.

    What may cost more than the shop's limit waits after its launch until another operator approves it.

    Raises
    ------
    NotAllowed : the caller may not manage offers, or approves what they launched themselves.
    Conflict : the promotion is not in a state that allows it.
    """
    _may(caller, shop_id)
    held = uow.one(_one(shop_id, promotion_id))
    if held is None:
        raise no_suchpromotion_of(promotion_id)
    who = f"{caller.kind}:{caller.id}"
    if held["state"] not in _FROM[what]:
        raise Conflict(
            f"the promotion '{promotion_id}' is {shown(held, clock.now())}",
            mend=f"only what is {' or '.join(_FROM[what]).replace('live', 'running')} can be {_DONE[what]}",
            code="promotion_state",
        )
    values: dict[str, Any] = {"state": {"launch": "live", "approve": "live", "pause": "paused", "end": "ended"}[what]}
    if what == "launch":
        values |= {"launched_by": who, "approved_by": None}
        if needs_approval(uow, shop_id, promotion_of(held).offer):
            values["state"] = "waiting"
    elif what == "approve":
        if caller.kind != "operator" or who == held["launched_by"]:
            raise NotAllowed(
                "a promotion is approved by another operator than the one who launched it",
                mend="ask a second operator who may manage offers",
                code="second_operator",
            )
        values["approved_by"] = who
    uow.execute(
        update(promotion)
        .where(promotion.c.shop_id == shop_id, promotion.c.promotion_id == promotion_id)
        .values(changed_at=clock.now(), **values)
    )
    return _told(uow, caller, shop_id, promotion_id, f"promotion.{_DONE[what]}", before={"state": held["state"]})


def get(uow: UnitOfWork, shop_id: str, promotion_id: str) -> Promotion:
    """One promotion.

    Raises
    ------
    NotFound : there is none of that id.
    """
    row = uow.one(_one(shop_id, promotion_id))
    if row is None:
        raise no_suchpromotion_of(promotion_id)
    return promotion_of(row)


def no_suchpromotion_of(promotion_id: str) -> NotFound:
    """The answer for an id that no promotion has."""
    return NotFound(
        f"there is no promotion '{promotion_id[:80]}'", mend="list them with `GET /v1/promotions`", code="no_such_promotion"
    )


def listing(uow: UnitOfWork, shop_id: str, *, kind: Kind | None = None, state: State | None = None) -> list[Promotion]:
    """Every promotion, the newest first."""
    rows = uow.rows(
        select(promotion)
        .where(promotion.c.shop_id == shop_id, *([promotion.c.kind == kind] if kind else []))
        .order_by(promotion.c.created_at.desc(), promotion.c.promotion_id)
    )
    return [one for one in map(promotion_of, rows) if state is None or one.state == state]


def shown(row: Mapping[str, Any] | RowMapping, now: datetime) -> State:
    """The state as the clock makes it: what is launched is scheduled before its start and ended after its end."""
    state: str = row["state"]
    if state == "live":
        if row["ends_at"] is not None and now >= row["ends_at"]:
            return "ended"
        return "scheduled" if row["starts_at"] is not None and now < row["starts_at"] else "running"
    return "draft" if state == "draft" else "waiting" if state == "waiting" else "paused" if state == "paused" else "ended"


def _values(
    uow: UnitOfWork,
    shop: Shop,
    promotion_id: str,
    name: str,
    kind: Kind,
    code: str | None,
    definition: Mapping[str, Any],
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> dict[str, Any]:
    """The columns that say what a promotion is, checked."""
    if not name.strip() or len(name) > 200:
        raise InvalidInput("a promotion has a name of 1 to 200 characters", mend="give it a name", code="bad_name")
    unknown = set(definition) - _NAMES
    if unknown:
        raise InvalidInput(
            f"the definition of an offer has no `{min(unknown)[:80]}`", mend=f"use {', '.join(sorted(_NAMES))}", code="bad_offer"
        )
    told = {key: value for key, value in definition.items() if value is not None}
    told.setdefault("currency", shop.currency)
    if told.get("layer") not in _LAYERS[kind]:
        raise InvalidInput(
            f"a {kind} is not of the layer '{str(told.get('layer'))[:40]}'",
            mend=f"choose one of {', '.join(_LAYERS[kind])}",
            code="bad_offer",
        )
    if told["layer"] == "seller_coupon" and not told.get("seller"):
        raise InvalidInput("a coupon of a seller names the seller", mend="give `seller`", code="bad_offer")
    if code is not None and kind != "coupon":
        raise InvalidInput(
            "a promotion applies by itself and has no code", mend="leave the code out, or make a coupon", code="bad_offer"
        )
    plain = code_of(code) if code else None
    if plain is not None and not _CODE.fullmatch(plain):
        raise InvalidInput("this cannot be a coupon's code", mend="use 1 to 64 characters without line breaks", code="bad_code")
    offer_of({"id": plain or promotion_id, "code": plain, "name": name, **told, "starts": starts_at, "ends": ends_at})
    if plain is not None:
        other = uow.one(
            select(promotion.c.promotion_id).where(
                promotion.c.shop_id == shop.shop_id, promotion.c.code == plain, promotion.c.promotion_id != promotion_id
            )
        )
        if other is not None or uow.one(select(coupon.c.code).where(coupon.c.shop_id == shop.shop_id, coupon.c.code == plain)):
            raise Conflict("another coupon has this code", mend="choose another code", code="code_taken")
    return {"name": name.strip(), "code": plain, "definition": told, "starts_at": starts_at, "ends_at": ends_at}


def _told(uow: UnitOfWork, caller: Caller, shop_id: str, promotion_id: str, action: str, before: Any = None) -> Promotion:
    """Let every process read again, keep the act in the audit trail, and tell it."""
    grow(uow, shop_id)
    row = uow.one(_one(shop_id, promotion_id))
    assert row is not None
    after = {"state": row["state"], "definition": row["definition"]}
    audit.record(uow, caller, action, promotion_id, before=before, after=after, shop_id=shop_id)
    uow.tell(PromotionChanged(shop_id=shop_id, promotion_id=promotion_id, state=row["state"], version=row["version"]))
    return promotion_of(row)


def _one(shop_id: str, promotion_id: str) -> Any:
    return select(promotion).where(promotion.c.shop_id == shop_id, promotion.c.promotion_id == promotion_id)


def promotion_of(row: RowMapping) -> Promotion:
    """A promotion out of its row, in the state it has now."""
    names = [name for name in Promotion.__slots__ if name != "state"]
    return Promotion(**{name: row[name] for name in names}, state=shown(row, clock.now()))


def _may(caller: Caller, shop_id: str) -> None:
    caller.demand("manage_offers")
    caller.demand_shop(shop_id)
