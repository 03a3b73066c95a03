"""What operators want of searches."""

from __future__ import annotations

from typing import Any

from regulars.console import parts
from regulars.console.forms import Dialog, long_field, sure, text_field
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.search import rules
from regulars.serve.search.rules import QueryBody, RuleState, SearchRule, SynonymsBody


def rules_shown(s: Screen, found: list[SearchRule]) -> None:
    """The rules, with buttons for who may change them."""
    if not found:
        parts.empty(
            "rule",
            s.t("No rules yet"),
            s.t("Say what means the same, or what a query shall show first, lower or not at all, or where it leads."),
        )
        return
    may = s.may("manage_reports")
    states: dict[RuleState, str] = {"active": s.t("Active"), "off": s.t("Off"), "proposed": s.t("Proposed")}

    def opened(i: int, action: str) -> Any:
        one = found[i]
        if action == "delete":
            return _delete(s, one)
        return s.act(lambda: _switch(s, one), lambda _: s.redraw(), permission="manage_reports")()

    columns = [
        Column(s.t("Rule"), width="long"),
        Column(s.t("State")),
        Column(s.t("Changed"), width="drop"),
        *([Column("", align="end"), Column("", align="end")] if may else []),
    ]
    listed = [
        Row(
            [
                Cell(_says(s, one)),
                Cell(states[one.state], badge=True, tone="good" if one.state == "active" else "warn"),
                Cell(s.day(one.changed_at)),
                *(
                    [
                        Cell(s.t("Switch off") if one.state == "active" else s.t("Switch on"), action="switch"),
                        Cell(s.t("Delete"), action="delete"),
                    ]
                    if may
                    else []
                ),
            ],
            key=one.rule_id,
        )
        for one in found
    ]
    with parts.card(flush=True):
        sheet(columns, listed, caption=s.t("Rules"), kind="cards", on_open=opened)


def _says(s: Screen, one: SearchRule) -> str:
    if one.synonyms is not None:
        return " = ".join(one.synonyms.words) + (f" → {', '.join(one.synonyms.also)}" if one.synonyms.also else "")
    assert one.query is not None
    body = one.query
    said = [
        (s.t("pins {what}"), list(body.pins)),
        (s.t("boosts {what}"), [*body.boost, *([body.boost_value] if body.boost_value else [])]),
        (s.t("buries {what}"), [*body.bury, *([body.bury_value] if body.bury_value else [])]),
        (s.t("hides {what}"), list(body.hide)),
        (s.t("leads to {what}"), [body.redirect] if body.redirect else []),
    ]
    wants = "; ".join(words.replace("{what}", ", ".join(what)) for words, what in said if what)
    return f"{', '.join(body.queries) or s.t('every query')}: {wants}"


def _switch(s: Screen, one: SearchRule) -> SearchRule:
    with s.records.unit() as uow:
        return rules.change(uow, s.caller, s.shop.shop_id, one.rule_id, state="off" if one.state == "active" else "active")


def _delete(s: Screen, one: SearchRule) -> None:
    def act() -> None:
        with s.records.unit() as uow:
            rules.remove(uow, s.caller, s.shop.shop_id, one.rule_id)

    sure(s, s.t("Delete this rule?"), s.t("It stays in the audit trail."), s.t("Delete"), act, done=lambda _: s.redraw())


def new_synonyms(s: Screen) -> None:
    """Ask for words that mean the same."""
    values: dict[str, Any] = {"words": ""}
    dialog = Dialog(s, s.t("New synonyms"))
    with dialog, parts.box("rg-form"):
        long_field(values, "words", s.t("Words or phrases that mean the same, one a line"))

    def keep() -> SearchRule:
        told = tuple(line.strip() for line in str(values["words"]).splitlines() if line.strip())
        with s.records.unit() as uow:
            return rules.make(uow, s.caller, s.shop.shop_id, SynonymsBody(words=told))

    def done(_: SearchRule) -> None:
        dialog.close()
        s.redraw()

    dialog.buttons(s.t("Keep"), s.act(keep, done, permission="manage_reports"))
    dialog.open()


def new_rule_of_queries(s: Screen) -> None:
    """Ask for what some queries show."""
    values: dict[str, Any] = dict.fromkeys(("queries", "pins", "boost", "bury", "hide", "redirect"), "")
    dialog = Dialog(s, s.t("New rule of queries"))
    with dialog, parts.box("rg-form"):
        long_field(values, "queries", s.t("Queries, one a line"), hint=s.t("None: it holds for every query"), lines=3)
        numbers = s.t("Product numbers with commas between them")
        text_field(values, "pins", s.t("Show first, in this order"), hint=numbers)
        text_field(values, "boost", s.t("Raise"), hint=numbers)
        text_field(values, "bury", s.t("Lower"), hint=numbers)
        text_field(values, "hide", s.t("Leave out"), hint=numbers)
        text_field(values, "redirect", s.t("Or lead to this address"))

    def several(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in str(values[name]).replace("，", ",").split(",") if part.strip())

    def keep() -> SearchRule:
        body = QueryBody(
            queries=tuple(line.strip() for line in str(values["queries"]).splitlines() if line.strip()),
            pins={product_id: place for place, product_id in enumerate(dict.fromkeys(several("pins")), 1)},
            boost=several("boost"),
            bury=several("bury"),
            hide=several("hide"),
            redirect=str(values["redirect"]).strip() or None,
        )
        with s.records.unit() as uow:
            return rules.make(uow, s.caller, s.shop.shop_id, body)

    def done(_: SearchRule) -> None:
        dialog.close()
        s.redraw()

    dialog.buttons(s.t("Keep"), s.act(keep, done, permission="manage_reports"))
    dialog.open()
