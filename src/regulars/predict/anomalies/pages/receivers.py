"""Who is told of alarms: operators by e-mail and addresses by webhook, added and removed."""

from __future__ import annotations

from typing import Any

from regulars.access import operators
from regulars.access.domain import Caller
from regulars.console import forms, parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.predict.anomalies import service
from regulars.predict.anomalies.pages.words import LEVEL_TONES, LEVEL_WORDS
from regulars.predict.anomalies.receivers import LEVELS, NewReceiver, Receiver

_ADDRESS = "https://chat.example.com/hooks/alarms"


@screen("/alarm-receivers", permission="manage_reports", title="Who is told", parent="/anomalies")
def receivers_page(s: Screen) -> None:
    """Everybody who is told, and a form for one more."""
    shell.head(
        s,
        s.t("Who is told"),
        s.t("New alarms go out as soon as they are found: one e-mail with all of them, or one signed webhook each."),
        back=(s.t("Alarms"), s.url("/anomalies")),
    )
    with s.records.reading() as uow:
        found = service.receivers.listing(uow, s.shop.shop_id)
        everybody = operators.list_all(uow, Caller.system("console", s.house.keyring))
    people = {
        one.operator_id: one.name
        for one in everybody
        if one.disabled_at is None and (one.shop_ids is None or s.shop.shop_id in one.shop_ids)
    }
    if found:
        _table(s, found, people)
    else:
        with parts.card():
            parts.empty(
                "notifications_none", s.t("Nobody is told yet"), s.t("Alarms are on this page only, until somebody is told.")
            )
    told = {one.operator_id for one in found}
    _more(s, {key: name for key, name in people.items() if key not in told})


def _table(s: Screen, found: list[Receiver], people: dict[str, str]) -> None:
    columns = [Column(s.t("To")), Column(s.t("From level")), Column(s.t("State"), width="long"), Column("")]
    rows = []
    for one in found:
        mail = one.kind == "mail"
        state = (
            s.t("not told: {error}", error=one.error)
            if one.error
            else s.t("last told {day}", day=s.day(one.told_at))
            if one.told_at
            else s.t("nothing to tell yet")
        )
        rows.append(
            Row(
                [
                    Cell(
                        people.get(one.operator_id or "", one.operator_id or "") if mail else one.url or "",
                        sub=s.t("E-mail") if mail else s.t("Webhook"),
                    ),
                    Cell(s.t(LEVEL_WORDS[one.least_level]), badge=True, tone=LEVEL_TONES[one.least_level]),
                    Cell(state),
                    Cell(s.t("Remove"), action="remove"),
                ]
            )
        )
    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Who is told"), kind="cards", on_open=lambda index, _: _removed(s, found[index]))


def _removed(s: Screen, one: Receiver) -> Any:
    def remove() -> None:
        with s.records.unit() as uow:
            service.receivers.remove(uow, s.caller, s.shop.shop_id, one.receiver_id)

    return s.act(remove, lambda _: s.redraw(), permission="manage_reports")()


def _more(s: Screen, people: dict[str, str]) -> None:
    values: forms.Values = {"to": next(iter(people), ""), "level": "yellow", "url": ""}

    def add(**whom: Any) -> Any:
        def make() -> NewReceiver:
            given = {name: str(values[field]) for name, field in whom.items()}
            with s.records.unit() as uow:
                return service.receivers.add(uow, s.caller, s.shop.shop_id, s.home, least_level=str(values["level"]), **given)

        return make

    def added(made: NewReceiver) -> None:
        s.redraw()
        if made.secret is not None:
            words = s.t("Deliveries are signed with it as Standard Webhooks says.")
            forms.secret_shown(s, s.t("The secret, shown this once"), words, made.secret)

    with parts.card(s.t("Tell somebody")), parts.box("rg-stack"):
        with parts.box("rg-form"):
            forms.choice_field(values, "level", s.t("From level"), [(one, s.t(LEVEL_WORDS[one])) for one in LEVELS])
            if people:
                forms.choice_field(values, "to", s.t("Operator"), list(people.items()))
            forms.text_field(values, "url", s.t("Address"), most=2000, placeholder=_ADDRESS)
        with parts.box("rg-row"):
            if people:
                parts.button(s.t("Tell by e-mail"), s.act(add(operator_id="to"), added, permission="manage_reports"), icon="mail")
            parts.button(s.t("Tell by webhook"), s.act(add(url="url"), added, permission="manage_reports"), icon="webhook")
