"""What holds is what was told last, whatever the order of arrival; withdrawing acts at once and is as easy as giving."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from regulars.access import Caller, Keyring
from regulars.errors import InvalidInput, NotAllowed
from regulars.guard import consent, privacy
from regulars.guard.consent import GivenConsent, Policy
from regulars.guard.consent.checks import CHECKS
from regulars.guard.consent.domain import Standing, may_by
from regulars.guard.consent.tables import consent as consent_table
from regulars.guard.consent.tables import consent_now
from regulars.records import Records, outbox
from regulars.values import clock
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.guard.consent.conftest import SHOP

DAY = timedelta(days=1)
NUMBERS = itertools.count()
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def tell(records: Records, shell: Caller, *given: GivenConsent) -> int:
    with records.unit() as uow:
        return consent.record(uow, shell, SHOP, list(given))


def message(number: int, at: datetime, told: Any, **fields: Any) -> dict[str, Any]:
    return {"messageId": f"m{number}", "userId": "u1", "timestamp": at, "type": "track", "context": {"consent": told}, **fields}


def test_what_nobody_said_is_decided_by_the_shops_policy(shop: Records, shell: Caller) -> None:
    with shop.unit() as uow:
        marketing = consent.may(uow, SHOP, "u1", "marketing", "email")
        analytics = consent.may(uow, SHOP, "u1", "analytics")
        consent.change_policy(uow, shell, SHOP, purposes=[Policy(purpose="analytics", default="opt_in")])
        strict = consent.may(uow, SHOP, "u1", "analytics")
        elsewhere = consent.may(uow, "coffee", "u1", "analytics")

    assert (marketing.allowed, marketing.because, marketing.default) == (False, "nothing_told", "opt_in")
    assert (analytics.allowed, analytics.default) == (True, "opt_out")
    assert (strict.allowed, strict.default) == (False, "opt_in")
    assert elsewhere.allowed


def test_a_withdrawal_acts_at_once_for_its_channel_or_for_all(shop: Records, shell: Caller) -> None:
    said = [
        GivenConsent(customer_id="u1", purpose="marketing", state="given", happened_at=START),
        GivenConsent(customer_id="u1", purpose="marketing", channel="email", state="withdrawn", happened_at=START + DAY),
    ]
    tell(shop, shell, *said)
    with shop.unit() as uow:
        after_one = {channel: consent.may(uow, SHOP, "u1", "marketing", channel).allowed for channel in ("email", "sms", None)}
        consent.record(uow, shell, SHOP, [GivenConsent(customer_id="u1", purpose="marketing", state="withdrawn")])
        after_all = {channel: consent.may(uow, SHOP, "u1", "marketing", channel).allowed for channel in ("email", "sms", None)}
        consent.record(uow, shell, SHOP, [GivenConsent(customer_id="u1", purpose="marketing", channel="sms", state="given")])
        again = consent.may(uow, SHOP, "u1", "marketing", "sms")
        among = consent.allowed_among(uow, SHOP, ["u1", "u2"], "marketing", "sms")

    assert after_one == {"email": False, "sms": True, None: True}
    assert after_all == {"email": False, "sms": False, None: False}
    assert (again.allowed, again.because) == (True, "given")
    assert among == {"u1"}


def test_the_latest_telling_holds_in_every_order_of_arrival(shop: Records, shell: Caller, keyring: Keyring) -> None:
    told = [
        message(1, START, {"analytics": True}),
        message(2, START + DAY, {"analytics": False}),
        message(3, START + 2 * DAY, {"analytics": True}),
        message(4, START + 3 * DAY, {"analytics": True, "marketing": False}),
    ]
    for number, order in enumerate(itertools.permutations(told)):
        with shop.unit() as uow:
            for one in order:
                consent.learn(uow, keyring, SHOP, [{**one, "userId": f"u{number}", "messageId": f"{one['messageId']}-{number}"}])
            answer = consent.may(uow, SHOP, f"u{number}", "analytics")
            ledger = [row.state for row in consent.history(uow, SHOP, f"u{number}") if row.purpose == "analytics"]

        assert (answer.allowed, answer.since) == (True, START + 3 * DAY), order
        assert ledger[0] == "given", order
        assert "withdrawn" in ledger, order


def test_a_message_that_comes_again_adds_nothing_and_a_page_that_says_the_same_adds_nothing(
    shop: Records, keyring: Keyring
) -> None:
    pages = [message(number, START + number * DAY, {"analytics": True, "marketing": False}) for number in range(50)]
    changed = message(99, START, None, event="Consent Changed", properties={"purpose": "surveys", "state": "withdrawn"})

    with shop.unit() as uow:
        first = consent.learn(uow, keyring, SHOP, [*pages, changed])
        again = consent.learn(uow, keyring, SHOP, [*pages, changed])
        rows = uow.rows(select(consent_table.c.consent_id))
        told = [row for row in uow.rows(select(outbox)) if row["event"] == "Consent Changed"]

    assert (first, again, len(rows), len(told)) == (3, 0, 3, 3)


def test_a_devices_clock_in_the_future_cannot_outlast_a_withdrawal(shop: Records, shell: Caller, keyring: Keyring) -> None:
    with shop.unit() as uow:
        consent.learn(uow, keyring, SHOP, [message(1, clock.now() + 300 * DAY, {"marketing": True})])
        consent.record(uow, shell, SHOP, [GivenConsent(customer_id="u1", purpose="marketing", state="withdrawn")])

        assert not consent.may(uow, SHOP, "u1", "marketing").allowed


def test_no_personalisation_stands_above_whatever_else_is_said(shop: Records, shell: Caller, keyring: Keyring) -> None:
    with shop.unit() as uow:
        consent.record(uow, shell, SHOP, [GivenConsent(customer_id="u1", purpose="no_personalisation", state="given")])
        consent.learn(uow, keyring, SHOP, [message(1, clock.now(), {"personalisation": True})])
        refused = consent.may(uow, SHOP, "u1", "personalisation")
        shown = consent.permissions(uow, SHOP, "u1")
        consent.record(uow, shell, SHOP, [GivenConsent(customer_id="u1", purpose="no_personalisation", state="withdrawn")])
        allowed = consent.may(uow, SHOP, "u1", "personalisation")

    assert (refused.allowed, refused.because) == (False, "no_personalisation")
    assert shown.no_personalisation
    assert allowed.allowed


def test_double_opt_in_waits_for_the_second_yes(shop: Records, shell: Caller, keyring: Keyring) -> None:
    yes = GivenConsent(customer_id="u1", purpose="marketing", channel="email", state="given", source="form")
    with shop.unit() as uow:
        rule = Policy(purpose="marketing", default="opt_in", double_opt_in=True)
        consent.change_policy(uow, shell, SHOP, purposes=[rule])
        consent.record(uow, shell, SHOP, [yes])
        consent.learn(uow, keyring, SHOP, [message(1, clock.now(), {"purpose": "marketing", "channel": "email", "granted": True})])
        waiting = consent.may(uow, SHOP, "u1", "marketing", "email")
        consent.record(uow, shell, SHOP, [yes])
        confirmed = consent.may(uow, SHOP, "u1", "marketing", "email")

    assert (waiting.allowed, waiting.because) == (False, "pending")
    assert confirmed.allowed


def test_a_visitors_consents_follow_to_the_customer_and_back(shop: Records, shell: Caller, keyring: Keyring) -> None:
    visitor = privacy.visitor_id(keyring, SHOP, "device-1")
    said = {"messageId": "m1", "anonymousId": "device-1", "timestamp": START, "context": {"consent": {"marketing": True}}}
    later = {**said, "messageId": "m2", "timestamp": START + 2 * DAY, "context": {"consent": {"marketing": False}}}
    with shop.unit() as uow:
        consent.learn(uow, keyring, SHOP, [said])
        consent.record(
            uow, shell, SHOP, [GivenConsent(customer_id="u1", purpose="marketing", state="withdrawn", happened_at=START - DAY)]
        )
        before = consent.may(uow, SHOP, "u1", "marketing").allowed
        consent.merge(uow, SHOP, visitor, "u1")
        merged = consent.may(uow, SHOP, "u1", "marketing").allowed
        consent.learn(uow, keyring, SHOP, [later])  # the device alone: it belongs to u1 by now
        withdrawn = consent.may(uow, SHOP, "u1", "marketing").allowed
        consent.unmerge(uow, SHOP, "u1", visitor)
        apart = [row.state for row in consent.history(uow, SHOP, visitor)], consent.may(uow, SHOP, "u1", "marketing").since

    assert (before, merged, withdrawn) == (False, True, False)
    assert apart == (["withdrawn", "given"], START - DAY)


def test_consents_follow_what_identity_decides_and_what_it_takes_back(shop: Records, keyring: Keyring) -> None:
    visitor = privacy.visitor_id(keyring, SHOP, "device-1")
    said = {"messageId": "m1", "anonymousId": "device-1", "timestamp": START, "context": {"consent": {"marketing": True}}}
    with shop.unit() as uow:
        consent.learn(uow, keyring, SHOP, [said])
        consent.follow(uow, SHOP, {visitor: "u1", "u2": "u1"})
        merged = consent.may(uow, SHOP, "u1", "marketing").allowed
        consent.follow(uow, SHOP, {visitor: visitor, "u2": "u2"})
        apart = consent.may(uow, SHOP, "u1", "marketing").allowed, consent.may(uow, SHOP, visitor, "marketing").allowed

    assert (merged, apart) == (True, (False, True))


def test_consents_need_the_permission_a_real_wording_and_a_real_id(shop: Records, shell: Caller, keyring: Keyring) -> None:
    viewer = Caller(kind="operator", id="o", scopes=frozenset({"read_customers"}), keyring=keyring)
    yes = GivenConsent(customer_id="u1", purpose="marketing", state="given", wording_version=1)
    with shop.unit() as uow:
        with pytest.raises(NotAllowed):
            consent.record(uow, viewer, SHOP, [yes])
        with pytest.raises(InvalidInput):
            consent.record(uow, shell, SHOP, [yes])
        with pytest.raises(InvalidInput):
            consent.record(uow, shell, SHOP, [GivenConsent(customer_id="", purpose="marketing", state="given")])
        made = consent.add_wording(uow, shell, SHOP, purpose="marketing", text_en="May we write?", text_zh="可以联系您吗?")
        consent.record(uow, shell, SHOP, [yes])
        (row,) = consent.history(uow, SHOP, "u1")

    assert (made.version, row.wording_version, row.proof) == (1, 1, "system:shell")


def test_policies_keep_their_history(shop: Records, shell: Caller) -> None:
    with shop.unit() as uow:
        for default in ("opt_in", "opt_out", "opt_out"):
            consent.change_policy(uow, shell, SHOP, purposes=[Policy(purpose="analytics", default=default)])
        consent.change_policy(uow, shell, SHOP, heed_signals=False, allowed_names=["religion", " "])
        now = consent.policy(uow, SHOP)
        kept = [(one.rule, one.version) for one in consent.policy_history(uow, SHOP)]

    assert (now.heed_signals, now.allowed_names) == (False, ["religion"])
    assert sorted(kept) == [("allowed_names", 1), ("consent.analytics", 1), ("consent.analytics", 2), ("signals", 1)]


def test_an_erased_customers_consents_name_nobody_and_do_not_come_back(
    shop: Records, warehouse: Warehouse, home: Path, shell: Caller, keyring: Keyring
) -> None:
    tell(shop, shell, GivenConsent(customer_id="u1", purpose="marketing", state="given", message_id="mail-from-mei"))

    privacy.erase(shop, warehouse, home, shell, SHOP, "u1")

    with shop.unit() as uow:
        again = consent.learn(uow, keyring, SHOP, [message(1, START, {"marketing": True})])
        left = str(uow.rows(select(consent_table))) + str(uow.rows(select(consent_now)))
        overview = consent.overview_table(consent.ConsentOverview(counts=[], changes=[]))
    assert again == 0
    assert "'u1'" not in left
    assert "mail-from-mei" not in left
    assert overview.columns[0] == "purpose"


def test_the_doctor_finds_a_consent_that_nobody_told(shop: Records, warehouse: Warehouse, home: Path, shell: Caller) -> None:
    tell(shop, shell, GivenConsent(customer_id="u1", purpose="marketing", state="given"))
    context = CheckContext(shop, warehouse, home)
    assert [finding for check in CHECKS for finding in check.run(context)] == []
    with shop.unit() as uow:
        uow.execute(consent_now.update().values(state="withdrawn"))

    assert len([finding for check in CHECKS for finding in check.run(context)]) == 1


SAID = st.lists(
    st.tuples(
        st.sampled_from(["marketing", "personalisation", "no_personalisation"]),
        st.sampled_from([None, "email", "sms"]),
        st.sampled_from(["given", "withdrawn", "pending"]),
        st.integers(0, 4),
    ),
    max_size=8,
)


@given(SAID, st.randoms(use_true_random=False), st.sampled_from([None, "email", "sms"]))
def test_the_answer_does_not_depend_on_the_order_of_what_is_known(said: Any, random: Any, channel: Any) -> None:
    standings = [Standing(purpose=p, channel=c, state=s, told_at=START + n * DAY) for p, c, s, n in said]
    shuffled = list(standings)
    random.shuffle(shuffled)

    for purpose in ("marketing", "personalisation"):
        policy = Policy(purpose=purpose, default="opt_out")  # type: ignore[arg-type]
        assert may_by(standings, policy, channel) == may_by(shuffled, policy, channel)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([True, False])), max_size=6), st.randoms(use_true_random=False))
def test_any_order_and_any_batches_of_messages_end_in_the_same_answer(
    records: Records, keyring: Keyring, told: list[tuple[int, bool]], random: Any
) -> None:
    ways = []
    for way in range(2):
        who = f"u{next(NUMBERS)}"
        messages = [
            {**message(number, START + day * DAY, {"analytics": yes}), "userId": who} for number, (day, yes) in enumerate(told)
        ]
        if way:
            random.shuffle(messages)
        with records.unit() as uow:
            cut = random.randrange(len(messages) + 1)
            consent.learn(uow, keyring, SHOP, messages[:cut])
            consent.learn(uow, keyring, SHOP, messages[cut:])
            ways.append(consent.may(uow, SHOP, who, "analytics"))

    assert ways[0] == ways[1]
