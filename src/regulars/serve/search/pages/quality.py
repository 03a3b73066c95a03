"""How good the search is: figures of two settings by clicks or judgements, the judgements themselves, and the order learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from nicegui import ui

from regulars.console import parts
from regulars.console.drop import drop_zone
from regulars.console.exports import csv_bytes
from regulars.console.forms import Dialog, long_field, sure, tick
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.search import judging, lab, ranking, service
from regulars.serve.search.judging import Judgement, JudgementsKept
from regulars.serve.search.lab import Figure, LabAnswer, On
from regulars.serve.search.pages.trying import compared_with
from regulars.serve.search.ranking import SearchOrder, Verdict
from regulars.serve.search.service import Options

_SHOWN = 20


def quality(s: Screen) -> None:
    """Two settings judged, then what they are judged by."""
    with s.records.reading() as uow:
        told = judging.listing(uow, s.shop.shop_id)
    on = cast(On, s.choice("on", ("clicked", "judged"), "judged" if told else "clicked"))
    with parts.box("rg-filters"):
        names = [("clicked", s.t("Clicks of shoppers")), ("judged", s.t("Judgements"))]
        parts.segmented(s.t("Judged by"), names, on, lambda value: s.go(on=value))
        right, name = compared_with(s)
    s.load(
        lambda: lab.compare(s.records, s.warehouse, s.home, s.shop, Options(), right, on=on),
        lambda found: _compared(s, found, name),
    )

    def ask() -> SearchOrder:
        with s.records.reading() as uow:
            return ranking.state(uow, s.warehouse, s.shop)

    s.load(ask, lambda found: _order(s, found))
    if told:
        _judgements(s, told, service.names_of(s.warehouse, s.home, s.shop.shop_id, [one.product_id for one in told[:_SHOWN]]))


def _compared(s: Screen, found: LabAnswer, name: str) -> None:
    if found.left is None or found.right is None:
        words = {
            "clicked": s.t("Nobody clicked a product after a search in the last 30 days."),
            "judged": s.t("Load a file with the columns query, product_id and grade: 0 is not relevant, 10 at most."),
        }
        with parts.card():
            parts.empty("balance", s.t("Nothing to judge by yet"), words[found.on])
        return
    names: dict[Figure, str] = {
        "ndcg_10": s.t("Order of the first ten (NDCG@10)"),
        "recall_100": s.t("Good products among the first hundred (recall)"),
        "mrr": s.t("1/place of the first good one (MRR)"),
        "without_result": s.t("Queries without result"),
    }
    note = s.plural(found.queries, "{n} query", "{n} queries")
    with parts.card(s.t("Both settings"), note, flush=True):
        columns = [
            Column(s.t("Figure"), width="long"),
            Column(s.t("As it is"), align="end"),
            Column(name, align="end"),
            Column(s.t("Difference"), align="end", hint=s.t("Where the true one lies with 95 %")),
        ]
        rows = [
            Row(
                [
                    Cell(names[one.figure]),
                    Cell(f"{getattr(found.left, one.figure):.3f}"),
                    Cell(f"{getattr(found.right, one.figure):.3f}"),
                    Cell(f"{one.difference:+.3f}", sub="" if one.low is None else f"{one.low:+.3f} … {one.high:+.3f}"),
                ]
            )
            for one in found.differences
        ]
        sheet(columns, rows, caption=s.t("Both settings"), kind="cards")
    if found.differing:
        with parts.card(s.t("Queries that differ most"), s.t("Choose one to see both lists"), flush=True):
            columns = [
                Column(s.t("Words searched for"), width="long"),
                Column(s.t("Clicks") if found.on == "clicked" else s.t("Judgements"), align="end"),
                Column(s.t("As it is"), align="end"),
                Column(name, align="end"),
            ]
            rows = [
                Row(
                    [Cell(one.query), Cell(s.count(one.judgements)), Cell(f"{one.left:.3f}"), Cell(f"{one.right:.3f}")],
                    href=s.url(tab="try", q=one.query, on=None),
                )
                for one in found.differing
            ]
            sheet(columns, rows, caption=s.t("Queries that differ most"), kind="cards")


def _order(s: Screen, found: SearchOrder) -> None:
    words: dict[Verdict, str] = {
        "not_judged": s.t("It is judged every night."),
        "too_few_lists": s.t(
            "It stays off until there are enough lists with a click: {lists} of {needed} in 90 days.",
            lists=s.count(found.lists),
            needed=s.count(found.needed),
        ),
        "plain_won": s.t("It did not surely win on the newest lists, so the search's own order answers."),
        "champion_won": s.t("The order learned before did better than a new one, and stays."),
        "learned": s.t("It won on the newest lists, so it answers."),
    }
    with parts.card(s.t("Order learned from clicks"), words[found.answers]):
        if found.plain is None or found.learned is None:
            parts.text(
                s.t("Searches over the API are lists by themselves; tell clicks with their search_id."), "rg-muted rg-pretty", "p"
            )
            return
        with parts.box("rg-tiles"):
            lists = s.plural(found.judged_on, "on {n} list", "on {n} lists")
            parts.tile(s.t("Own order"), f"{found.plain:.3f}", notes=[("", lists, "", "")])
            span = "" if found.low is None else f"{found.low:+.3f} … {found.high:+.3f}"
            parts.tile(s.t("Learned order"), f"{found.learned:.3f}", notes=[("", span, "", "")])
            if len(found.looked_at) > 4:
                third = s.t("as likely as the first place")
                parts.tile(s.t("Fifth place looked at"), s.share(found.looked_at[4]), notes=[("", third, "", "")])


def _judgements(s: Screen, told: list[Judgement], names: dict[str, str]) -> None:
    queries = len({one.query for one in told})
    note = s.t("{judgements} judgements of {queries} queries", judgements=s.count(len(told)), queries=s.count(queries))
    with parts.card(s.t("Judgements"), note, flush=True) as card:
        columns = [
            Column(s.t("Words searched for"), width="long"),
            Column(s.t("Product"), width="long"),
            Column(s.t("Grade"), align="end"),
        ]
        rows = [Row([Cell(one.query), _product(one.product_id, names), Cell(f"{one.grade:g}")]) for one in told[:_SHOWN]]
        sheet(columns, rows, caption=s.t("Judgements"), kind="cards")
    with card.tools:
        if s.may("export"):
            parts.button(s.t("Export"), lambda: _export(told), icon="download", kind="quiet")
        if s.may("manage_reports"):
            parts.button(s.t("Delete"), lambda: _delete(s), icon="delete", kind="quiet")


def _product(product_id: str, names: dict[str, str]) -> Cell:
    name = names.get(product_id)
    return Cell(product_id) if name is None else Cell(name, sub=product_id)


def _export(told: list[Judgement]) -> None:
    lines = [[one.query, one.product_id, f"{one.grade:g}"] for one in told]
    ui.download(csv_bytes(["query", "product_id", "grade"], lines), "judgements.csv")


def _delete(s: Screen) -> None:
    def act() -> None:
        with s.records.unit() as uow:
            judging.remove(uow, s.caller, s.shop.shop_id)

    sure(s, s.t("Delete all judgements?"), s.t("Clicks still judge."), s.t("Delete"), act, done=lambda _: s.redraw())


def new_judgements(s: Screen) -> None:
    """Ask for a file of judgements, dropped or pasted."""
    values: dict[str, Any] = {"csv": "", "replace": False}
    dialog = Dialog(s, s.t("Load judgements"), wide=True)

    def keep(text: str) -> JudgementsKept:
        with s.records.unit() as uow:
            return judging.keep(uow, s.caller, s.shop.shop_id, text, replace=bool(values["replace"]))

    def done(found: JudgementsKept) -> None:
        dialog.close()
        s.notify(
            s.t("{taken} judgements read, {changed} new or changed", taken=s.count(found.taken), changed=s.count(found.changed))
        )
        s.go(on="judged")

    def dropped(paths: list[Path], _: list[str]) -> Any:
        return s.act(lambda: keep(judging.text_of(paths[0].read_bytes())), done, permission="manage_reports")()

    with dialog:
        drop_zone(s, s.t("Drop a CSV file"), s.t("Columns query, product_id and grade: 0 is not relevant, 10 at most"), dropped)
    with dialog, parts.box("rg-form"):
        long_field(values, "csv", s.t("Or paste its lines"), placeholder="query,product_id,grade", most=500_000, lines=5)
        tick(values, "replace", s.t("Forget judgements that are not in it"))
    dialog.buttons(s.t("Load"), s.act(lambda: keep(str(values["csv"])), done, permission="manage_reports"))
    dialog.open()
