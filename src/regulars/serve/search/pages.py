"""Search: try it under two settings, see what shoppers search for, and say what they shall find."""

from __future__ import annotations

from typing import Any

from regulars.console import parts, screen, shell
from regulars.console.forms import Dialog, long_field, sure, text_field
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.search import analytics, lab, rules, service
from regulars.serve.search.analytics import SearchAnalytics, View
from regulars.serve.search.lab import LabAnswer
from regulars.serve.search.rules import QueryBody, RuleState, SearchRule, SynonymsBody
from regulars.serve.search.service import Options, SearchAnswer

_TABS = ("try", "asked", "rules")
_VIEWS: tuple[View, ...] = ("top", "without_result", "without_click", "exits")
_WITHOUT: dict[str, Options] = {
    "all": Options(spelling=False, synonyms=False, rules=False),
    "rules": Options(rules=False),
    "synonyms": Options(synonyms=False),
    "spelling": Options(spelling=False),
}
_SHOWN = 10


@screen("/search", permission="read_reports", nav="Search of products", icon="manage_search", order=80, group="Act")
def search_page(s: Screen) -> None:
    """What shoppers find, and what they look for in vain."""
    tab = s.choice("tab", _TABS, "try")
    tools = shell.head(s, s.t("Search of products"), s.t("What shoppers find in your catalogue, and what they search for in vain."))
    with tools:
        words = {"try": s.t("Try it"), "asked": s.t("What is searched for"), "rules": s.t("Rules")}
        parts.segmented(s.t("View"), list(words.items()), tab, lambda value: s.go(tab=value, view=None))
        if tab == "try":
            parts.button(s.t("Put it on the shop"), href=s.url("/storefront", piece="search"), icon="storefront")
        if tab == "rules" and s.may("manage_reports"):
            parts.button(s.t("New synonyms"), lambda: _synonyms(s), icon="add")
            parts.button(s.t("New rule of queries"), lambda: _query(s), icon="add", kind="primary")
    match tab:
        case "asked":
            view = s.choice("view", _VIEWS, "top")
            s.load(lambda: analytics.analytics(s.warehouse, s.shop, view=_view(view)), lambda found: _asked(s, found, view))
        case "rules":
            with s.records.reading() as uow:
                found = rules.listing(uow, s.shop.shop_id)
            _rules(s, found)
        case _:
            _try(s)


def _try(s: Screen) -> None:
    without = s.choice("without", tuple(_WITHOUT), "all")
    names = {
        "all": s.t("Without spelling, synonyms and rules"),
        "rules": s.t("Without rules"),
        "synonyms": s.t("Without synonyms"),
        "spelling": s.t("Without mended spelling"),
    }
    with parts.box("rg-filters"):
        parts.search(s.t("What a shopper types"), s.query.get("q", ""), lambda value: s.go(q=value or None))
        parts.select(s.t("Compared with"), list(names.items()), without, lambda value: s.go(without=value))

    def ask(options: Options) -> SearchAnswer:
        return service.search(s.records, s.warehouse, s.home, s.shop, s.query.get("q", ""), size=_SHOWN, options=options)

    def both() -> tuple[SearchAnswer, SearchAnswer, LabAnswer]:
        right = _WITHOUT[without]
        judged = lab.compare(s.records, s.warehouse, s.home, s.shop, Options(), right)
        return ask(Options()), ask(right), judged

    s.load(both, lambda found: _compared(s, names[without], *found), skeleton="page")


def _compared(s: Screen, name: str, left: SearchAnswer, right: SearchAnswer, judged: LabAnswer) -> None:
    if judged.left is not None and judged.right is not None:
        with parts.box("rg-tiles"):
            note = s.t("mean of 1/place over {n} clicks of 30 days", n=s.count(judged.clicks))
            parts.tile(s.t("As it is"), f"{judged.left:.3f}", notes=[("", note, "", "")])
            parts.tile(name, f"{judged.right:.3f}", notes=[("", note, "", "")])
    with parts.box("rg-grid"):
        for title, answer in ((s.t("As it is"), left), (name, right)):
            with parts.card(title, _how(s, answer), flush=True, classes="w-6"):
                _products(s, title, answer)


def _how(s: Screen, answer: SearchAnswer) -> str:
    said = [s.plural(answer.total, "{n} product", "{n} products")]
    if answer.redirect:
        said.append(s.t("leads to {address}", address=answer.redirect))
    if answer.corrected:
        said.append(s.t("read as “{query}”", query=answer.corrected))
    if answer.rescue == "relaxed":
        said.append(s.t("no product holds all of the words"))
    if answer.rescue == "related":
        said.append(s.t("nothing fits; these are the newest in stock"))
    return " · ".join(said)


def _products(s: Screen, caption: str, answer: SearchAnswer) -> None:
    if not answer.products:
        parts.empty(
            "search_off",
            s.t("No products"),
            s.t("Load products or tell of them over the API, then search here."),
            action=s.t("Load data"),
            href=s.url("/data"),
        )
        return
    columns = [
        Column("#", align="end", width="drop"),
        Column(s.t("Product"), width="long"),
        Column(s.t("Price"), align="end"),
        Column(s.t("Stock")),
    ]
    listed = [
        Row(
            [
                Cell(str(hit.position)),
                Cell(hit.name or hit.product_id, sub=" · ".join(part for part in (hit.brand, hit.category) if part)),
                Cell("–" if hit.price is None else s.money(hit.price)),
                Cell(s.t("Pinned"), badge=True, tone="info")
                if hit.pinned
                else Cell(
                    s.t("In stock now") if hit.in_stock else s.t("Sold out"), badge=True, tone="good" if hit.in_stock else "warn"
                ),
            ]
        )
        for hit in answer.products
    ]
    sheet(columns, listed, caption=caption, kind="cards")


def _view(value: str) -> View:
    return next(one for one in _VIEWS if one == value)


def _asked(s: Screen, found: SearchAnalytics, view: str) -> None:
    words = {
        "top": s.t("Most asked"),
        "without_result": s.t("Without result"),
        "without_click": s.t("Without a click"),
        "exits": s.t("Then left"),
    }
    with parts.box("rg-filters"):
        parts.segmented(s.t("Which queries"), list(words.items()), view, lambda value: s.go(view=value))
    if not found.searches:
        parts.empty(
            "manage_search",
            s.t("No searches in the last 30 days"),
            s.t(
                "The page tracker and your programs tell them as Products Searched, with the words and how many products were found."
            ),
        )
        return
    with parts.box("rg-tiles"):
        parts.tile(s.t("Searches"), s.short(found.searches), exact=s.count(found.searches))
        parts.tile(s.t("With a click"), s.share(found.click_share))
        parts.tile(s.t("Without result"), s.share(found.without_result_share))
        parts.tile(s.t("Then left"), s.share(found.exit_share))
    columns = [
        Column(s.t("Words searched for"), width="long"),
        Column(s.t("Searches"), align="end"),
        Column(s.t("Customers"), align="end"),
        Column(s.t("Without result"), align="end"),
        Column(s.t("With a click"), align="end", hint=s.t("A product was clicked within half an hour")),
        Column(s.t("Then left"), align="end", hint=s.t("Nothing followed within half an hour")),
    ]
    listed = [
        Row(
            [
                Cell(one.query, href=s.url(tab="try", q=one.query, view=None)),
                *(Cell(s.count(value)) for value in (one.searches, one.customers, one.without_result, one.clicks, one.exits)),
            ]
        )
        for one in found.rows
    ]
    with parts.card(flush=True):
        sheet(columns, listed, caption=s.t("What is searched for"), kind="cards")


def _rules(s: Screen, found: list[SearchRule]) -> None:
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


def _synonyms(s: Screen) -> None:
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


def _query(s: Screen) -> None:
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
