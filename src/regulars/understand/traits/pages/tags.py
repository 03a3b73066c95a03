"""The shop's tags: who gets them, and how they are made, changed and deleted."""

from __future__ import annotations

from regulars.console import parts, screen, shell
from regulars.console.forms import sure
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.segments import definition
from regulars.understand.segments.words import sentence
from regulars.understand.traits import tagging
from regulars.understand.traits.domain import Tag
from regulars.understand.traits.pages.ruling import offered, tag_dialog, tree_of


@screen("/tags", permission="read_customers", title="Tags", parent="/traits")
def tags_page(s: Screen) -> None:
    """Which tags there are, who gets them, and how many have them."""
    tools = shell.head(
        s, s.t("Tags"), s.t("Given by hand, to a list, or by a rule built as a segment is."), back=(s.t("Traits"), s.url("/traits"))
    )
    if s.may("manage_segments"):
        with tools:
            parts.button(s.t("New tag"), lambda: tag_dialog(s, None, offered(s)), icon="add", kind="primary")

    def ask() -> tuple[list[Tag], dict[str, str]]:
        with s.records.reading() as uow:
            return tagging.tags(uow, s.warehouse, s.shop.shop_id), dict(offered(s).segments)

    s.load(ask, lambda both: _tags(s, *both), skeleton="table")


def _tags(s: Screen, found: list[Tag], known: dict[str, str]) -> None:
    if not found:
        parts.empty("sell", s.t("No tags yet"), s.t("A tag marks customers for your team: by hand, from a list, or by a rule."))
        return
    may = s.may("manage_segments")

    def opened(i: int, action: str) -> None:
        if action == "change":
            tag_dialog(s, found[i], offered(s))
        else:
            _delete(s, found[i])

    with parts.card(flush=True):
        columns = [
            Column(s.t("Tag"), width="long"),
            Column(s.t("Rule")),
            Column(s.t("Customers"), align="end"),
            Column(s.t("Made"), width="drop"),
            *([Column("", align="end"), Column("", align="end")] if may else []),
        ]
        rows = [
            Row(
                [
                    Cell(one.name, sub=one.description, href=s.url("/customers", tag=one.name)),
                    Cell(_rule_words(s, one, known)),
                    Cell(s.count(one.customers)),
                    Cell(s.day(one.made_at)),
                    *([Cell(s.t("Change"), action="change"), Cell(s.t("Delete"), action="delete")] if may else []),
                ],
                key=one.tag_id,
            )
            for one in found
        ]
        sheet(columns, rows, caption=s.t("Tags"), kind="cards", on_open=opened)


def _rule_words(s: Screen, one: Tag, known: dict[str, str]) -> str:
    tree = tree_of(one)
    if tree is None:
        return s.t("By hand")
    words = sentence(definition(tree, s.shop.timezone).tree, s.language)
    for segment_id, name in known.items():
        words = words.replace(f"“{segment_id}”", f"“{name}”")
    return words


def _delete(s: Screen, one: Tag) -> None:
    def act() -> None:
        with s.records.unit() as uow:
            tagging.delete_tag(uow, s.caller, s.shop.shop_id, one.tag_id)

    words = s.plural(
        one.customers,
        "{n} customer loses it. Its name and rule stay in the audit trail, those who have it by hand do not.",
        "{n} customers lose it. Its name and rule stay in the audit trail, those who have it by hand do not.",
    )
    sure(s, s.t("Delete the tag {tag}?", tag=one.name), words, s.t("Delete"), act, done=lambda _: s.redraw())
