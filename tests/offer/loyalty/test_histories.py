"""Laws of the ledger as properties: whatever happens, everything earned is somewhere once, entries add up to 0, and the journal says all.

`REGULARS_TEST_HISTORIES` asks for more random histories than the suite runs by itself.
"""

from __future__ import annotations

import itertools
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from regulars.errors import RegularsError
from regulars.offer.loyalty import moving, service
from regulars.offer.loyalty.domain.account import Account
from regulars.offer.loyalty.domain.program import Expiry, Program
from regulars.offer.loyalty.domain.verbs import do
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.tables import points_entry
from tests.offer.loyalty.conftest import Till

_NAMES = itertools.count()
HISTORIES = int(os.environ.get("REGULARS_TEST_HISTORIES", "200"))
BEGIN = datetime(2026, 1, 30, 15, 59, tzinfo=UTC)

gaps = st.sampled_from([0, 1, 60, 899, 900, 3_600, 86_400, 86_400 * 3, 86_400 * 29, 86_400 * 200])
expiries = st.sampled_from([None, Expiry("never", 0), Expiry("days", 1), Expiry("months", 1), Expiry("year_end", 0)])
points = st.integers(1, 120)
refs = st.integers(0, 12)
steps = st.one_of(
    st.fixed_dictionaries(
        {"verb": st.just("earn"), "amount_minor": st.integers(0, 20_000), "order": refs, "expiry": expiries,
         "pending_days": st.sampled_from([None, 0, 1, 40, "on_event"]), "back_s": st.sampled_from([0, 0, 86_400 * 40])}
    ),
    st.fixed_dictionaries({"verb": st.just("earn"), "points": points, "expiry": expiries}),
    st.fixed_dictionaries({"verb": st.sampled_from(["spend", "hold"]), "points": points}),
    st.fixed_dictionaries({"verb": st.just("return"), "points": points, "ref": refs}),
    st.fixed_dictionaries({"verb": st.sampled_from(["capture", "release"]), "ref": refs}),
    st.fixed_dictionaries({"verb": st.just("refund"), "order": refs, "cum_refunded_minor": st.integers(0, 20_000)}),
    st.fixed_dictionaries({"verb": st.just("activate"), "order": refs}),
    st.fixed_dictionaries({"verb": st.just("adjust"), "points": st.integers(-150, 60).filter(bool)}),
)  # fmt: skip
histories = st.lists(st.tuples(gaps, steps), min_size=1, max_size=25)
programs = st.builds(
    Program,
    tz=st.sampled_from(["Asia/Shanghai", "America/New_York", "UTC"]),
    pending_days=st.sampled_from([0, 0, 7]),
    expiry=st.sampled_from([Expiry("months", 1), Expiry("days", 3), Expiry("never", 0)]),
    return_policy=st.sampled_from(["unlimited", "within_balance", "only_pending"]),
    expired_return_grace_days=st.sampled_from([0, 30]),
)


def wishes(history: list[tuple[int, dict[str, Any]]]) -> list[Wish]:
    """The steps as wishes; spends, holds and orders are referred to by the place of the step that made them."""
    at, made = BEGIN, []
    for place, (gap, step) in enumerate(history):
        at += timedelta(seconds=gap)
        told = dict(step)
        told["order_id"] = f"o{told.pop('order')}" if "order" in told else None
        told["refers_to"] = f"k{told.pop('ref')}" if "ref" in told else None
        back = told.pop("back_s", 0)
        told["event_at"] = at - timedelta(seconds=back) if back else None
        made.append(Wish(key=f"k{place}", at=at, **told))
    return made


@settings(max_examples=HISTORIES, suppress_health_check=[HealthCheck.too_slow])
@given(program=programs, history=histories)
def test_everything_earned_is_somewhere_once_after_every_step(program: Program, history: list[tuple[int, dict[str, Any]]]) -> None:
    account = Account()

    for wish in wishes(history):
        with suppress(RegularsError):
            do(account, program, wish)

        assert account.is_whole()
        assert account.debt >= 0
        assert all(min(lot.pending, lot.active, lot.held) >= 0 for lot in account.lots.values())
        assert not (account.debt and account.active), "what is owed is paid before anything can be spent"
        assert all(sum(posting.points for posting in act.postings) == 0 for act in account.acts)
        assert all(not (lot.left and lot.has_lapsed(account.clock)) for lot in account.lots.values())
        assert sorted(act.at for act in account.acts) == [act.at for act in account.acts], "effective time never goes back"


@settings(max_examples=HISTORIES, suppress_health_check=[HealthCheck.too_slow])
@given(program=programs, history=histories, days=st.integers(1, 400))
def test_the_job_changes_nothing_but_when_rows_are_written(
    program: Program, history: list[tuple[int, dict[str, Any]]], days: int
) -> None:
    late, early = Account(), Account()
    for wish in wishes(history):
        early.settle(wish.at - timedelta(microseconds=1))
        for account in (late, early):
            with suppress(RegularsError):
                do(account, program, wish)

    end = BEGIN + timedelta(days=400 * 25)
    for day in range(0, 30 * days, days):
        early.settle(late.clock + timedelta(days=day / 30))
    for account in (late, early):
        account.settle(end)

    assert late.totals == early.totals
    assert late.lots.keys() == early.lots.keys()
    assert (late.active, late.debt, late.earned) == (early.active, early.debt, early.earned)


@settings(max_examples=max(10, HISTORIES // 20), suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(history=histories, policy=st.sampled_from(["unlimited", "within_balance", "only_pending"]), settled=st.booleans())
def test_what_is_stored_is_what_the_journal_makes_it(
    history: list[tuple[int, dict[str, Any]]], policy: Any, settled: bool, quick_till: Till
) -> None:
    till = quick_till
    who = f"c{next(_NAMES)}"
    with till.records.unit() as uow:
        given_ = service.CurrencyGiven(return_policy=policy, expiry={"type": "months", "n": 1})
        service.save_currency(uow, till.shell, till.shop, "points", given_)
    account, program = Account(), Program(tz="Asia/Shanghai", return_policy=policy, expiry=Expiry("months", 1))
    for wish in wishes(history):
        outcomes: list[Any] = []
        with till.records.unit() as uow:
            (outcome,) = moving.move(uow, [moving.Asked("tea", who, wish)])
            outcomes.append(outcome if isinstance(outcome, dict) else outcome.code)
            if settled:
                moving.settle_due(uow, wish.at)
        try:
            outcomes.append(do(account, program, wish))
        except RegularsError as refused:
            outcomes.append(refused.code)
        assert outcomes[0] == outcomes[1]

    had = till.balance(who, at=account.clock)
    assert (had.active, had.pending, had.held, had.debt) == (
        account.active, account.sum_of("pending"), account.sum_of("held"), account.debt,
    )  # fmt: skip
    assert service.rebuild(till.records, only_compare=True).differences == []
    assert service.rebuild(till.records).differences == []
    assert till.balance(who, at=account.clock) == had
    with till.records.reading() as uow:
        assert uow.value(select(func.sum(points_entry.c.points))) in (0, None)
