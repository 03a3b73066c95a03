"""What one customer is like, with tags, and who is alike."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urlencode

from regulars.collect import identity
from regulars.console import forms, panel, parts
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotFound
from regulars.understand import segments
from regulars.understand.traits import likeness, service, tagging
from regulars.understand.traits.domain import AlikeAnswer, CustomerTraits, Tag, TraitValue
from regulars.understand.traits.words import value_words


@panel("customer", permission="read_customers", order=20)
def customer_traits_panel(s: Screen) -> None:
    """What the customer is like, with tags, and who is alike."""
    customer_id = unquote(s.path["customer_id"])

    def ask() -> tuple[CustomerTraits, AlikeAnswer, list[Tag]] | None:
        try:
            with s.records.reading() as uow:
                now_called = identity.customer_of(uow, s.shop.shop_id, customer_id)
                found = service.customer_traits(uow, s.warehouse, s.shop, now_called, language=s.language)
                all_tags = tagging.tags(uow, s.warehouse, s.shop.shop_id)
            return found, likeness.alike(s.warehouse, s.shop, now_called, limit=5, language=s.language), all_tags
        except NotFound:
            return None

    s.load(ask, lambda found: _customer(s, *found) if found else None, skeleton="none")


def _customer(s: Screen, found: CustomerTraits, alike: AlikeAnswer, all_tags: list[Tag]) -> None:
    with parts.box("rg-stack"):
        _tags_of(s, found, all_tags)
        _traits_of(s, found)
        _alike(s, alike)


def _tags_of(s: Screen, found: CustomerTraits, all_tags: list[Tag]) -> None:
    if not found.tags and not (all_tags and s.may("manage_segments")):
        return
    with parts.card(s.t("Tags")), parts.box("rg-stack"):
        with parts.box("rg-row").style("flex-wrap: wrap; gap: 6px"):
            for one in found.tags:
                parts.badge(one.name, "info", plain=one.by_rule).props["title"] = (
                    s.t("By its rule") if one.by_rule else s.t("By hand")
                )
                if s.may("manage_segments") and not one.by_rule:
                    parts.button(
                        "",
                        s.act(lambda tag=one.tag_id: _give(s, tag, remove=[found.customer_id]), lambda _: s.redraw()),  # type: ignore[misc]
                        icon="close",
                        kind="quiet",
                        title=s.t("Take {tag} away", tag=one.name),
                    )
        free = [one for one in all_tags if one.name not in {held.name for held in found.tags}]
        if free and s.may("manage_segments"):
            parts.select(
                s.t("Give a tag"),
                [("", s.t("Give a tag")), *((one.tag_id, one.name) for one in free)],
                "",
                _chosen(s, found.customer_id),
            )


def _chosen(s: Screen, customer_id: str) -> Any:
    """What choosing a tag does."""

    async def give(tag_id: str) -> None:
        if tag_id:
            await s.act(lambda: _give(s, tag_id, add=[customer_id]), lambda _: s.redraw())()

    return give


def _give(s: Screen, tag_id: str, add: list[str] | None = None, remove: list[str] | None = None) -> int:
    with s.records.unit() as uow:
        done = tagging.tag_customers(uow, s.warehouse, s.caller, s.shop.shop_id, tag_id, add=add or [], remove=remove or [])
    return done.added + done.removed


def _traits_of(s: Screen, found: CustomerTraits) -> None:
    known = [one for one in found.traits if one.reason is None and not one.name.endswith("_score")]
    missing = [one for one in found.traits if one.reason is not None]
    with parts.card(s.t("Traits"), s.t("Beside the median of the shop's customers."), flush=True) as card:
        columns = [Column(s.t("Trait")), Column(s.t("Value"), align="end")]
        rows = [
            Row(
                [
                    Cell(one.label, sub=_median(s, one, found.currency), hint=one.formula),
                    Cell(value_words(s, one.unit, one.number, one.text, found.currency), sub=_standing(s, one)),
                ]
            )
            for one in known
        ]
        sheet(columns, rows, caption=s.t("Traits"))
    if missing:
        with card.foot(), parts.box("", "details"):
            parts.text(s.plural(len(missing), "{n} trait is missing", "{n} traits are missing"), "rg-small rg-muted", "summary")
            parts.facts((one.label, one.reason or "") for one in missing)


def _median(s: Screen, one: TraitValue, currency: str) -> str:
    if one.shop_median is None:
        return ""
    return s.t("shop: {value}", value=value_words(s, one.unit, one.shop_median, None, currency))


def _standing(s: Screen, one: TraitValue) -> str:
    return "" if one.percentile is None else s.t("more than {share} of customers", share=s.share(one.percentile, 0))


def _alike(s: Screen, found: AlikeAnswer) -> None:
    with parts.card(
        s.t("People like this"), s.t("Nearest by standardized traits among {n} buyers.", n=s.count(found.among)), flush=True
    ) as card:
        if not found.alike:
            parts.text(found.reason or s.t("Nobody is near enough to compare."), "rg-small rg-muted", "p").style(
                "padding: 0 16px 12px"
            )
            return
        rows = [
            Row(
                [
                    Cell(
                        one.customer_id,
                        href=s.customer_url(one.customer_id),
                        sub=" · ".join(
                            f"{why.label} {value_words(s, why.unit, why.theirs, None, found.currency)}" for why in one.because
                        ),
                    ),
                    Cell(s.share(one.likeness), bar=one.likeness),
                ],
                key=one.customer_id,
            )
            for one in found.alike
        ]
        sheet([Column(s.t("Customer"), width="long"), Column(s.t("Likeness"), align="end")], rows, caption=s.t("People like this"))
    if s.may("manage_segments"):
        with card.foot():
            parts.button(s.t("Keep as a segment"), lambda: _keep_alike(s, found.customer_id), icon="group_add", kind="quiet")
    if s.may("export"):
        with card.foot():
            asked = {"format": "csv", "limit": "1000", "shop": s.shop.shop_id, "lang": s.language}
            href = f"/v1/customers/{quote(found.customer_id, safe='')}/alike?" + urlencode(asked)
            parts.button(s.t("Export 1,000 like this"), icon="download", kind="quiet", href=href)


def _keep_alike(s: Screen, customer_id: str) -> None:
    """People alike as a segment of its own, a list."""
    values: forms.Values = {"name": s.t("Like {customer}", customer=customer_id)[:120], "many": "100"}
    dialog = forms.Dialog(s, s.t("Keep people like this as a segment"))
    with dialog, parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"), most=120)
        forms.choice_field(
            values, "many", s.t("How many, the most alike first"), [(n, n) for n in ("20", "100", "500", "1000", "5000")]
        )

    def keep() -> segments.Segment:
        alike = likeness.alike(s.warehouse, s.shop, customer_id, limit=int(values["many"]), language=s.language).alike
        given = segments.SegmentFile(
            segment_id="", name=str(values["name"]), kind="uploaded", customers=tuple(one.customer_id for one in alike)
        )
        with s.records.unit() as uow:
            return segments.save(uow, s.caller, s.shop, given, new=True)

    def kept(one: segments.Segment) -> None:
        parts.run_js("location.assign", s.url(f"/segments/{one.segment_id}"))

    dialog.buttons(s.t("Save"), s.act(keep, kept, permission="manage_segments"))
    dialog.open()
