"""Building a segment: rows of conditions, with the live size and some of the customers beside them; or a list to upload."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars.console import forms, parts, screen, shell
from regulars.console.drop import drop_zone
from regulars.console.history import as_of_words
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput, NotFound
from regulars.understand import traits
from regulars.understand.questions import ATTRIBUTE_WORDS, Desk
from regulars.understand.segments import drafting, service
from regulars.understand.segments.domain.kept import Segment, SegmentFile
from regulars.understand.segments.domain.reading import definition
from regulars.understand.segments.judging import Preview
from regulars.understand.segments.pages.rows import Offered, group
from regulars.understand.segments.words import sentence


@dataclass
class _Found:
    known: Sequence[Segment]
    one: Segment | None
    events: Sequence[str]
    tags: Sequence[str]


@screen("/segments/new", permission="manage_segments", title="New segment", parent="/segments")
def new_page(s: Screen) -> None:
    """Build a segment."""
    note = s.t("Say who belongs, row by row. The size and some of the customers follow while you build.")
    shell.head(s, s.t("New segment"), note, back=(s.t("Segments"), s.url("/segments")))
    s.load(lambda: _ask(s, ""), lambda found: _Builder(s, found).draw(), skeleton="page")


@screen("/segments/{segment_id}/edit", permission="manage_segments", title="Change a segment", parent="/segments")
def edit_page(s: Screen) -> None:
    """Change a segment."""
    segment_id = s.path["segment_id"]
    shell.head(s, s.t("Change a segment"), back=(s.t("Segments"), s.url(f"/segments/{segment_id}")))
    s.load(lambda: _ask(s, segment_id), lambda found: _Builder(s, found).draw(), skeleton="page")


def _ask(s: Screen, segment_id: str) -> _Found:
    with s.records.reading() as uow:
        known = service.listing(uow, s.shop.shop_id)
        tags = [one.name for one in traits.tags(uow, s.warehouse, s.shop.shop_id)]
    one = next((one for one in known if one.segment_id == segment_id), None)
    if segment_id and one is None:
        raise NotFound(f"there is no segment '{segment_id}'", mend="choose one of the list", code="no_such_segment")
    return _Found(known, one, service.event_names(Desk(s.warehouse, s.shop)), tags)


class _Builder:
    """What is being built, and the parts of the page that show it."""

    def __init__(self, s: Screen, found: _Found) -> None:
        self.s = s
        self.one = found.one
        one = found.one
        self.values: forms.Values = {
            "name": one.name if one else "",
            "name_zh": one.name_zh if one else "",
            "description": one.description if one else "",
            "kind": one.kind if one else "dynamic",
            "known_only": one.known_only if one else True,
            "text": "",
        }
        self.customers: list[str] = []
        self.group = drafting.group_of(one.where_tree if one else None)
        others = [
            (other.segment_id, other.called(s.language))
            for other in found.known
            if one is None or other.segment_id != one.segment_id
        ]
        self.offered = Offered(
            events=found.events,
            segments=others,
            attributes=_attributes(s),
            tags=found.tags,
            redraw=self.redraw,
            changed=self.changed,
        )

    def draw(self) -> None:
        """Everything."""
        s = self.s
        with parts.box("rg-grid"):
            with parts.box("w-8 rg-stack"):
                with parts.card(s.t("Name")), parts.box("rg-form"):
                    forms.text_field(self.values, "name", s.t("Name"), most=120)
                    forms.text_field(self.values, "name_zh", s.t("Name in Chinese"), most=120)
                    kinds = [(kind, s.word("segment kind", kind)) for kind in ("dynamic", "frozen", "uploaded")]
                    hint = s.t("Dynamic follows the data; frozen keeps whom it holds first; uploaded is a list.")
                    forms.choice_field(self.values, "kind", s.t("Kind"), kinds, hint=hint, on_change=self.redraw)
                    forms.text_field(self.values, "description", s.t("What it is for"), most=2000)
                s.part("segment conditions", self._conditions)
                with parts.box("rg-row"):
                    save = s.act(self._save, self._saved, permission="manage_segments")
                    parts.button(s.t("Save"), save, kind="primary", icon="check")
                    parts.button(s.t("Cancel"), href=s.url("/segments"))
            with parts.box("w-4 rg-stack"):
                s.part("segment preview", self._preview)

    def redraw(self) -> None:
        """The conditions changed their form."""
        self.s.redraw_part("segment conditions")
        self.changed()

    def changed(self) -> None:
        """A value changed."""
        self.s.redraw_part("segment preview")

    def _conditions(self) -> None:
        s = self.s
        if self.values["kind"] == "uploaded":
            with parts.card(s.t("List of customers")), parts.box("rg-stack"):
                drop_zone(s, s.t("Drop a CSV file"), s.t("A column customer_id, or one id in each line"), self._dropped)
                if self.customers:
                    parts.text(s.plural(len(self.customers), "{n} customer", "{n} customers"), "rg-strong")
            return
        with parts.card(s.t("Who belongs")), parts.box("rg-stack"):
            group(s, self.group, self.offered)
            forms.tick(self.values, "known_only", s.t("Only known customers, no visitors"), on_change=self.changed)
        with parts.card(
            s.t("The same as text"), s.t("As it stands in files and in the API. What is typed here takes the place of the rows.")
        ):
            self.values["text"] = _text(self.group)
            forms.long_field(self.values, "text", s.t("Conditions as JSON"), lines=6)
            with parts.box("rg-row").style("margin-top: 10px"):
                parts.button(s.t("Take over the text"), s.act(self._read, lambda _: self.redraw()))

    def _read(self) -> None:
        try:
            given = json.loads(str(self.values["text"]))
        except ValueError as error:
            raise InvalidInput(f"this is not JSON: {error}", mend="correct that line", code="bad_json") from None
        definition(given, self.s.shop.timezone)
        self.group = drafting.group_of(given)

    def _preview(self) -> None:
        s = self.s
        if self.values["kind"] == "uploaded":
            return
        try:
            tree = drafting.tree_of(self.group)
            words = sentence(definition(tree, s.shop.timezone).tree, s.language)
        except InvalidInput as error:
            with parts.card(s.t("Whom it holds")):
                said, mend = s.error_words(error)
                parts.notice(said, mend, tone="warn")
            return
        known_only = bool(self.values["known_only"])
        desk = Desk(s.warehouse, s.shop)
        s.load(lambda: service.preview(s.records, desk, tree, known_only=known_only), lambda found: self._size(found, words))

    def _size(self, found: Preview, words: str) -> None:
        s = self.s
        with parts.card(s.t("Whom it holds")) as card:
            parts.text(s.count(found.customers), "rg-big rg-num", "div")
            share = s.share(found.share)
            parts.text(
                s.t("{share} of {n} customers and visitors", share=share, n=s.count(found.of_customers)), "rg-small rg-muted", "p"
            )
            parts.text(words, "rg-small rg-pretty", "p").style("margin-top: 10px")
        with card.foot():
            parts.text(as_of_words(s, found.as_of))
        if found.sample:
            with parts.card(s.t("Some of them"), flush=True):
                rows = [Row([Cell(one, href=s.customer_url(one))]) for one in found.sample]
                sheet([Column(s.t("Customer"))], rows, caption=s.t("Some of them"))

    async def _dropped(self, paths: list[Path], _: list[str]) -> None:
        def read() -> list[str]:
            return service.ids_of_csv(paths[0].read_text(encoding="utf-8-sig"))

        def keep(found: list[str]) -> None:
            self.customers = found
            self.redraw()

        await self.s.act(read, keep)()

    def _save(self) -> Segment:
        s = self.s
        uploaded = self.values["kind"] == "uploaded"
        if uploaded and not self.customers and (self.one is None or self.one.kind != "uploaded"):
            raise InvalidInput("no list is given", mend="drop a CSV file with the customers", code="empty_list")
        given = SegmentFile(
            segment_id=self.one.segment_id if self.one else "",
            name=str(self.values["name"]),
            name_zh=str(self.values["name_zh"]),
            description=str(self.values["description"]),
            kind=self.values["kind"],
            where_tree=None if uploaded else drafting.tree_of(self.group),
            known_only=bool(self.values["known_only"]) and not uploaded,
            customers=tuple(self.customers),
        )
        with s.records.unit() as uow:
            return service.save(uow, s.caller, s.shop, given, new=self.one is None)

    def _saved(self, one: Segment) -> None:
        parts.run_js("location.assign", self.s.url(f"/segments/{one.segment_id}"))


def _attributes(s: Screen) -> list[tuple[str, str]]:
    """Properties of customers by name: what is loaded with them, and every computed trait."""
    loaded = [(key, s.t(words)) for key, words in ATTRIBUTE_WORDS.items()]
    return loaded + [(one.name, one.label["zh" if s.language == "zh" else "en"]) for one in traits.TRAITS.values()]


def _text(it: Mapping[str, Any]) -> str:
    try:
        return json.dumps(drafting.tree_of(dict(it)), ensure_ascii=False, indent=2)
    except InvalidInput:
        return ""
