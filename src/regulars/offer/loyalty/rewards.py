"""The catalogue of rewards: what points buy beside money off, each with its price, stock and limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import func, insert, or_, select, update

from regulars.access import audit
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.events import RewardClaimed, RewardReturned
from regulars.offer.loyalty.currencies import POINTS, currency
from regulars.offer.loyalty.domain.program import MOST_POINTS
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.journal import bring
from regulars.offer.loyalty.moving import move_one
from regulars.offer.loyalty.tables import reward, reward_claim
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

RewardKind = Literal["goods", "coupon", "service"]
RewardSwitch = Literal["on", "off"]
KINDS: tuple[RewardKind, ...] = get_args(RewardKind)
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsReward:
    """One reward. `detail` says what is given (a product, a coupon's id, words); `left` is null where stock has no end."""

    reward_id: str
    currency_id: str
    name: str
    name_zh: str
    kind: RewardKind
    detail: str
    points: int
    stock: int | None
    taken: int
    per_customer: int | None
    begins_at: datetime | None
    ends_at: datetime | None
    state: RewardSwitch

    @property
    def left(self) -> int | None:
        """How many can still be claimed."""
        return None if self.stock is None else max(0, self.stock - self.taken)

    def called(self, language: str) -> str:
        """Its name for a reader."""
        return (self.name_zh if language == "zh" else self.name) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardGiven:
    """A reward as it is handed in, whole."""

    name: str
    points: int
    kind: RewardKind = "goods"
    name_zh: str = ""
    detail: str = ""
    currency_id: str = POINTS
    stock: int | None = None
    per_customer: int | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    state: RewardSwitch = "on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A reward a customer took for points."""

    claim_id: str
    customer_id: str
    reward_id: str
    currency_id: str
    key: str
    points: int
    state: str
    claimed_at: datetime
    changed_at: datetime


def rewards(uow: UnitOfWork, shop_id: str) -> list[PointsReward]:
    """The catalogue, the cheapest first."""
    rows = uow.rows(select(reward).where(reward.c.shop_id == shop_id).order_by(reward.c.points, reward.c.reward_id))
    return [_reward(row) for row in rows]


def one_reward(uow: UnitOfWork, shop_id: str, reward_id: str) -> PointsReward:
    """One of them.

    Raises
    ------
    NotFound : there is none of that id.
    """
    row = uow.one(select(reward).where(reward.c.shop_id == shop_id, reward.c.reward_id == reward_id))
    if row is None:
        raise NotFound(f"there is no reward '{reward_id}'", mend="list them with `GET /v1/rewards`", code="no_such_reward")
    return _reward(row)


def save_reward(uow: UnitOfWork, caller: Caller, shop: Shop, reward_id: str, given: RewardGiven) -> PointsReward:
    """Put a reward into the catalogue, or change it. Stock below what was taken already means: none is left.

    Raises
    ------
    InvalidInput : a name, price or number nobody can mean.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    currency(uow, shop, given.currency_id)
    if not _ID.fullmatch(reward_id):
        raise InvalidInput("an id has letters, digits, - and _", mend="such as `tea-cup`", code="bad_reward_id")
    if not 0 < len(given.name.strip()) <= 120 or len(given.name_zh) > 120 or len(given.detail) > 500:
        raise InvalidInput("a reward has a name of 1 to 120 characters", mend="give it a name", code="bad_name")
    numbers = (given.stock is None or 0 <= given.stock <= 10**12, given.per_customer is None or 1 <= given.per_customer <= 10**6)
    if given.kind not in KINDS or not 1 <= given.points <= MOST_POINTS or not all(numbers):
        raise InvalidInput(
            "a price, stock or limit nobody can mean", mend="a price from 1 point on, whole numbers", code="bad_reward"
        )
    if given.begins_at is not None and given.ends_at is not None and given.ends_at <= given.begins_at:
        raise InvalidInput("the reward ends before it begins", mend="swap the two", code="bad_reward")
    values = {name: getattr(given, name) for name in RewardGiven.__slots__}
    values |= {"changed_at": clock.now(), "changed_by": f"{caller.kind}:{caller.id}"}
    here = (reward.c.shop_id == shop.shop_id, reward.c.reward_id == reward_id)
    before = uow.one(select(reward).where(*here))
    if before is None:
        uow.execute(insert(reward).values(shop_id=shop.shop_id, reward_id=reward_id, taken=0, **values))
    else:
        uow.execute(update(reward).where(*here).values(**values))
    told = None if before is None else _reward(before)
    audit.record(
        uow, caller, "reward.changed" if told else "reward.made", reward_id, before=told, after=given, shop_id=shop.shop_id
    )
    return one_reward(uow, shop.shop_id, reward_id)


def claim(uow: UnitOfWork, shop: Shop, customer_id: str, reward_id: str, key: str) -> Claim:
    """Take a reward for points: stock, limit and points in one transaction, or nothing. A repeated key gets the first claim.

    Raises
    ------
    NotFound : there is no such reward.
    Conflict : it is sold out or not offered now, the customer has had as many as one may, or too few points.
    """
    if not 0 < len(key) <= 180 or not 0 < len(customer_id) <= 200:
        raise InvalidInput("a key has 1 to 180 characters, a customer_id 1 to 200", mend="send a UUID as key", code="bad_key")
    wanted = one_reward(uow, shop.shop_id, reward_id)
    bring(uow, shop.shop_id, [(customer_id, wanted.currency_id)])  # locks the account: limits of one customer are counted in turn
    known = _claimed(uow, shop.shop_id, customer_id, key)
    if known is not None:
        if known.reward_id != reward_id:
            raise Conflict("this key was used for something else", mend="use a new key for each claim", code="idempotency_conflict")
        return known
    now = clock.now()
    offered = wanted.state == "on" and (wanted.begins_at is None or wanted.begins_at <= now)
    if not offered or (wanted.ends_at is not None and wanted.ends_at <= now):
        raise Conflict("this reward is not offered now", mend="look at its dates and its state", code="not_offered")
    if wanted.per_customer is not None and _had(uow, shop.shop_id, customer_id, reward_id) >= wanted.per_customer:
        raise Conflict("this customer has had as many as one may", mend="offer another reward", code="customer_limit")
    taken = uow.execute(
        update(reward)
        .where(reward.c.shop_id == shop.shop_id, reward.c.reward_id == reward_id)
        .where(or_(reward.c.stock.is_(None), reward.c.taken + 1 <= reward.c.stock))
        .values(taken=reward.c.taken + 1)
    )
    if taken.rowcount != 1:
        raise Conflict("this reward is sold out", mend="raise its stock, or offer another", code="sold_out")
    claim_id = new_id("claim")
    wish = Wish(verb="spend", key=f"reward:{key}", at=now, points=wanted.points, order_id=claim_id, source=f"reward:{reward_id}")
    move_one(uow, shop.shop_id, customer_id, wish, wanted.currency_id)
    uow.execute(
        insert(reward_claim).values(
            claim_id=claim_id,
            shop_id=shop.shop_id,
            customer_id=customer_id,
            reward_id=reward_id,
            currency_id=wanted.currency_id,
            key=key,
            points=wanted.points,
            state="claimed",
            claimed_at=now,
            changed_at=now,
        )
    )
    uow.tell(
        RewardClaimed(
            shop_id=shop.shop_id,
            customer_id=customer_id,
            reward_id=reward_id,
            claim_id=claim_id,
            currency_id=wanted.currency_id,
            points=wanted.points,
        )
    )
    return _one_claim(uow, shop.shop_id, claim_id)


def finish_claim(uow: UnitOfWork, caller: Caller, shop: Shop, claim_id: str, state: Literal["delivered", "returned"]) -> Claim:
    """Note a claimed reward as delivered, or call it off: its points come back and it is in stock again.

    Raises
    ------
    NotFound : there is no such claim.
    Conflict : it was called off already, or it was delivered and shall be delivered again.
    """
    caller.demand("move_points")
    caller.demand_shop(shop.shop_id)
    before = _one_claim(uow, shop.shop_id, claim_id)
    allowed = ("claimed",) if state == "delivered" else ("claimed", "delivered")
    done = uow.execute(
        update(reward_claim)
        .where(reward_claim.c.claim_id == claim_id, reward_claim.c.state.in_(allowed))
        .values(state=state, changed_at=clock.now())
    )
    if done.rowcount != 1:
        raise Conflict(f"this claim is {before.state} already", mend="nothing is left to do", code="already_decided")
    if state == "returned":
        here = (reward.c.shop_id == shop.shop_id, reward.c.reward_id == before.reward_id)
        uow.execute(update(reward).where(*here).values(taken=reward.c.taken - 1))
        wish = Wish(
            verb="return", key=f"{claim_id}:returned", at=clock.now(), points=before.points, refers_to=f"reward:{before.key}",
            source=f"reward:{before.reward_id}",
        )  # fmt: skip
        move_one(uow, shop.shop_id, before.customer_id, wish, before.currency_id)
        uow.tell(
            RewardReturned(
                shop_id=shop.shop_id,
                customer_id=before.customer_id,
                reward_id=before.reward_id,
                claim_id=claim_id,
                currency_id=before.currency_id,
                points=before.points,
            )
        )
    return _one_claim(uow, shop.shop_id, claim_id)


def claims(uow: UnitOfWork, shop_id: str, *, customer_id: str | None = None, limit: int = 100) -> list[Claim]:
    """Claimed rewards, the newest first."""
    asked = select(reward_claim).where(reward_claim.c.shop_id == shop_id)
    if customer_id is not None:
        asked = asked.where(reward_claim.c.customer_id == customer_id)
    rows = uow.rows(asked.order_by(reward_claim.c.claimed_at.desc(), reward_claim.c.claim_id.desc()).limit(limit))
    return [_claim(row) for row in rows]


def _had(uow: UnitOfWork, shop_id: str, customer_id: str, reward_id: str) -> int:
    mine = (reward_claim.c.shop_id == shop_id, reward_claim.c.customer_id == customer_id, reward_claim.c.reward_id == reward_id)
    return int(uow.value(select(func.count()).select_from(reward_claim).where(*mine, reward_claim.c.state != "returned")) or 0)


def _claimed(uow: UnitOfWork, shop_id: str, customer_id: str, key: str) -> Claim | None:
    mine = (reward_claim.c.shop_id == shop_id, reward_claim.c.customer_id == customer_id, reward_claim.c.key == key)
    row = uow.one(select(reward_claim).where(*mine))
    return None if row is None else _claim(row)


def _one_claim(uow: UnitOfWork, shop_id: str, claim_id: str) -> Claim:
    row = uow.one(select(reward_claim).where(reward_claim.c.shop_id == shop_id, reward_claim.c.claim_id == claim_id))
    if row is None:
        raise NotFound(f"there is no claim '{claim_id}'", mend="list them with `GET /v1/rewards/claims`", code="no_such_claim")
    return _claim(row)


def _claim(row: RowMapping) -> Claim:
    return Claim(**{name: row[name] for name in Claim.__slots__})


def _reward(row: RowMapping) -> PointsReward:
    return PointsReward(**{name: row[name] for name in PointsReward.__slots__})
