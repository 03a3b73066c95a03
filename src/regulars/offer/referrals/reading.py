"""What referral programmes lead to: codes, who came by them and how that stands, and rewards that are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, func, select

from regulars.errors import NotFound
from regulars.offer.referrals.domain import Phase, Reward, RewardKind, Side, State, Terms
from regulars.offer.referrals.tables import referral, referral_code, referral_programme, referral_reward
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_P, _C, _F, _W = referral_programme.c, referral_code.c, referral.c, referral_reward.c
_FIXED = ("programme_id", "name", "currency", "claim_days", "return_days", "min_order_minor", "max_per_referrer", "link")
_TIMES = ("starts_at", "ends_at", "made_at", "made_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralProgramme:
    """Who gets what for bringing somebody, on which terms, and how that goes: referrals by their state, rewards not given yet."""

    programme_id: str
    name: str
    currency: str
    referrer: Reward | None
    friend: Reward | None
    claim_days: int
    return_days: int
    min_order_minor: int
    max_per_referrer: int | None
    link: str
    starts_at: datetime
    ends_at: datetime | None
    made_at: datetime
    made_by: str
    phase: Phase
    codes: int
    counts: dict[str, int]
    rewards_due: int

    @property
    def terms(self) -> Terms:
        """What it asks of an order."""
        return Terms(claim_days=self.claim_days, return_days=self.return_days, min_order_minor=self.min_order_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralCode:
    """A customer's own code, and the link that carries it where the programme has a page."""

    code: str
    programme_id: str
    customer_id: str
    link: str | None
    rewarded: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One customer who was brought by another, how it stands, and why.

    `reasons` holds what looks like one person on both sides, and why rewards were refused; they stay when an operator overrules.
    `due_at` is when the order's return window is over.
    """

    referral_id: str
    programme_id: str
    code: str
    referrer_id: str
    customer_id: str
    state: State
    reasons: list[str]
    cleared: bool
    claimed_at: datetime
    order_id: str | None
    order_minor: int | None
    ordered_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralReward:
    """A reward that is due, or was given."""

    reward_id: str
    referral_id: str
    programme_id: str
    side: Side
    customer_id: str
    kind: RewardKind
    points: int | None
    coupon: str | None
    due_at: datetime
    granted_at: datetime | None


def listing(uow: UnitOfWork, shop_id: str) -> list[ReferralProgramme]:
    """The shop's programmes, the last to begin first."""
    rows = uow.rows(select(referral_programme).where(_P.shop_id == shop_id).order_by(_P.starts_at.desc(), _P.programme_id))
    return _told(uow, shop_id, rows)


def get(uow: UnitOfWork, shop_id: str, programme_id: str) -> ReferralProgramme:
    """One programme.

    Raises
    ------
    NotFound : the shop has none of that id.
    """
    rows = uow.rows(select(referral_programme).where(_P.shop_id == shop_id, _P.programme_id == programme_id))
    if not rows:
        raise NotFound(
            f"there is no referral programme '{programme_id[:80]}'",
            mend="list them with `GET /v1/referral_programmes`",
            code="no_such_referral_programme",
        )
    return _told(uow, shop_id, rows)[0]


def referrals(
    uow: UnitOfWork,
    shop_id: str,
    *,
    programme_id: str | None = None,
    state: State | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[Referral]:
    """Who was brought by whom, the newest first; those before a place."""
    asked = _with_referrer().where(_F.shop_id == shop_id)
    if programme_id is not None:
        asked = asked.where(_F.programme_id == programme_id)
    if state is not None:
        asked = asked.where(_F.state == state)
    if after is not None:
        at, referral_id = after
        asked = asked.where((_F.claimed_at < at) | ((_F.claimed_at == at) & (_F.referral_id > referral_id)))
    return [referral_of(row) for row in uow.rows(asked.order_by(_F.claimed_at.desc(), _F.referral_id).limit(limit))]


def one(uow: UnitOfWork, shop_id: str, referral_id: str) -> Referral:
    """One referral.

    Raises
    ------
    NotFound : the shop has none of that id.
    """
    row = uow.one(_with_referrer().where(_F.shop_id == shop_id, _F.referral_id == referral_id))
    if row is None:
        raise NotFound("there is no such referral", mend="list them with `GET /v1/referrals`", code="no_such_referral")
    return referral_of(row)


def rewards(
    uow: UnitOfWork, shop_id: str, *, due: bool = True, referral_id: str | None = None, limit: int = 500
) -> list[ReferralReward]:
    """Rewards to be given, the oldest first; without `due` also those that were."""
    asked = select(referral_reward).where(_W.shop_id == shop_id)
    if due:
        asked = asked.where(_W.granted_at.is_(None))
    if referral_id is not None:
        asked = asked.where(_W.referral_id == referral_id)
    return [reward_of(row) for row in uow.rows(asked.order_by(_W.due_at, _W.reward_id).limit(limit))]


def code_row(uow: UnitOfWork, shop_id: str, code: str) -> RowMapping:
    """A code's row; codes are read without regard to case and blanks.

    Raises
    ------
    NotFound : nobody has this code.
    """
    plain = "".join(code.split()).upper()
    row = uow.one(select(referral_code).where(_C.shop_id == shop_id, _C.code == plain))
    if row is None:
        raise NotFound("nobody has this referral code", mend="check how it is written", code="no_such_referral_code")
    return row


def code_of(row: RowMapping | Mapping[str, Any], link: str) -> ReferralCode:
    """A row as it is told."""
    mark = "&" if "?" in link else "?"
    names = ("code", "programme_id", "customer_id", "rewarded", "made_at")
    return ReferralCode(link=f"{link}{mark}ref={row['code']}" if link else None, **{name: row[name] for name in names})


def referral_of(row: RowMapping | Mapping[str, Any]) -> Referral:
    """A row as it is told."""
    return Referral(**{name: row[name] for name in Referral.__dataclass_fields__})


def reward_of(row: RowMapping | Mapping[str, Any]) -> ReferralReward:
    """A row as it is told."""
    return ReferralReward(**{name: row[name] for name in ReferralReward.__dataclass_fields__})


def _with_referrer() -> Any:
    owner = (_C.shop_id == _F.shop_id) & (_C.code == _F.code)
    return select(referral, _C.customer_id.label("referrer_id")).select_from(referral.join(referral_code, owner))


def _told(uow: UnitOfWork, shop_id: str, rows: list[RowMapping]) -> list[ReferralProgramme]:
    now = clock.now()
    states = select(_F.programme_id, _F.state, func.count().label("n")).where(_F.shop_id == shop_id)
    counts: dict[str, dict[str, int]] = {}
    for row in uow.rows(states.group_by(_F.programme_id, _F.state)):
        counts.setdefault(row["programme_id"], {})[row["state"]] = row["n"]
    codes = select(_C.programme_id, func.count().label("n")).where(_C.shop_id == shop_id).group_by(_C.programme_id)
    made = {row["programme_id"]: row["n"] for row in uow.rows(codes)}
    waiting = select(_W.programme_id, func.count().label("n")).where(_W.shop_id == shop_id, _W.granted_at.is_(None))
    due = {row["programme_id"]: row["n"] for row in uow.rows(waiting.group_by(_W.programme_id))}
    found = []
    for row in rows:
        ended = row["ends_at"] is not None and row["ends_at"] <= now
        phase: Phase = "ended" if ended else "planned" if now < row["starts_at"] else "running"
        found.append(
            ReferralProgramme(
                **{name: row[name] for name in (*_FIXED, *_TIMES)},
                referrer=Reward(**row["referrer"]) if row["referrer"] else None,
                friend=Reward(**row["friend"]) if row["friend"] else None,
                phase=phase,
                codes=made.get(row["programme_id"], 0),
                counts=counts.get(row["programme_id"], {}),
                rewards_due=due.get(row["programme_id"], 0),
            )
        )
    return found
