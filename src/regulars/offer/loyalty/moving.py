"""Moving points: many wishes at once inside a transaction, and wishes of many senders in one commit."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from regulars.errors import NotFound, RegularsError, Unavailable
from regulars.events import Event, PointsAccrued, PointsExpired, PointsReturned, PointsSpent, PointsTakenBack
from regulars.offer.loyalty.currencies import POINTS, programs
from regulars.offer.loyalty.domain.account import Account, Act
from regulars.offer.loyalty.domain.verbs import do
from regulars.offer.loyalty.domain.wishes import Answer, Wish, again
from regulars.offer.loyalty.journal import Kept, bring, bring_due, refer, write

if TYPE_CHECKING:
    from datetime import datetime

    from regulars.offer.loyalty.domain.program import Program
    from regulars.records import Records, UnitOfWork

log = logging.getLogger(__name__)

#: Wishes of so many senders share a commit at most.
MOST_TOGETHER = 256
#: So long at most those who were just answered are waited for.
_LONGEST_MOMENT_S = 0.005
_DUE_AT_ONCE = 500
#: Verbs that need nothing to be there before; the others do not open an account.
_OPENING = frozenset({"earn", "adjust"})

Outcome = Answer | RegularsError


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish, and whose points it is about."""

    shop_id: str
    customer_id: str
    wish: Wish
    currency_id: str = POINTS


def move(uow: UnitOfWork, asked: Sequence[Asked]) -> list[Outcome]:
    """Do wishes in their order, in this transaction; a refused one is an outcome like others and changes nothing.

    Wishes are done once by account and key: a repeated one gets the first answer.
    """
    outcomes: list[Outcome] = [{} for _ in asked]
    by_shop: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(asked):
        by_shop[one.shop_id].append(place)
    for shop_id in sorted(by_shop):
        _of_shop(uow, shop_id, asked, by_shop[shop_id], outcomes)
    return outcomes


def move_one(uow: UnitOfWork, shop_id: str, customer_id: str, wish: Wish, currency_id: str = POINTS) -> Answer:
    """Do one wish in this transaction.

    Raises
    ------
    Conflict : too few points, more returned than spent, a hold that is over, or a key that was used for something else.
    InvalidInput : an amount nobody can mean.
    NotFound : the shop has no such points currency.
    """
    (outcome,) = move(uow, [Asked(shop_id, customer_id, wish, currency_id)])
    if isinstance(outcome, RegularsError):
        raise outcome
    return outcome


def _of_shop(uow: UnitOfWork, shop_id: str, asked: Sequence[Asked], places: Sequence[int], outcomes: list[Outcome]) -> None:
    rules = programs(uow, shop_id)
    for place in list(places):
        if asked[place].currency_id not in rules:
            name = asked[place].currency_id
            mend = "list them with `GET /v1/points/currencies`"
            outcomes[place] = NotFound(f"there is no points currency '{name}'", mend=mend, code="no_such_currency")
    todo = [place for place in places if asked[place].currency_id in rules]
    owners = [(asked[place].customer_id, asked[place].currency_id) for place in todo]
    opening = {owner for place, owner in zip(todo, owners, strict=True) if asked[place].wish.verb in _OPENING}
    kepts = bring(uow, shop_id, owners)
    if missing := sorted(opening - kepts.keys()):
        kepts |= bring(uow, shop_id, missing, make=True)
    for owner in owners:
        if owner not in kepts:
            kepts[owner] = _empty(shop_id, *owner)
    refer(uow, [(kepts[owner], asked[place].wish) for place, owner in zip(todo, owners, strict=True)])
    for place, owner in zip(todo, owners, strict=True):
        outcomes[place] = _done(kepts[owner], rules[owner[1]], asked[place].wish)
    tell(uow, write(uow, kepts.values()))


def _empty(shop_id: str, customer_id: str, currency_id: str) -> Kept:
    """An account nobody has opened: everything but earning is refused, and nothing is written."""
    return Kept(0, shop_id, customer_id, currency_id, 0, Account())


def _done(kept: Kept, program: Program, wish: Wish) -> Outcome:
    try:
        if wish.key in kept.known:
            return again(*kept.known[wish.key], wish)
        if kept.account_id == 0 and wish.verb == "activate":
            return {"activated": 0}
        answer = do(kept.account, program, wish)
    except RegularsError as refused:
        return refused
    kept.known[wish.key] = (wish.fingerprint(), answer)
    return answer


def settle_due(uow: UnitOfWork, at: datetime) -> int:
    """Write down what time has done to accounts (L6), some hundred at a time; returns how many accounts were looked at."""
    kepts = bring_due(uow, at, _DUE_AT_ONCE)
    for kept in kepts:
        kept.account.settle(at)
        kept.account.look_ahead()
    tell(uow, write(uow, kepts))
    return len(kepts)


# -- telling ----------------------------------------------------------------------------------------------------------


def tell(uow: UnitOfWork, acts: Sequence[tuple[Kept, Act]]) -> None:
    """Publish what moved, in the same transaction."""
    uow.tell_all([event for kept, act in acts for event in events_of(kept, act)])


def events_of(kept: Kept, act: Act) -> list[Event]:
    """The events of one act of the journal."""
    common: dict[str, Any] = {
        "shop_id": kept.shop_id,
        "customer_id": kept.customer_id,
        "timestamp": act.at,
        "currency_id": kept.currency_id,
        "key": act.key,
        "order_id": act.about if act.kind in ("earn", "spend", "refund") else None,
        "rule": act.source,
    }
    told: list[Event] = []
    match act.kind:
        case "earn" | "adjust" if act.points > 0:
            lot = kept.account.lots[act.key or ""]
            told.append(PointsAccrued(points=act.points, activates_at=lot.activates_at, expires_at=lot.expires_at, **common))
        case "spend" | "capture":
            told.append(PointsSpent(points=act.points, **common))
        case "return":
            told.append(PointsReturned(points=act.points, **common))
        case "refund" | "adjust" if act.points:
            told.append(PointsTakenBack(points=abs(act.points), **common))
    lapsed = sum(one.points for one in act.postings if one.book == "expired")
    if lapsed:
        told.append(PointsExpired(points=lapsed, **common))
    return told


# -- many senders, one commit -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Waiting:
    """A sender's wish, until it is done."""

    asked: Asked
    turn: threading.Event = field(default_factory=threading.Event)  # it is done, or its sender is the next to work for all
    outcome: Outcome | None = None
    fault: BaseException | None = None

    @property
    def done(self) -> bool:
        """Whether there is an answer."""
        return self.outcome is not None or self.fault is not None


class Together:
    """Group commit: while one transaction is being forced to disk, the wishes of others gather and share the next one.

    The sender who finds nobody at work does the work for all who wait, then hands it to the first of those who came meanwhile; before
    it begins it waits a moment for those who were just answered, as they tend to come back. A sender alone never waits. Everybody is
    answered after the commit that holds their wish.
    """

    def __init__(self, records: Records) -> None:
        self._records = ref(records)  # which keep this alive, and not the other way round
        self._gate = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._working = False
        self._expected = 1
        self._moment = 0.0

    def move(self, asked: Asked) -> Answer:
        """Do one wish, durably; raises as `move_one` does."""
        mine = _Waiting(asked)
        with self._gate:
            self._waiting.append(mine)
            leads = not self._working
            self._working = True
            if len(self._waiting) >= self._expected:
                self._gate.notify()
        if not leads:
            mine.turn.wait()
        if not mine.done:
            self._lead()
        if mine.fault is not None:
            raise mine.fault
        if isinstance(mine.outcome, RegularsError):
            raise mine.outcome
        assert mine.outcome is not None
        return mine.outcome

    def _lead(self) -> None:
        batch: list[_Waiting] = []
        begun = time.perf_counter()
        try:
            with self._gate:
                self._gate.wait_for(lambda: len(self._waiting) >= self._expected, self._moment)
                batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            begun = time.perf_counter()
            self._work(batch)
        finally:
            with self._gate:
                self._expected = min(MOST_TOGETHER, len(batch) + len(self._waiting))
                self._moment = 0.0 if self._expected == 1 else min(_LONGEST_MOMENT_S, (time.perf_counter() - begun) / 4)
                self._working = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].turn.set()
            for one in batch:
                if not one.done:
                    one.fault = Unavailable("the change was not made", mend="try again", code="not_moved")
                one.turn.set()

    def _work(self, batch: list[_Waiting]) -> None:
        records = self._records()
        assert records is not None, "senders hold the records while they wait"
        try:
            with records.unit() as uow:
                outcomes = move(uow, [one.asked for one in batch])
        except Exception as fault:
            if len(batch) == 1:
                batch[0].fault = fault
                return
            # One of them is at fault, or the store is: each is done by itself, so that no other sender suffers.
            log.warning("wishes that shared a commit are done one by one", exc_info=not isinstance(fault, RegularsError))
            for one in batch:
                self._work([one])
        else:
            for one, outcome in zip(batch, outcomes, strict=True):
                one.outcome = outcome


_TOGETHER: WeakKeyDictionary[Records, Together] = WeakKeyDictionary()
_MAKING = threading.Lock()


def together(records: Records) -> Together:
    """The group commit of these records in this process."""
    with _MAKING:
        found = _TOGETHER.get(records)
        if found is None:
            found = _TOGETHER[records] = Together(records)
        return found
