"""Scheduled reports: due at local hours, handed to a real SMTP server, once per due moment and receiver, whatever breaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from regulars.access import Caller, shops
from regulars.app import House
from regulars.errors import InvalidInput
from regulars.settings import Settings
from regulars.understand.questions import Desk
from regulars.understand.reports import schedules, sending, shelf
from regulars.understand.reports.domain.scheduling import SendingTime
from regulars.understand.reports.tables import report_delivery
from regulars.work import JobContext
from tests.access.people import colleague, owner
from tests.support.mailbox import Mailbox, mail_server
from tests.understand.metrics.small_store import SmallStore

START = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)  # 11:00 in Shanghai, a Tuesday
MARCH = {"metrics": ["orders", "gmv"], "range": {"from": "2026-03-01", "to": "2026-03-31"}, "interval": "month"}


@pytest.mark.parametrize(
    ("rhythm", "zone", "after", "due"),
    [
        (SendingTime("daily", 8), "Asia/Shanghai", "2026-03-10T03:00:00", "2026-03-11T00:00:00"),
        (SendingTime("daily", 8), "Asia/Shanghai", "2026-03-09T23:59:59", "2026-03-10T00:00:00"),
        (SendingTime("daily", 8), "Asia/Shanghai", "2026-03-10T00:00:00", "2026-03-11T00:00:00"),
        (SendingTime("weekly", 9, weekday=0), "Europe/London", "2026-03-27T12:00:00", "2026-03-30T08:00:00"),
        (SendingTime("monthly", 7, day=31), "UTC", "2026-02-10T00:00:00", "2026-02-28T07:00:00"),
        (SendingTime("monthly", 7, day=31), "UTC", "2026-02-28T07:00:00", "2026-03-31T07:00:00"),
        (SendingTime("daily", 2), "America/New_York", "2026-03-08T06:00:00", "2026-03-08T07:00:00"),
        (SendingTime("daily", 1), "America/New_York", "2026-11-01T04:00:00", "2026-11-01T05:00:00"),
        (SendingTime("daily", 1), "America/New_York", "2026-11-01T05:00:00", "2026-11-02T06:00:00"),
    ],
)
def test_a_report_is_due_at_its_hour_of_the_shops_clock(rhythm: SendingTime, zone: str, after: str, due: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)

    assert rhythm.after(moment, zone) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


class Office:
    """A house with a mail server, two operators and a saved report."""

    def __init__(self, home: Any, box: Mailbox) -> None:
        self.house = House.open(Settings.load({"REGULARS_HOME": str(home), "REGULARS_SMTP_URL": box.url}))
        self.shell = Caller.system("shell", self.house.keyring)
        with self.house.records.unit() as uow:
            self.shop = shops.create(uow, self.shell, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
        store = SmallStore(self.shop)
        store.order("a", "ann", "2026-03-01 03:00", 9_000, items=[("green", "Tea", 3, 3_000)])
        store.load(self.house.warehouse)
        self.owner = owner(self.house.records, self.house.keyring)
        self.viewer = colleague(self.house.records, self.house.keyring, role="viewer")
        with self.house.records.unit() as uow:
            desk = Desk(self.house.warehouse, self.shop)
            self.report = shelf.save(uow, self.shell, desk, name="=March 三月", kind="metric", question=MARCH)

    def plan(self, *people: Any) -> str:
        with self.house.records.unit() as uow:
            made = schedules.plan(
                uow,
                self.shell,
                self.shop,
                self.house.home,
                report_id=self.report.report_id,
                rhythm=SendingTime("daily", 8),
                operator_ids=[one.operator_id for one in people],
            )
        return made.schedule_id

    def sent(self, schedule_id: str) -> list[tuple[str, str]]:
        with self.house.records.reading() as view:
            found = schedules.deliveries(view, "tea", schedule_id)
        return sorted((one.due_at.strftime("%d"), one.state) for one in found)

    def at(self, day: int, hour: int = 0, minute: int = 1) -> None:
        """Let the worker work at that time (UTC)."""
        with time_machine.travel(datetime(2026, 3, day, hour, minute, tzinfo=UTC), tick=False):
            self.house.work_off()


@pytest.fixture
def office(home: Any, box: Mailbox) -> Iterator[Office]:
    with time_machine.travel(START, tick=False):
        made = Office(home, box)
    yield made
    made.house.close()


def test_a_due_report_reaches_its_receivers_once(office: Office, box: Mailbox) -> None:
    with time_machine.travel(START, tick=False):
        plan = office.plan(office.owner, office.viewer)
    office.at(10, 23, 59)
    assert box.taken == []

    office.at(11)
    office.at(11, 0, 5)

    assert sorted(to for to, _ in box.taken) == ["lin@example.com", "mei@example.com"]
    assert office.sent(plan) == [("11", "sent"), ("11", "sent")]
    by_name = dict(box.taken)
    message = by_name["mei@example.com"]
    assert message["Subject"] == "=March 三月 · Tea House"
    assert "/reports/saved/" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [file] = list(message.iter_attachments())
    assert "2026-03-01,orders,1," in file.get_content()
    assert list(by_name["lin@example.com"].iter_attachments()) == []  # a viewer may not export

    office.at(12)
    office.at(12, 3)
    assert [state for _, state in office.sent(plan)] == ["sent"] * 4
    assert len(box.taken) == 4
    assert len({message["Message-ID"] for _, message in box.taken}) == 4


def test_a_server_that_slept_sends_once_and_goes_on(office: Office, box: Mailbox) -> None:
    with time_machine.travel(START, tick=False):
        plan = office.plan(office.owner)

    office.at(15, 5)
    assert office.sent(plan) == [("11", "sent")]
    with office.house.records.reading() as view:
        assert schedules.get(view, "tea", plan).next_at == datetime(2026, 3, 16, 0, 0, tzinfo=UTC)


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(office: Office, box: Mailbox) -> None:
    with time_machine.travel(START, tick=False):
        plan = office.plan(office.owner)
    box.moods = ["451 later"]
    office.at(11)
    assert office.sent(plan) == [("11", "planned")]
    office.at(11, 0, 12)
    assert office.sent(plan) == [("11", "sent")]

    box.moods = ["554 never"]
    office.at(12)
    office.at(12, 1)
    assert office.sent(plan) == [("11", "sent"), ("12", "failed")]
    assert len(box.taken) == 1


def test_what_broke_while_it_was_handed_over_is_doubtful_and_never_sent_again(office: Office, box: Mailbox) -> None:
    with time_machine.travel(START, tick=False):
        plan = office.plan(office.owner)
    box.moods = ["break"]
    office.at(11)
    office.at(11, 6)

    assert office.sent(plan) == [("11", "unknown")]
    assert len(box.taken) == 1


def test_a_worker_that_died_between_two_mails_leaves_one_doubtful_and_the_next_goes_out(office: Office, box: Mailbox) -> None:
    with time_machine.travel(START, tick=False):
        plan = office.plan(office.owner, office.viewer)
    due = datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
    with time_machine.travel(due + timedelta(minutes=1), tick=False):
        context = JobContext(
            "j",
            "tea",
            {"schedule_id": plan, "due_at": due.isoformat()},
            office.house.records,
            office.house.warehouse,
            office.house.home,
            "w",
        )
        with office.house.records.unit() as uow:
            assert sending._planned(uow, "tea", plan, due) is not None
            first = uow.value(select(report_delivery.c.operator_id).order_by(report_delivery.c.operator_id))
            uow.execute(update(report_delivery).where(report_delivery.c.operator_id == first).values(state="sending"))

        sending.deliver(context)
        sending.deliver(context)

    assert office.sent(plan) == [("11", "sent"), ("11", "unknown")]
    assert len(box.taken) == 1


def test_a_paused_schedule_rests_and_a_changed_one_keeps_its_new_hour(office: Office, box: Mailbox) -> None:
    with time_machine.travel(START, tick=False):
        plan = office.plan(office.owner)
        with office.house.records.unit() as uow:
            schedules.change(uow, office.shell, office.shop, plan, paused=True)
    office.at(12)
    assert box.taken == []

    with time_machine.travel(datetime(2026, 3, 12, 1, tzinfo=UTC), tick=False), office.house.records.unit() as uow:
        schedules.change(uow, office.shell, office.shop, plan, paused=False, rhythm=SendingTime("daily", 20))
    office.at(12, 11, 59)
    assert box.taken == []
    office.at(12, 12, 1)
    assert office.sent(plan) == [("12", "sent")]


def test_without_a_mail_server_nothing_is_planned(house: House, shop: Any) -> None:
    shell = Caller.system("shell", house.keyring)
    with house.records.unit() as uow:
        kept = shelf.save(uow, shell, Desk(house.warehouse, shop), name="March", kind="metric", question=MARCH)
    with pytest.raises(InvalidInput, match="no mail server"), house.records.unit() as uow:
        schedules.plan(
            uow, shell, shop, house.home, report_id=kept.report_id, rhythm=SendingTime("daily", 8), operator_ids=["operator_x"]
        )


def test_a_report_that_cannot_be_answered_says_why(office: Office, box: Mailbox) -> None:
    with time_machine.travel(START, tick=False), office.house.records.unit() as uow:
        kept = shelf.save(uow, office.shell, Desk(office.house.warehouse, office.shop), name="Reviews", kind="reviews", question={})
        plan = schedules.plan(
            uow,
            office.shell,
            office.shop,
            office.house.home,
            report_id=kept.report_id,
            rhythm=SendingTime("daily", 8),
            operator_ids=[office.owner.operator_id],
        ).schedule_id
    office.at(11)

    assert office.sent(plan) == [("11", "failed")]
    with office.house.records.reading() as view:
        assert "no reviews yet" in (schedules.deliveries(view, "tea", plan)[0].error or "")
