"""Trying a query under two settings: the lists beside each other, what moved, and why a product stands where it does."""

from __future__ import annotations

from typing import Any

from regulars.console import parts
from regulars.console.forms import Dialog
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.search import lab
from regulars.serve.search.domain.asking import How
from regulars.serve.search.domain.catalogue import Field
from regulars.serve.search.domain.explaining import FactorKind
from regulars.serve.search.lab import HitExplained, Move, SidesAnswer
from regulars.serve.search.service import Options, SearchAnswer

_WITHOUT: dict[str, Options] = {
    "all": Options(spelling=False, synonyms=False, rules=False, learned=False),
    "rules": Options(rules=False),
    "synonyms": Options(synonyms=False),
    "spelling": Options(spelling=False),
    "learned": Options(learned=False),
}
_SHOWN = 10


def compared_with(s: Screen) -> tuple[Options, str]:
    """Draw the choice of the setting to compare with; the one that is chosen, and what it is called."""
    names = {
        "all": s.t("Words alone"),
        "rules": s.t("Without rules"),
        "synonyms": s.t("Without synonyms"),
        "spelling": s.t("Without mended spelling"),
        "learned": s.t("Without the order learned from clicks"),
    }
    without = s.choice("without", tuple(_WITHOUT), "all")
    parts.select(s.t("Compared with"), list(names.items()), without, lambda value: s.go(without=value))
    return _WITHOUT[without], names[without]


def trying(s: Screen) -> None:
    """A query, and what it finds under two settings."""
    query = s.query.get("q", "")
    with parts.box("rg-filters"):
        parts.search(s.t("What a shopper types"), query, lambda value: s.go(q=value or None))
        right, name = compared_with(s)

    def ask() -> SidesAnswer:
        return lab.sides(s.records, s.warehouse, s.home, s.shop, query, Options(), right, size=_SHOWN)

    s.load(ask, lambda found: _both(s, found, name, right), skeleton="page")


def _both(s: Screen, found: SidesAnswer, name: str, right: Options) -> None:
    moves = {one.product_id: one for one in found.moves}
    with parts.box("rg-grid"):
        for title, answer, options in ((s.t("As it is"), found.left, Options()), (name, found.right, right)):
            with parts.card(title, _how(s, answer), flush=True, classes="w-6"):
                _products(s, title, answer, moves, options)


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


def _products(s: Screen, caption: str, answer: SearchAnswer, moves: dict[str, Move], options: Options) -> None:
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
        Column(s.t("Product"), width="long", hint=s.t("Choose one to see why it stands there")),
        Column(s.t("Moved"), hint=s.t("Beside the other list")),
        Column(s.t("Price"), align="end"),
        Column(s.t("Stock")),
    ]

    def opened(i: int, _: str) -> Any:
        product_id = answer.products[i].product_id
        return s.act(
            lambda: lab.explain(s.records, s.warehouse, s.home, s.shop, answer.query, product_id, options=options),
            lambda found: _why(s, found),
        )()

    listed = [
        Row(
            [
                Cell(str(hit.position)),
                Cell(hit.name or hit.product_id, sub=_about(s, hit.brand, hit.category, hit.variants)),
                _moved(s, moves[hit.product_id], first=options == Options()),
                Cell("–" if hit.price is None else s.money(hit.price)),
                Cell(s.t("Pinned"), badge=True, tone="info")
                if hit.pinned
                else Cell(
                    s.t("In stock now") if hit.in_stock else s.t("Sold out"), badge=True, tone="good" if hit.in_stock else "warn"
                ),
            ],
            key=hit.product_id,
            opens="why",
        )
        for hit in answer.products
    ]
    sheet(columns, listed, caption=caption, kind="cards", on_open=opened)


def _about(s: Screen, brand: str | None, category: str | None, variants: int) -> str:
    several = s.plural(variants, "{n} variant", "{n} variants") if variants > 1 else None
    return " · ".join(part for part in (brand, category, several) if part)


def _moved(s: Screen, move: Move, *, first: bool) -> Cell:
    here, there = (move.left, move.right) if first else (move.right, move.left)
    if there is None or here is None:
        return Cell(s.t("only here"), badge=True, tone="info")
    if here == there:
        return Cell("=", tone="faint")
    return Cell(
        f"{'↑' if here < there else '↓'} {abs(here - there)}", hint=s.t("place {place} in the other list", place=str(there))
    )


def _why(s: Screen, found: HitExplained) -> None:
    fields: dict[Field, str] = {
        "name": s.t("Name"),
        "brand": s.t("Brand"),
        "keywords": s.t("Keywords"),
        "category": s.t("Category"),
        "attributes": s.t("Attributes"),
        "description": s.t("Description"),
    }
    ways: dict[How, str] = {
        "typed": "",
        "synonym": s.t("by a synonym"),
        "completed": s.t("completed"),
        "joined": s.t("written as one word"),
        "pinyin": s.t("by pinyin"),
    }
    kinds: dict[FactorKind, str] = {
        "holds": s.t("Holds that much of the query"),
        "raised": s.t("Raised"),
        "lowered": s.t("Lowered"),
        "sold_out": s.t("Sold out"),
    }
    dialog = Dialog(s, found.name or found.product_id, wide=True)
    rows: list[Row] = []
    for one in found.words:
        as_what = "" if one.found_as in (None, one.word) else f"→ {one.found_as} {ways[one.how]}".strip()
        where = ", ".join(fields[field] for field in one.fields) if one.found_as else s.t("not in this product")
        rows.append(Row([Cell(one.word, sub=as_what), Cell(where), Cell(f"{one.points:.2f}")]))
    rows += [Row([Cell(kinds[one.kind], sub=one.what or ""), Cell(""), Cell(f"× {one.factor:.2f}")]) for one in found.factors]
    said = [s.t("Not found by this query") if found.position is None else s.t("Place {place}", place=str(found.position))]
    if found.pinned:
        said.append(s.t("pinned by a rule"))
    if found.learned:
        said.append(s.t("an order learned from clicks had a say"))
    with dialog:
        parts.text(" · ".join(said), "rg-muted", "p")
        columns = [Column(s.t("Word of the query")), Column(s.t("Found in")), Column(s.t("Points"), align="end")]
        sheet(columns, rows, caption=s.t("Why it stands there"))
    with dialog.foot:
        parts.button(s.t("Close"), dialog.close, kind="primary")
    dialog.open()
