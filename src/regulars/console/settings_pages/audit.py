"""The audit trail: who did what to what, before and after, and whether the trail is whole."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from nicegui import ui

from regulars.access import audit, operators
from regulars.access.audit import AuditEntry, AuditVerdict
from regulars.access.domain import EVERY_SHOP
from regulars.console import parts, shell
from regulars.console.registry import screen
from regulars.console.settings_pages.tabs import WEEKDAY_WORDS, shop_name, tabs
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.shell import LANGUAGE_NAMES
from regulars.console.view import Screen

_PAGE = 50


@screen("/settings/audit", permission="read_audit", title="Audit trail", parent="/settings/shop")
def audit_page(s: Screen) -> None:
    """Who did what to what, before and after."""
    tools = shell.head(s, s.t("Settings"))
    tabs(s)
    verdict = parts.box()
    with tools:
        parts.button(
            s.t("Verify the trail"),
            s.act(lambda: _verify(s), lambda found: _verdict(s, verdict, found), permission="read_audit"),
            icon="verified_user",
        )
    areas = ("", "shop.", "operator.", "session.", "second_factor.", "api_key.", "person.", "load.", "customer.")
    area = s.choice("area", areas)
    with parts.box("rg-filters"):
        parts.select(
            s.t("Kind of act"),
            [(value, s.word("audit area", value.rstrip(".")) if value else s.t("Every kind of act")) for value in areas],
            area,
            lambda value: s.go(area=value or None, before=None),
        )
    before = s.number("before", 0)

    def ask() -> tuple[list[AuditEntry], dict[str, str]]:
        seen = None if s.caller.shop_ids is None else [*s.caller.shop_ids, EVERY_SHOP]
        with s.records.reading() as uow:
            people = operators.list_all(uow, s.caller) if s.may("manage_operators") else []
            found = audit.entries(uow, shop_ids=seen, before_sequence=before or None, action=area, limit=_PAGE + 1)
            return found, {person.operator_id: person.name for person in people}

    s.load(ask, lambda answer: _entries(s, *answer, before), skeleton="table")


def _verify(s: Screen) -> AuditVerdict:
    with s.records.reading() as uow:
        return audit.verify(uow, s.house.keyring)


def _verdict(s: Screen, place: ui.element, found: AuditVerdict) -> None:
    place.clear()
    with place:
        if found.ok:
            parts.notice(
                s.plural(
                    found.entries,
                    "The trail is whole: {n} entry, none changed, moved or missing.",
                    "The trail is whole: {n} entries, none changed, moved or missing.",
                ),
                tone="good",
            )
        else:
            parts.notice(
                s.t("The trail was tampered with at entry {n}.", n=s.count(found.damaged_sequence)),
                s.t("Compare with a backup, and find out who has access to the database."),
                tone="bad",
            )


def _entries(s: Screen, found: list[AuditEntry], names: dict[str, str], before: int) -> None:
    shown = found[:_PAGE]
    columns = [
        Column(s.t("No."), align="end", width="drop"),
        Column(s.t("When"), align="nowrap"),
        Column(s.t("Who"), align="nowrap"),
        Column(s.t("What"), align="nowrap"),
        Column(s.t("To what"), width="drop"),
        Column(s.t("Change"), width="long"),
    ]
    rows = [
        Row(
            [
                Cell(s.count(entry.sequence), tone="faint"),
                Cell(s.instant(entry.at)),
                _who(s, entry, names),
                Cell(s.word("audit", entry.action)),
                Cell(names.get(entry.subject) or shop_name(s, entry.subject), tone="faint", hint=entry.subject),
                Cell(_change_words(s, entry)),
            ],
            key=str(entry.sequence),
        )
        for entry in shown
    ]
    with parts.card(flush=True) as card:
        if rows:
            sheet(columns, rows, caption=s.t("Audit trail"), kind="cards")
        else:
            parts.empty("history", s.t("Nothing noted yet"), s.t("Every change by a person or a program is noted here."))
    if not before and len(found) <= _PAGE:
        return
    with card.foot(), parts.box("rg-pager"):
        if before:
            parts.button(s.t("First page"), lambda: s.go(before=None), icon="first_page", kind="quiet")
        if len(found) > _PAGE:
            parts.button(s.t("Next page"), lambda: s.go(before=shown[-1].sequence), icon="chevron_right", kind="quiet")


def _who(s: Screen, entry: AuditEntry, names: dict[str, str]) -> Cell:
    kind = s.word("caller", entry.caller_kind)
    if entry.caller_id == s.caller.id:
        return Cell(s.caller.name or kind, sub=s.t("you"))
    name = names.get(entry.caller_id)
    return Cell(name, sub=kind) if name else Cell(kind, sub=entry.caller_id)


def _change_words(s: Screen, entry: AuditEntry) -> str:
    """What changed, name by name; a value that was not there is left out, and so are ids that only programs read."""
    before = entry.before if isinstance(entry.before, dict) else {}
    after = entry.after if isinstance(entry.after, dict) else {}
    lines = []
    for name in dict.fromkeys((*before, *after)):
        if name.endswith(("link_id", "key_id")):
            continue
        label = s.word("setting", name)
        if name in before and name in after:
            lines.append(f"{label}: {_spoken(s, name, before[name])} → {_spoken(s, name, after[name])}")
        else:
            lines.append(f"{label}: {_spoken(s, name, after.get(name, before.get(name)))}")
    return "; ".join(lines)


def _spoken(s: Screen, name: str, value: Any) -> str:
    """A noted value as the settings pages say it."""
    match name, value:
        case "shop_ids", None:
            return s.t("Every shop")
        case "role", str():
            return s.word("role", value)
        case "language", str():
            return LANGUAGE_NAMES.get(value, value)
        case "week_start", int():
            return s.t(WEEKDAY_WORDS[value % 7])
        case (("dormant_after_days" | "churned_after_days"), None):
            return s.t("By the shop's rhythm")
        case "scopes", list():
            return ", ".join(s.word("permission", str(scope)) for scope in value)
        case (("shop_ids" | "customers"), list()):
            return ", ".join(shop_name(s, str(one)) for one in value)
        case "shop_id", str():
            return s.t("Every shop") if value == EVERY_SHOP else shop_name(s, value)
        case _, str() if name.endswith(("_at", "_until")):
            return s.instant(datetime.fromisoformat(value))
        case _, bool():
            return s.t("Yes") if value else s.t("No")
        case _, None:
            return "–"
        case _, str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
