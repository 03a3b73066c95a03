"""The shop's tiers: what each level is called, asks for and gives, and how customers rise and fall."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import insert, select, update

from regulars.access import audit
from regulars.errors import InvalidInput, NotFound
from regulars.offer.loyalty.domain.program import Rate
from regulars.offer.loyalty.domain.tiers import Downgrade, Level, Metric, TierRules, Validity, Window, checked_rules
from regulars.offer.loyalty.tables import tier_program
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

BenefitKind = Literal["points_multiplier", "discount", "free_shipping", "early_access", "priority_service", "gift", "other"]
BENEFITS: tuple[BenefitKind, ...] = get_args(BenefitKind)
_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What a tier gives. `value`: basis points of a multiplier (12000 is 1.2 x) or a discount, hours of early access; 0 elsewhere."""

    kind: BenefitKind
    value: int = 0
    words: str = ""
    words_zh: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One level: from which value of the metric on, and what it gives."""

    tier_id: str
    name: str
    name_zh: str
    threshold: int
    benefits: tuple[Benefit, ...] = ()

    def called(self, language: str) -> str:
        """Its name for a reader."""
        return (self.name_zh if language == "zh" else self.name) or self.name or self.tier_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TierProgram:
    """The shop's tiers, the lowest first, and how customers rise and fall."""

    tiers: tuple[Tier, ...]
    metric: Metric = "net_spend_minor"
    points: int = 1  # where the metric is points: so many for each `per_minor` of an order
    per_minor: int = 100
    window: Window = "rolling_days"
    window_days: int = 365
    validity: Validity = "months"
    validity_months: int = 12
    downgrade: Downgrade = "one_down"
    grace_days: int = 0
    refund_revert: bool = True
    changed_at: datetime | None = None
    changed_by: str = ""

    def rules(self, tz: str) -> TierRules:
        """How it works in the shop's zone."""
        return TierRules(
            tz=tz,
            levels=tuple(Level(one.tier_id, one.threshold) for one in self.tiers),
            metric=self.metric,
            rate=Rate(self.points, self.per_minor),
            window=self.window,
            window_days=self.window_days,
            validity=self.validity,
            validity_months=self.validity_months,
            downgrade=self.downgrade,
            grace_days=self.grace_days,
            refund_revert=self.refund_revert,
        )

    def tier(self, tier_id: str) -> Tier:
        """The tier of that id; one that was taken out of the programme counts as the lowest."""
        return next((one for one in self.tiers if one.tier_id == tier_id), self.tiers[0])


def program(uow: UnitOfWork, shop_id: str) -> TierProgram | None:
    """The shop's tiers; None before somebody has made them."""
    row = uow.one(select(tier_program).where(tier_program.c.shop_id == shop_id))
    if row is None:
        return None
    told = dict(row["definition"])
    tiers = tuple(
        Tier(**{**one, "benefits": tuple(Benefit(**benefit) for benefit in one["benefits"])}) for one in told.pop("tiers")
    )
    return TierProgram(tiers=tiers, changed_at=row["changed_at"], changed_by=row["changed_by"], **told)


def the_program(uow: UnitOfWork, shop_id: str) -> TierProgram:
    """The shop's tiers.

    Raises
    ------
    NotFound : nobody has made them.
    """
    found = program(uow, shop_id)
    if found is None:
        raise NotFound("this shop has no tiers yet", mend="make them with `PUT /v1/tiers`", code="no_tiers")
    return found


def save_program(uow: UnitOfWork, caller: Caller, shop: Shop, given: TierProgram) -> TierProgram:
    """Make or change the shop's tiers. Members keep theirs and are judged by the new rules from their next order or period end on.

    Raises
    ------
    InvalidInput : ids, names, thresholds or benefits nobody can mean.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    judge(given, shop.timezone)
    before = program(uow, shop.shop_id)
    values = {
        "definition": {name: value for name, value in asdict(given).items() if name not in ("changed_at", "changed_by")},
        "changed_at": clock.now(),
        "changed_by": f"{caller.kind}:{caller.id}",
    }
    if before is None:
        uow.execute(insert(tier_program).values(shop_id=shop.shop_id, **values))
    else:
        uow.execute(update(tier_program).where(tier_program.c.shop_id == shop.shop_id).values(**values))
    audit.record(uow, caller, "tiers.changed", shop.shop_id, before=before, after=given, shop_id=shop.shop_id)
    return the_program(uow, shop.shop_id)


def judge(given: TierProgram, tz: str) -> None:
    """Refuse ids, names, thresholds or benefits nobody can mean.

    Raises
    ------
    InvalidInput : one of them is so.
    """
    for one in given.tiers:
        if not _ID.fullmatch(one.tier_id):
            raise InvalidInput("an id is small letters, digits, - and _", mend="such as `silver`", code="bad_tier_id")
        if not 0 < len(one.name.strip()) <= 80 or len(one.name_zh) > 80:
            raise InvalidInput("a tier's name has 1 to 80 characters", mend="give each tier a name", code="bad_name")
        for benefit in one.benefits:
            _judge(benefit)
    checked_rules(given.rules(tz))


def _judge(benefit: Benefit) -> None:
    most = {"points_multiplier": 1_000_000, "discount": 10_000, "early_access": 24 * 90}.get(benefit.kind, 0)
    if benefit.kind not in BENEFITS or not 0 <= benefit.value <= most or max(len(benefit.words), len(benefit.words_zh)) > 200:
        raise InvalidInput(
            "a benefit that cannot be given",
            mend=f"kinds are {', '.join(BENEFITS)}; a multiplier and a discount are in basis points, early access in hours",
            code="bad_benefit",
        )
