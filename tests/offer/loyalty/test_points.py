"""Points on real records: many senders at once, keys across restarts, time without jobs, corrections, merges, erasure, recounting."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from regulars.access.domain import Caller
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound, RegularsError
from regulars.offer.loyalty import following, paying, service
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.moving import settle_due
from regulars.offer.loyalty.rebuilding import CHECKS
from regulars.offer.loyalty.tables import points_account, points_act, points_entry, points_lot
from regulars.records import Records, outbox
from regulars.work import CheckContext
from tests.offer.loyalty.conftest import NOON, Till


def told(records: Records) -> list[str]:
    """The names of the events that were told, in order."""
    with records.reading() as uow:
        return [row["event"] for row in uow.rows(select(outbox.c.event).order_by(outbox.c.position))]


def sum_of_entries(records: Records) -> int:
    """Which has to be 0."""
    with records.reading() as uow:
        return int(uow.value(select(func.sum(points_entry.c.points))) or 0)


def at_once(count: int, act: Any) -> list[Any]:
    """What each of many threads got, an error's code where it was refused."""
    got: list[Any] = [None] * count
    ready = threading.Barrier(count)

    def run(place: int) -> None:
        ready.wait()
        try:
            got[place] = act(place)
        except RegularsError as refused:
            got[place] = refused.code

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_of_many_who_spend_at_once_just_so_many_get_through(till: Till) -> None:
    till.move("earn", "e", points=50)
    group = service.together(till.records)

    def spend(place: int) -> Any:
        return group.move(service.Asked("tea", "c1", Wish(verb="spend", key=f"s{place}", at=NOON, points=3)))

    got = at_once(32, spend)

    assert sum(one == "insufficient_points" for one in got) == 16
    assert till.balance().balance == 2
    assert sum_of_entries(till.records) == 0
    assert told(till.records).count("Points Spent") == 16


def test_one_key_sent_by_many_is_one_spend_with_one_answer(till: Till) -> None:
    till.move("earn", "e", points=500)
    group = service.together(till.records)

    got = at_once(32, lambda _: group.move(service.Asked("tea", "c1", Wish(verb="spend", key="s", at=NOON, points=30))))

    assert got == [{"consumed": [{"lot": "e", "points": 30}]}] * 32
    assert till.balance().balance == 470


def test_a_wish_that_cannot_be_kept_spoils_no_other_of_its_commit(till: Till) -> None:
    group = service.together(till.records)

    def earn(place: int) -> Any:
        key = "x" * 400 if place == 5 else f"e{place}"  # too long for PostgreSQL's column
        return group.move(service.Asked("tea", f"c{place}", Wish(verb="earn", key=key, at=NOON, points=7), "points"))

    got = at_once(12, lambda place: _quiet(earn, place))

    assert [one for place, one in enumerate(got) if place != 5] == [{"points": 7}] * 11
    assert service.rebuild(till.records, only_compare=True).differences == []


def _quiet(act: Any, place: int) -> Any:
    try:
        return act(place)
    except RegularsError:
        raise
    except Exception as fault:
        return type(fault).__name__


def test_each_shop_and_currency_has_points_of_its_own(till: Till) -> None:
    with till.records.unit() as uow:
        service.save_currency(uow, till.shell, till.shop, "growth", service.CurrencyGiven(name="Growth", worth_minor=0))
    till.move("earn", "e", points=10)
    till.move("earn", "e", points=99, currency="growth")

    with pytest.raises(NotFound, match="no points currency"):
        till.move("earn", "e", points=1, currency="gold")

    assert (till.balance().balance, till.balance(currency="growth").balance) == (10, 99)
    assert till.balance(currency="growth").worth.minor == 0


def test_the_job_writes_down_late_what_time_did_and_tells_it_with_its_own_time(till: Till) -> None:
    with till.records.unit() as uow:
        given = service.CurrencyGiven(pending_days=7, expiry={"type": "months", "n": 1})
        service.save_currency(uow, till.shell, till.shop, "points", given)
    till.move("earn", "e", points=10)
    before = [till.balance(at=NOON + timedelta(days=days)) for days in (6, 7, 40)]

    with till.records.unit() as uow:
        assert settle_due(uow, NOON + timedelta(days=60)) == 1
    with till.records.unit() as uow:
        assert settle_due(uow, NOON + timedelta(days=60)) == 0

    assert [(one.pending, one.active) for one in before] == [(10, 0), (0, 10), (0, 0)]
    with till.records.reading() as uow:
        acts = uow.rows(select(points_act.c.kind, points_act.c.at).order_by(points_act.c.position))
        lapsed = uow.one(select(outbox).where(outbox.c.event == "Points Expired"))
    assert [(act["kind"], act["at"]) for act in acts] == [
        ("earn", NOON),
        ("activation", NOON + timedelta(days=7)),
        ("expiry", datetime(2026, 4, 1, 16, tzinfo=UTC)),
    ]
    assert lapsed is not None
    assert lapsed["timestamp"] == datetime(2026, 4, 1, 16, tzinfo=UTC)


def test_a_statement_tells_each_act_with_the_balance_after_it_page_by_page(till: Till) -> None:
    till.move("earn", "e", points=100)
    till.move("spend", "s", points=30, order_id="o7")
    till.move("return", "r", points=10, refers_to="s")

    with till.records.reading() as uow:
        first = service.statement(uow, till.shop, "c1", limit=2)
        last = service.statement(uow, till.shop, "c1", limit=2, place=first.next)

    lines = [*first.lines, *last.lines]
    assert [(line.kind, line.balance_change, line.balance_after) for line in lines] == [
        ("return", 10, 80), ("spend", -30, 70), ("earn", 100, 100),
    ]  # fmt: skip
    assert (lines[1].about, lines[1].key, last.next) == ("o7", "s", None)


def test_refunds_told_part_by_part_take_back_what_their_sum_does(till: Till) -> None:
    till.move("earn", "e", order_id="o", amount_minor=9_999)

    parts = [till.move("refund", f"f{place}", order_id="o", amount_minor=3_333)["clawback"] for place in range(3)]
    again = till.move("refund", "f1", order_id="o", amount_minor=3_333)

    assert sum(parts) == 99
    assert again["clawback"] == parts[1]
    assert till.balance().balance == 0


def test_a_room_that_sells_pays_with_points_in_its_own_transaction(till: Till) -> None:
    till.move("earn", "e", points=100, at=datetime.now(UTC))
    with till.records.unit() as uow:
        paying.hold(uow, "tea", "c1", "cart", 60, order_id="o1")
        assert paying.spendable(uow, "tea", "c1") == 40
        assert paying.capture(uow, "tea", "c1", "cart") == 60
        paying.give_back(uow, "tea", "c1", "r1", 25, spend_key="cart")
        paying.spend(uow, "tea", "c1", "o2", 5, order_id="o2")
    with till.records.unit() as uow, pytest.raises(Conflict):
        paying.spend(uow, "tea", "c1", "o3", 1_000, order_id="o3")

    with till.records.reading() as uow:
        assert paying.spendable(uow, "tea", "c1") == 60
        assert paying.spendable(uow, "tea", "nobody") == 0


def test_a_large_correction_waits_for_another_operator(till: Till) -> None:
    asker = replace(till.shell, kind="operator", id="op_1")
    boss = replace(till.shell, kind="operator", id="op_2")
    with till.records.unit() as uow:
        small = service.correct(uow, asker, till.shop, "c1", 1_000, "goodwill")
        large = service.correct(uow, asker, till.shop, "c1", 1_001, "missing", note="order 7")
    assert (small.state, small.applied, large.state, large.applied) == ("approved", 1_000, "waiting", None)
    assert till.balance(at=datetime.now(UTC)).balance == 1_000

    with till.records.unit() as uow, pytest.raises(NotAllowed, match="cannot approve"):
        service.decide(uow, asker, till.shop, large.request_id, approve=True)
    with till.records.unit() as uow:
        done = service.decide(uow, boss, till.shop, large.request_id, approve=True)
    with till.records.unit() as uow, pytest.raises(Conflict, match="decided already"):
        service.decide(uow, boss, till.shop, large.request_id, approve=False)
    with till.records.unit() as uow:
        taken = service.correct(uow, asker, till.shop, "c2", -50, "abuse")

    assert (done.state, done.applied, done.decided_by) == ("approved", 1_001, "operator:op_2")
    assert till.balance(at=datetime.now(UTC)).balance == 2_001
    assert taken.applied == 0


def test_who_may_not_move_points_changes_nothing(till: Till) -> None:
    viewer = Caller(kind="operator", id="op_9", scopes=frozenset({"read_reports"}), keyring=till.shell.keyring)

    with till.records.unit() as uow, pytest.raises(NotAllowed):
        service.correct(uow, viewer, till.shop, "c1", 5, "goodwill")
    with till.records.unit() as uow, pytest.raises(NotAllowed):
        service.save_currency(uow, viewer, till.shop, "points", service.CurrencyGiven(points=2))

    assert till.balance().balance == 0


def test_points_of_a_merged_customer_move_lot_by_lot_with_debt_paid(till: Till) -> None:
    till.move("earn", "a", who="old", points=40)
    till.move("earn", "b", who="old", points=25, pending_days=30)
    till.move("hold", "h", who="old", points=15)
    till.move("earn", "a", who="new", order_id="o", amount_minor=1_000)
    till.move("spend", "s", who="new", points=10)
    till.move("refund", "f", who="new", order_id="o", cum_refunded_minor=1_000)
    assert till.balance("new").debt == 10

    with time_machine.travel(NOON + timedelta(minutes=1), tick=False), till.records.unit() as uow:
        following.follow(uow, "tea", {"old": "new"})

    had = till.balance("new", at=NOON + timedelta(minutes=2))
    assert (had.balance, had.pending, had.debt, had.held) == (30, 25, 0, 0)
    assert till.balance("old").balance == 0
    assert sum_of_entries(till.records) == 0
    assert service.rebuild(till.records, only_compare=True).differences == []
    till.move("earn", "c", who="old", points=1)  # the merge was taken back: it is a customer of its own again
    assert till.balance("old").balance == 1


def test_points_of_an_erased_customer_keep_adding_up_without_words(till: Till) -> None:
    till.move("earn", "e", points=40, note="for Mrs Wang")
    with till.records.unit() as uow:
        service.correct(uow, till.shell, till.shop, "c1", 5, "goodwill", note="called twice")
        uow.execute(update(points_account).values(customer_id="x_1"))  # as privacy renames every table

        following.forget(uow, "tea", "c1", "x_1")

    with till.records.reading() as uow:
        assert uow.value(select(func.count()).select_from(points_act).where(points_act.c.note != "")) == 0
    assert till.balance("x_1", at=datetime.now(UTC)).balance == 45
    assert sum_of_entries(till.records) == 0


def test_the_doctor_names_what_is_not_as_the_journal_says_and_rebuild_mends_it(till: Till) -> None:
    context = CheckContext(till.records, None, None)  # type: ignore[arg-type]
    till.move("earn", "e", points=100)
    till.move("hold", "h", points=20)
    till.move("spend", "s", points=30)
    good = till.balance()
    assert [finding for check in CHECKS for finding in check.run(context)] == []

    with till.records.unit() as uow:
        uow.execute(update(points_lot).values(active=51))
        uow.execute(update(points_account).values(active=51, holds="[]", spent=29))
    found = {finding.what.split(" is kept")[0] for check in CHECKS for finding in check.run(context)}
    mended = service.rebuild(till.records)

    assert {"active", "spent", "holds", "lot e"} <= found
    assert len(mended.differences) == 4
    assert till.balance() == good
    with till.records.unit() as uow:
        uow.execute(update(points_entry).where(points_entry.c.line == 0).values(points=-99))
    assert any("add up to" in finding.what for check in CHECKS for finding in check.run(context))


def test_the_programme_in_numbers(till: Till) -> None:
    now = datetime.now(UTC)
    till.move("earn", "e", points=1_000, at=now)
    till.move("spend", "s", points=300, at=now)
    till.move("earn", "old", points=100, at=now, event_at=now - timedelta(days=500))

    with till.records.reading() as uow:
        found = service.overview(uow, till.shop)

    assert (found.earned, found.spent, found.expired, found.outstanding) == (1_100, 300, 100, 700)
    assert (found.expected_redemption, found.burn_rate, found.breakage_rate) == (0.75, 300 / 1_100, 100 / 1_100)
    assert found.liability.minor == 525  # 700 points, of which three of four are expected back, 100 of them worth 1.00
    assert (found.months[-1].earned, found.months[-1].spent, found.months[-1].expired) == (1_100, 300, 100)


@pytest.mark.parametrize(
    "given", [{"points": 0}, {"expiry": {"type": "weeks"}}, {"return_policy": "never"}, {"pending_days": -1}, {"worth_points": 0}]
)
def test_a_currency_nobody_can_mean_is_refused(quick_till: Till, given: dict[str, Any]) -> None:
    with quick_till.records.unit() as uow, pytest.raises(InvalidInput):
        service.save_currency(uow, quick_till.shell, quick_till.shop, "points", service.CurrencyGiven(**given))
