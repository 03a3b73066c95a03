"""What a placement tries beside its usual order: a random product now and then, popular order now and then, and arms of an A/B test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, Protocol, get_args

from regulars.errors import InvalidInput
from regulars.serve.recommend.domain.lists import PLACEMENTS, Placement
from regulars.values.buckets import BUCKETS, arm_of

#: What put a product where it was shown.
ShownBy = Literal["model", "random", "popular", "rule"]
#: How a list can be put in order: as the night decided, by session neighbours, or by what is popular.
Order = Literal["model", "v_stan", "popular"]
ORDERS: tuple[Order, ...] = get_args(Order)
CONTROL, VARIANT = "control", "variant"
#: What is advised for a start: enough to see a difference within weeks, too little to be felt.
ADVISED_BPS = 200
#: No more of a placement than this is given to either baseline.
MOST_BPS = 2_000
#: Lists that promise what their name says: nothing else is mixed in.
NO_BASELINE: frozenset[Placement] = frozenset({"buy_again", "rising", "new_arrivals", "because_viewed", "trending", "popular"})


class Assign(Protocol):
    """The door for experiments: which arm a unit (a customer, else a visitor) of a shop is in; the same for the same arguments."""

    def __call__(self, shop: str, salt: str, unit: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementSetting:
    """What is tried and capped in one placement; shares are basis points (100 are 1 %).

    `random_bps` of the lists show one random product at a random place, `popular_bps` are in popular order throughout; `variant_bps`
    of the visitors get `variant` as their order. `most_per_visitor` is how often a day one visitor sees one product before it goes
    behind the others; `most_share_bps` the share of the placement's impressions of seven days after which a product does.
    """

    placement: Placement
    random_bps: int = 0
    popular_bps: int = 0
    variant: Order | None = None
    variant_bps: int = 5_000
    most_per_visitor: int | None = None
    most_share_bps: int | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def draws(self) -> bool:
        """Whether any list is given to a baseline."""
        return bool(self.random_bps or self.popular_bps)

    def assign(self, shop: str, salt: str, unit: str) -> str:
        """The arm by the public hash; everybody is in the control where no variant is told."""
        shares = [] if self.variant is None else [(VARIANT, self.variant_bps)]
        return arm_of(f"{shop}/{salt}", unit, shares, CONTROL)


@dataclass(frozen=True, slots=True)
class Draw:
    """What the lottery gave a list: its baseline, and the place of a random product from 1."""

    baseline: Literal["random", "popular"] | None = None
    place: int = 0


def draw(setting: PlacementSetting, impression_id: str, places: int) -> Draw:
    """The lottery of one list, by its id: the same id draws the same; no list draws both."""
    if not setting.draws or places < 1:
        return Draw()
    salt = f"recommend/{setting.placement}"
    won = arm_of(salt, impression_id, [("random", setting.random_bps), ("popular", setting.popular_bps)], "")
    if won == "random":
        return Draw("random", random_place(f"{salt}/place:{impression_id}", places) + 1)
    return Draw("popular") if won == "popular" else Draw()


def propensity(setting: PlacementSetting, shown_by: ShownBy, places: int) -> float | None:
    """The chance that a place showed what it shows by the lottery; None where none is held."""
    if not setting.draws or shown_by == "rule":
        return None
    random = setting.random_bps / BUCKETS / max(places, 1)
    popular = setting.popular_bps / BUCKETS
    return {"random": random, "popular": popular, "model": 1.0 - random - popular}[shown_by]


def checked(setting: PlacementSetting) -> PlacementSetting:
    """Refuse a setting that cannot mean anything.

    Raises
    ------
    InvalidInput : with what to do instead.
    """
    if setting.placement not in PLACEMENTS:
        raise InvalidInput("there is no such placement", mend=f"choose from {', '.join(PLACEMENTS)}", code="bad_placement")
    for name, bps in (("random_bps", setting.random_bps), ("popular_bps", setting.popular_bps)):
        if not 0 <= bps <= MOST_BPS:
            raise InvalidInput(
                f"`{name}` is out of range", mend=f"give 0 to {MOST_BPS} (20 % of the lists)", code="bad_lists_share"
            )
    if (setting.draws or setting.variant is not None) and setting.placement in NO_BASELINE:
        raise InvalidInput(
            f"`{setting.placement}` shows only what its name says",
            mend="compare with random or popular products in another placement",
            code="no_baseline_here",
        )
    if setting.variant is not None and setting.variant not in ORDERS:
        raise InvalidInput("there is no such order", mend=f"choose from {', '.join(ORDERS)}", code="bad_order")
    if not 0 <= setting.variant_bps <= BUCKETS:
        raise InvalidInput("`variant_bps` is out of range", mend="give 0 to 10000 (all visitors)", code="bad_lists_share")
    if setting.most_per_visitor is not None and not 1 <= setting.most_per_visitor <= 1_000:
        raise InvalidInput("`most_per_visitor` is out of range", mend="give 1 to 1000, or nothing", code="bad_cap")
    if setting.most_share_bps is not None and not 1 <= setting.most_share_bps <= BUCKETS:
        raise InvalidInput("`most_share_bps` is out of range", mend="give 1 to 10000, or nothing", code="bad_cap")
    return setting


def random_place(seed: str, places: int) -> int:
    """One of so many places, from 0, by a hash: the same seed gives the same place."""
    return int.from_bytes(sha256(seed.encode()).digest()[:8], "big") % places
