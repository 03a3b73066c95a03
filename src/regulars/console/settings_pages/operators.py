"""Operators: who may sign in and as what, and the invitations that are open."""

from __future__ import annotations

from typing import Any

from regulars.access import operators, second_factor
from regulars.access.domain import Role
from regulars.access.links import NewLink
from regulars.access.operators import Invitation, Operator
from regulars.console import forms, parts, shell
from regulars.console.registry import screen
from regulars.console.settings_pages.tabs import tabs
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen

_ROLE_WORDS = {
    Role.OWNER: "Everything, including people, keys and settings.",
    Role.ANALYST: "Reads reports and customers, loads and exports data.",
    Role.MARKETER: "As analyst, and keeps segments.",
    Role.SUPPORT: "Reads reports and customers, and sees names and contacts.",
    Role.VIEWER: "Reads reports only.",
}


@screen("/settings/operators", permission="manage_operators", title="Operators", parent="/settings/shop")
def operators_page(s: Screen) -> None:
    """Who may sign in, and as what."""
    tools = shell.head(s, s.t("Settings"))
    tabs(s)
    with tools:
        parts.button(s.t("Invite"), lambda: _invite(s), icon="person_add", kind="primary")

    def ask() -> tuple[list[Operator], list[Invitation]]:
        with s.records.reading() as uow:
            return operators.list_all(uow, s.caller), operators.invitations(uow, s.caller)

    s.load(ask, lambda found: _operators(s, *found))


def _operators(s: Screen, people: list[Operator], invited: list[Invitation]) -> None:
    columns = [
        Column(s.t("Name")),
        Column(s.t("E-mail")),
        Column(s.t("Role")),
        Column(s.t("Shops"), width="drop"),
        Column(s.t("Second step")),
        Column(s.t("Last sign-in"), align="end"),
        Column("", align="end"),
    ]
    names = {shop.shop_id: shop.name for shop in s.shops}
    rows = []
    for person in people:
        state = s.t("disabled") if person.disabled_at else ""
        seen = (
            ", ".join(names.get(shop_id, shop_id) for shop_id in person.shop_ids)
            if person.shop_ids is not None
            else s.t("Every shop")
        )
        rows.append(
            Row(
                [
                    Cell(person.name, sub=state, tone="faint" if person.disabled_at else ""),
                    Cell(person.email),
                    Cell(s.word("role", str(person.role)), hint=s.t(_ROLE_WORDS[person.role])),
                    Cell(seen),
                    Cell(
                        s.t("On") if person.second_factor else s.t("Off"), badge=True, tone="good" if person.second_factor else ""
                    ),
                    Cell(s.instant(person.signed_in_at)),
                    Cell(s.t("Edit"), action="change"),
                ],
                key=person.operator_id,
            )
        )
    with parts.card(s.t("Operators"), flush=True):
        sheet(columns, rows, caption=s.t("Operators"), kind="cards", on_open=lambda index, _: _change_operator(s, people[index]))
    if invited:
        columns = [Column(s.t("E-mail")), Column(s.t("Role")), Column(s.t("Open until"), align="end"), Column("", align="end")]
        rows = [
            Row(
                [
                    Cell(one.email),
                    Cell(s.word("role", str(one.role))),
                    Cell(s.instant(one.expires_at)),
                    Cell(s.t("Withdraw"), action="withdraw"),
                ],
                key=one.link_id,
            )
            for one in invited
        ]
        with parts.card(s.t("Open invitations"), flush=True):
            sheet(
                columns, rows, caption=s.t("Open invitations"), kind="cards", on_open=lambda index, _: _withdraw(s, invited[index])
            )


def _roles(s: Screen) -> list[tuple[str, str]]:
    return [(role.value, s.word("role", role.value)) for role in Role]


def _shop_choices(s: Screen, values: forms.Values) -> None:
    if len(s.shops) > 1:
        forms.choice_field(
            values, "shop", s.t("Shops"), [("", s.t("Every shop")), *((shop.shop_id, shop.name) for shop in s.shops)]
        )


def _invite(s: Screen) -> None:
    values: forms.Values = {"email": "", "role": Role.ANALYST.value, "shop": ""}
    dialog = forms.Dialog(s, s.t("Invite an operator"))
    with dialog:
        forms.text_field(values, "email", s.t("E-mail"), kind="email")
        forms.choice_field(values, "role", s.t("Role"), _roles(s))
        for role in Role:
            parts.text(f"{s.word('role', role.value)}: {s.t(_ROLE_WORDS[role])}", "rg-small rg-faint", "p")
        _shop_choices(s, values)

    def make() -> str:
        with s.records.unit() as uow:
            return operators.invite(
                uow, s.caller, email=values["email"], role=values["role"], shop_ids=[values["shop"]] if values["shop"] else None
            ).token

    def told(token: str) -> None:
        dialog.close()
        _tell_link(s, s.t("Invitation"), token)
        s.redraw()

    dialog.buttons(s.t("Make the invitation"), s.act(make, told, permission="manage_operators"))
    dialog.open()


def _tell_link(s: Screen, title: str, token: str) -> None:
    address = f"{s.base_url}/welcome/{token}"
    forms.secret_shown(s, title, s.t("Send this address to the person yourself. It opens once, and is shown only now."), address)


def _change_operator(s: Screen, person: Operator) -> None:
    values: forms.Values = {"role": person.role.value, "shop": person.shop_ids[0] if person.shop_ids else ""}
    dialog = forms.Dialog(s, person.name, wide=True)

    def told(link: NewLink) -> None:
        dialog.close()
        _tell_link(s, s.t("New password"), link.token)

    with dialog:
        forms.choice_field(values, "role", s.t("Role"), _roles(s))
        _shop_choices(s, values)
        parts.text(s.t("With another role the person is signed out everywhere and signs in again."), "rg-small rg-faint", "p")
        with parts.box("rg-row"):
            parts.button(
                s.t("Link for a new password"),
                s.act(
                    lambda: _unit(s, operators.new_password_link, person.operator_id),
                    told,
                ),
                icon="key",
            )
            if person.second_factor:
                parts.button(
                    s.t("Remove the second step"),
                    s.act(lambda: _unit(s, second_factor.remove, person.operator_id), dialog.done),
                    icon="phonelink_erase",
                )
            if person.disabled_at is None:
                parts.button(
                    s.t("Disable"),
                    s.act(lambda: _unit(s, operators.disable, person.operator_id), dialog.done),
                    icon="block",
                    kind="danger",
                )
            else:
                parts.button(
                    s.t("Enable"),
                    s.act(lambda: _unit(s, operators.enable, person.operator_id), dialog.done),
                    icon="check",
                )

    def save() -> Operator:
        with s.records.unit() as uow:
            return operators.change_role(
                uow, s.caller, person.operator_id, role=values["role"], shop_ids=[values["shop"]] if values["shop"] else None
            )

    dialog.buttons(s.t("Save"), s.act(save, dialog.done, permission="manage_operators"))
    dialog.open()


def _unit(s: Screen, verb: Any, subject: str) -> Any:
    """One verb about one operator in its own transaction."""
    with s.records.unit() as uow:
        return verb(uow, s.caller, subject)


def _withdraw(s: Screen, invitation: Invitation) -> None:
    def action() -> None:
        with s.records.unit() as uow:
            operators.withdraw_invitation(uow, s.caller, invitation.link_id)

    forms.sure(
        s,
        s.t("Withdraw the invitation?"),
        s.t("The link sent to {email} will not open any more.", email=invitation.email),
        s.t("Withdraw"),
        action,
        done=lambda _: s.redraw(),
    )
