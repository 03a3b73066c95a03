"""One customer's points of one currency: lots, holds and debt, moved only by entries that balance, and moved on by time alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Book = Literal[
    "issued", "pending", "active", "held", "spent", "expired", "clawed", "repaid", "adjusted_out", "debt", "owed", "waived",
    "written_off",
]  # fmt: skip
Kind = Literal[
    "earn", "activate", "spend", "return", "refund", "hold", "capture", "release", "adjust", "activation", "expiry", "hold_end",
    "moved_out", "moved_in",
]  # fmt: skip

#: Books whose sum is told of an account; `issued`, `owed` and `waived` are their other sides.
TOTALS: tuple[Book, ...] = ("spent", "expired", "clawed", "repaid", "adjusted_out", "written_off")
#: Books of which points of a lot are a part.
IN_A_LOT: tuple[Book, ...] = ("pending", "active", "held")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Lot:
    """Points earned together. `activates_at` None: they wait for an event; `expires_at` None: they never lapse."""

    lot_id: str
    sequence: int
    points: int
    earned_at: datetime
    activates_at: datetime | None
    expires_at: datetime | None
    order_id: str | None = None
    pending: int = 0
    active: int = 0
    held: int = 0
    expired: int = 0
    fresh: bool = False  # not stored yet
    touched: bool = False
    woken: bool = False  # an event told when it becomes spendable

    @property
    def left(self) -> int:
        """Points that are not held and not gone."""
        return self.pending + self.active

    @property
    def is_open(self) -> bool:
        """Whether anything of it is still there."""
        return bool(self.pending or self.active or self.held)

    def has_lapsed(self, at: datetime) -> bool:
        """L4: at its expiry it has."""
        return self.expires_at is not None and self.expires_at <= at

    def state(self, at: datetime) -> str:
        """`pending`, `active` or `expired`."""
        if self.has_lapsed(at):
            return "expired"
        return "pending" if self.activates_at is None or self.activates_at > at else "active"

    @property
    def turn(self) -> tuple[datetime, datetime, int]:
        """L7: which lot is taken first."""
        return (self.expires_at or _FOR_EVER, self.earned_at, self.sequence)


@dataclass(frozen=True, slots=True)
class Take:
    """Points taken from one lot."""

    lot: str
    points: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Points put aside until an instant."""

    hold_id: str
    expires_at: datetime
    takes: tuple[Take, ...]

    @property
    def points(self) -> int:
        """How many."""
        return sum(take.points for take in self.takes)


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of a double entry."""

    book: Book
    points: int
    lot_id: str | None


@dataclass(slots=True)
class Act:
    """One act of the journal with its entries, whose sum is 0.

    `about` is the order, spend or hold it belongs to; `detail` what a rebuild needs beside the entries.
    """

    kind: Kind
    at: datetime
    key: str | None = None
    about: str | None = None
    points: int = 0
    fingerprint: str | None = None
    answer: dict[str, Any] | None = None
    detail: dict[str, Any] | None = None
    source: str = ""
    note: str = ""
    postings: list[Posting] = field(default_factory=list)


@dataclass(slots=True)
class Use:
    """What a spend took, in its order, and how much of it came back."""

    takes: tuple[Take, ...]
    returned: int = 0

    @property
    def points(self) -> int:
        """How many it took."""
        return sum(take.points for take in self.takes)

    def left_to_return(self) -> Iterator[Take]:
        """What can still come back, last taken first."""
        skip = self.returned
        for take in reversed(self.takes):
            back = min(skip, take.points)
            skip -= back
            if take.points > back:
                yield Take(take.lot, take.points - back)


@dataclass(slots=True)
class OrderEarn:
    """What one order earned at one time, and by which rate."""

    lot_id: str | None
    points: int
    amount_minor: int
    rate: tuple[int, int, int]  # points, per_minor, multiplier_bps


@dataclass(slots=True)
class OrderPoints:
    """All an order earned, what refunds claimed back, and which part of that was counted against lapsed points."""

    earns: list[OrderEarn] = field(default_factory=list)
    clawed: int = 0
    expired_counted: int = 0
    refunded_minor: int = 0


class Account:
    """The points of one customer and currency in memory. Its verbs are in `verbs.py`; `acts` are those not stored yet."""

    __slots__ = ("acts", "clock", "debt", "due_at", "earned", "holds", "lot_count", "lots", "orders", "totals", "uses")

    def __init__(self) -> None:
        self.lots: dict[str, Lot] = {}
        self.holds: dict[str, Hold] = {}
        self.debt = 0
        self.earned = 0
        self.totals: dict[str, int] = dict.fromkeys(TOTALS, 0)
        self.clock = BEGINNING
        self.due_at: datetime | None = None
        self.lot_count = 0
        self.acts: list[Act] = []
        self.uses: dict[str, Use] = {}
        self.orders: dict[str, OrderPoints] = {}

    # -- what there is ------------------------------------------------------------------------------------------

    def sum_of(self, book: Literal["pending", "active", "held"]) -> int:
        """Points of all lots in one of the three books."""
        return sum(getattr(lot, book) for lot in self.lots.values())

    @property
    def active(self) -> int:
        """Spendable points."""
        return self.sum_of("active")

    @property
    def balance(self) -> int:
        """Spendable points less debt."""
        return self.active - self.debt

    def is_whole(self) -> bool:
        """L15: everything earned is somewhere, once. (`written_off` was never the customer's.)"""
        gone = sum(points for name, points in self.totals.items() if name != "written_off")
        return self.earned == sum(lot.pending + lot.active + lot.held for lot in self.lots.values()) + gone

    # -- entries ------------------------------------------------------------------------------------------------

    def act(self, kind: Kind, at: datetime, **values: Any) -> Act:
        """Begin an act of the journal."""
        made = Act(kind, at, **values)
        self.acts.append(made)
        return made

    def issue(self, act: Act, lot: Lot, book: Literal["pending", "active"]) -> None:
        """A new lot with its points."""
        self.lot_count += 1
        lot.fresh = True
        self.lots[lot.lot_id] = lot
        self.earned += lot.points
        self._post(act, lot, "issued", book, lot.points)

    def place(self, act: Act, lot: Lot, points: int) -> None:
        """Returned points in a lot of their own, as theirs has lapsed."""
        self.lot_count += 1
        lot.fresh = True
        self.lots[lot.lot_id] = lot
        self.move(act, lot, "spent", "active", points)

    def move(self, act: Act, lot: Lot, source: Book, target: Book, points: int) -> None:
        """Points of a lot from one book to another."""
        if points:
            self._post(act, lot, source, target, points)

    def owe(self, act: Act, points: int) -> None:
        """Points taken back that were not there any more (negative: repaid)."""
        if points:
            self.debt += points
            act.postings += [Posting("debt", -points, None), Posting("owed", points, None)]

    def write_off(self, act: Act, points: int) -> None:
        """Points taken back that nobody will pay."""
        if points:
            self.totals["written_off"] += points
            act.postings += [Posting("waived", -points, None), Posting("written_off", points, None)]

    def _post(self, act: Act, lot: Lot, source: Book, target: Book, points: int) -> None:
        act.postings += [Posting(source, -points, lot.lot_id), Posting(target, points, lot.lot_id)]
        lot.touched = True
        for book, change in ((source, -points), (target, points)):
            if book in IN_A_LOT:
                setattr(lot, book, getattr(lot, book) + change)
            elif book in self.totals:
                self.totals[book] += change
                if book == "expired":
                    lot.expired += change

    # -- time ---------------------------------------------------------------------------------------------------

    def settle(self, at: datetime) -> datetime:
        """Do what fell due until an instant, in its order and at its own time (L6); returns the effective time (L14)."""
        if self.due_at is not None and self.due_at <= at:
            while (due := self._next(at)) is not None:
                self._fall_due(*due)
        self.clock = max(self.clock, at)
        return self.clock

    def look_ahead(self) -> None:
        """Work out when something falls due next."""
        due = _FOR_EVER
        for lot in self.lots.values():
            if lot.expires_at is not None and lot.expires_at < due and (lot.active or lot.pending):
                due = lot.expires_at
            if lot.pending and lot.activates_at is not None and lot.activates_at < due:
                due = lot.activates_at
        for hold in self.holds.values():
            due = min(due, hold.expires_at)
        self.due_at = None if due is _FOR_EVER else due

    def _next(self, at: datetime) -> tuple[datetime, int, Lot | Hold] | None:
        """The first thing due. At one instant lots lapse, then lots become active, then holds end."""
        best: tuple[datetime, int, tuple[Any, ...]] | None = None
        found: Lot | Hold | None = None
        for lot in self.lots.values():
            if not lot.left:
                continue
            if lot.expires_at is not None and lot.expires_at <= at:
                place = (lot.expires_at, 0, lot.turn)
                if best is None or place < best:
                    best, found = place, lot
            if lot.pending and lot.activates_at is not None and lot.activates_at <= at:
                place = (lot.activates_at, 1, lot.turn)
                if best is None or place < best:
                    best, found = place, lot
        for hold in self.holds.values():
            if hold.expires_at <= at:
                ends = (hold.expires_at, 2, (hold.hold_id,))
                if best is None or ends[:2] < best[:2] or (ends[:2] == best[:2] and ends[2] < best[2]):
                    best, found = ends, hold
        return None if best is None or found is None else (best[0], best[1], found)

    def _fall_due(self, instant: datetime, what: int, which: Lot | Hold) -> None:
        at = self.clock = max(self.clock, instant)
        if isinstance(which, Hold):
            act = self.act("hold_end", at, about=which.hold_id, points=which.points)
            self.let_go(act, which, at)
        elif what == 0:
            act = self.act("expiry", at, about=which.lot_id, points=which.left)
            self.move(act, which, "pending", "expired", which.pending)
            self.move(act, which, "active", "expired", which.active)
        else:
            act = self.act("activation", at, about=which.lot_id, points=which.pending)
            self.wake(act, which)

    def wake(self, act: Act, lot: Lot) -> None:
        """Pending points become spendable, after they have repaid debt."""
        self.move(act, lot, "pending", "active", lot.pending)
        self.repay(act, [lot])

    def let_go(self, act: Act, hold: Hold, at: datetime) -> None:
        """Held points are spendable again, or lapse if their lot did meanwhile (L12)."""
        del self.holds[hold.hold_id]
        back = []
        for take in hold.takes:
            lot = self.lots[take.lot]
            self.move(act, lot, "held", "expired" if lot.has_lapsed(at) else "active", take.points)
            back.append(lot)
        self.repay(act, back)

    def repay(self, act: Act, lots: Iterable[Lot]) -> None:
        """L11: debt is repaid first by any newly active or returned points."""
        for lot in lots:
            if not self.debt:
                return
            points = min(self.debt, lot.active)
            self.move(act, lot, "active", "repaid", points)
            self.owe(act, -points)
