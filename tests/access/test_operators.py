"""Operators: they join by a link that opens once, and lose their rights at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from regulars.access import Caller, Keyring, Role, audit, links, operators, sessions, shops
from regulars.access.tables import one_time_link, operator
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound
from regulars.records import Records
from regulars.values import clock
from tests.access.people import PASSWORD, colleague, owner


def test_the_first_link_makes_an_owner_and_then_none_is_offered(any_records: Records, keyring: Keyring) -> None:
    first = owner(any_records, keyring)

    assert (first.role, first.email, first.name, first.shop_ids) == (Role.OWNER, "mei@example.com", "Mei", None)
    with any_records.unit() as uow:
        assert operators.first_owner_link(uow) is None


def test_only_the_latest_printed_link_opens(records: Records, keyring: Keyring) -> None:
    with records.unit() as uow:
        earlier = operators.first_owner_link(uow)
    with records.unit() as uow:
        later = operators.first_owner_link(uow)

    with records.unit() as uow:
        with pytest.raises(NotFound):
            links.find(uow, earlier or "")
        assert links.find(uow, later or "").purpose == "first_owner"


def test_looking_at_a_link_does_not_use_it_up_but_joining_does(records: Records, keyring: Keyring) -> None:
    with records.unit() as uow:
        token = operators.first_owner_link(uow) or ""
        links.find(uow, token)
        links.find(uow, token)
        operators.accept_link(uow, keyring, token, name="Mei", email="mei@example.com", password=PASSWORD)

    with records.unit() as uow, pytest.raises(NotFound) as gone:
        operators.accept_link(uow, keyring, token, name="Eve", email="eve@example.com", password=PASSWORD)
    assert gone.value.code == "link_gone"


def test_a_weak_password_leaves_the_link_open(records: Records, keyring: Keyring) -> None:
    with records.unit() as uow:
        token = operators.first_owner_link(uow) or ""
        with pytest.raises(InvalidInput):
            operators.accept_link(uow, keyring, token, name="Mei", email="mei@example.com", password="password1234")
        operators.accept_link(uow, keyring, token, name="Mei", email="mei@example.com", password=PASSWORD)


def test_an_invitation_is_for_one_address_one_role_and_seven_days(records: Records, keyring: Keyring, shell: Caller) -> None:
    with records.unit() as uow:
        shops.create(uow, shell, shop_id="tea", name="Tea", timezone="UTC", currency="CNY")
        link = operators.invite(uow, shell, email=" Lin@Example.com ", role="analyst", shop_ids=["tea"])
        waiting = operators.invitations(uow, shell)
        joined = operators.accept_link(uow, keyring, link.token, name="Lin", email="somebody@else.com", password=PASSWORD)

    assert [(each.email, each.role) for each in waiting] == [("lin@example.com", Role.ANALYST)]
    assert (joined.email, joined.role, joined.shop_ids) == ("lin@example.com", Role.ANALYST, ("tea",))


def test_a_link_that_is_too_old_opens_nothing(records: Records, keyring: Keyring, shell: Caller) -> None:
    with records.unit() as uow:
        link = operators.invite(uow, shell, email="lin@example.com", role="viewer")

    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1)), records.unit() as uow, pytest.raises(NotFound):
        operators.accept_link(uow, keyring, link.token, name="Lin", password=PASSWORD)


def test_a_withdrawn_invitation_opens_nothing(records: Records, keyring: Keyring, shell: Caller) -> None:
    with records.unit() as uow:
        link = operators.invite(uow, shell, email="lin@example.com", role="viewer")
        operators.withdraw_invitation(uow, shell, link.link_id)

        with pytest.raises(NotFound):
            links.find(uow, link.token)


def test_two_operators_cannot_share_an_address(any_records: Records, keyring: Keyring, shell: Caller) -> None:
    with any_records.unit() as uow:
        first = operators.invite(uow, shell, email="lin@example.com", role="viewer")
        second = operators.invite(uow, shell, email="LIN@example.com", role="viewer")
        operators.accept_link(uow, keyring, first.token, name="Lin", password=PASSWORD)

        with pytest.raises(Conflict):
            operators.accept_link(uow, keyring, second.token, name="Lin", password=PASSWORD)
        with pytest.raises(Conflict):
            operators.invite(uow, shell, email="lin@example.com", role="viewer")


@pytest.mark.parametrize("email", ["", "lin", "lin@", "@x", "a b@c.d", "a@b\n.c", "x" * 65 + "@y.z"])
def test_what_is_no_address_is_refused(records: Records, shell: Caller, email: str) -> None:
    with records.unit() as uow, pytest.raises(InvalidInput):
        operators.invite(uow, shell, email=email, role="viewer")


def test_an_owner_is_not_limited_to_shops(records: Records, shell: Caller) -> None:
    with records.unit() as uow, pytest.raises(InvalidInput):
        operators.invite(uow, shell, email="lin@example.com", role="owner", shop_ids=["tea"])


def test_a_changed_role_ends_every_session(records: Records, keyring: Keyring, shell: Caller) -> None:
    lin = colleague(records, keyring, role="marketer")
    with records.unit() as uow:
        begun = sessions.begin(uow, lin.operator_id, second_factor=False)

    with records.unit() as uow:
        operators.change_role(uow, shell, lin.operator_id, role="viewer")

    with records.reading() as uow:
        assert sessions.recognise(uow, begun.token, keyring) is None
        newest = audit.entries(uow)[0]
    assert (newest.action, newest.before["role"], newest.after["role"]) == ("operator.role_changed", "marketer", "viewer")


def test_a_disabled_operator_is_out_at_once_and_can_come_back(records: Records, keyring: Keyring, shell: Caller) -> None:
    lin = colleague(records, keyring, role="marketer")
    with records.unit() as uow:
        begun = sessions.begin(uow, lin.operator_id, second_factor=False)
        link = operators.new_password_link(uow, shell, lin.operator_id)

    with records.unit() as uow:
        assert operators.disable(uow, shell, lin.operator_id).disabled_at is not None

    with records.unit() as uow:
        assert sessions.recognise(uow, begun.token, keyring) is None
        with pytest.raises(NotFound):
            links.find(uow, link.token)
        assert operators.enable(uow, shell, lin.operator_id).disabled_at is None
        assert sessions.recognise(uow, begun.token, keyring) is None


def test_the_last_owner_can_neither_go_nor_become_less(any_records: Records, keyring: Keyring, shell: Caller) -> None:
    mei = owner(any_records, keyring)

    with any_records.unit() as uow:
        with pytest.raises(Conflict):
            operators.disable(uow, shell, mei.operator_id)
        with pytest.raises(Conflict):
            operators.change_role(uow, shell, mei.operator_id, role="analyst")
    second = colleague(any_records, keyring, role="owner")
    with any_records.unit() as uow:
        operators.disable(uow, shell, mei.operator_id)
        with pytest.raises(Conflict):
            operators.disable(uow, shell, second.operator_id)


def test_a_forgotten_password_is_set_by_a_link_and_ends_sessions(records: Records, keyring: Keyring, shell: Caller) -> None:
    lin = colleague(records, keyring, role="viewer")
    with records.unit() as uow:
        begun = sessions.begin(uow, lin.operator_id, second_factor=False)
        first = operators.new_password_link(uow, shell, lin.operator_id)
        second = operators.new_password_link(uow, shell, lin.operator_id)

    with records.unit() as uow:
        with pytest.raises(NotFound):
            links.find(uow, first.token)
        operators.accept_link(uow, keyring, second.token, password="seven other garden words")
        assert sessions.recognise(uow, begun.token, keyring) is None


def test_changing_ones_password_ends_the_other_sessions(records: Records, keyring: Keyring) -> None:
    mei = owner(records, keyring)
    with records.unit() as uow:
        here = sessions.begin(uow, mei.operator_id, second_factor=False)
        there = sessions.begin(uow, mei.operator_id, second_factor=False)
        me = sessions.recognise(uow, here.token, keyring)
    assert me is not None

    with pytest.raises(NotAllowed):
        operators.change_password(records, me.caller, old="not my password", new="seven other garden words")
    operators.change_password(records, me.caller, old=PASSWORD, new="seven other garden words")

    with records.reading() as uow:
        assert sessions.recognise(uow, here.token, keyring) is not None
        assert sessions.recognise(uow, there.token, keyring) is None


def test_names_addresses_and_tokens_are_not_readable_in_the_store(records: Records, keyring: Keyring, shell: Caller) -> None:
    mei = owner(records, keyring, email="mei.unusual@example.com", name="Mei Unusual")
    with records.unit() as uow:
        begun = sessions.begin(uow, mei.operator_id, second_factor=False)
        link = operators.invite(uow, shell, email="lin.unusual@example.com", role="viewer")

    assert records.path is not None
    stored = b"".join(path.read_bytes() for path in records.path.parent.glob("records.sqlite*"))
    assert mei.operator_id.encode() in stored
    for secret in ("unusual", "Unusual", begun.token, link.token, PASSWORD):
        assert secret.encode() not in stored


def test_only_an_owner_manages_operators(records: Records, keyring: Keyring) -> None:
    lin = colleague(records, keyring, role="marketer")
    with records.unit() as uow:
        begun = sessions.begin(uow, lin.operator_id, second_factor=False)
        me = sessions.recognise(uow, begun.token, keyring)
        assert me is not None
        for act in (
            lambda: operators.list_all(uow, me.caller),
            lambda: operators.invite(uow, me.caller, email="a@b.c", role="owner"),
            lambda: operators.change_role(uow, me.caller, lin.operator_id, role="owner"),
            lambda: operators.new_password_link(uow, me.caller, lin.operator_id),
            lambda: operators.disable(uow, me.caller, lin.operator_id),
        ):
            with pytest.raises(NotAllowed):
                act()

    with records.reading() as uow:
        assert [row["role"] for row in uow.rows(select(operator.c.role))] == ["marketer"]
        assert len(uow.rows(select(one_time_link.c.link_id))) == 1
