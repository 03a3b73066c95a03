"""Traits on screen: all of them and how each is spread, a customer's own with people alike, and the shop's tags."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urlencode

from regulars.collect import identity
from regulars.console import forms, panel, parts, screen, shell
from regulars.console.charts import Line, Plot, plot_card, table_menu
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotFound
from regulars.understand.questions import Desk
from regulars.understand.traits import likeness, service, tagging
from regulars.understand.traits.catalogue import FAMILIES, TRAITS
from regulars.understand.traits.domain import AlikeAnswer, Bin, CustomerTraits, Distribution, Tag, TraitOverview, Traits, TraitValue
from regulars.understand.traits.words import value_words


@screen("/traits", permission="read_reports", nav="Traits", icon="person_search", order=65, group="Understand")
def traits_page(s: Screen) -> None:
    """What are the customers like?"""
    tools = shell.head(
        s,
        s.t("Traits"),
        s.t("What customers are like, computed from what they did. Every trait says how, and why where it is missing."),
    )
    with tools:
        if s.may("read_customers"):
            parts.button(s.t("Tags"), icon="sell", href=s.url("/tags"))
        if s.may("export") and s.may("read_customers"):
            asked = {"format": "csv", "shop": s.shop.shop_id, "lang": s.language}
            parts.button(s.t("Export CSV"), icon="download", href="/v1/customer_traits?" + urlencode(asked))
    s.load(lambda: service.overview(s.warehouse, s.shop, language=s.language), lambda found: _all(s, found), skeleton="page")


def _all(s: Screen, found: Traits) -> None:
    s.currency = found.currency
    if not found.customers:
        parts.empty(
            "person_search",
            s.t("No traits yet"),
            s.t("They are computed after orders, customers or events were loaded."),
            action=s.t("Load data"),
            href=s.url("/data/load"),
        )
        return
    chosen = s.choice("trait", tuple(one.name for one in found.traits), "lifetime_value")
    s.load(
        lambda: service.distribution(s.warehouse, s.shop, chosen, language=s.language),
        lambda told: _spread(s, told),
        skeleton="card",
    )
    for family, names in FAMILIES.items():
        mine = [one for one in found.traits if one.family == family]
        title = names["zh" if s.language == "zh" else "en"]
        with parts.card(title, flush=True) as card:
            columns = [
                Column(s.t("Trait"), width="long"),
                Column(s.t("Median"), align="end", hint=s.t("Below it: what the middle half of customers have")),
                Column(s.t("Who has it"), align="end"),
            ]
            sheet(columns, [_trait_row(s, one, found.currency) for one in mine], caption=title)
        table_menu(s, card, title)


def _trait_row(s: Screen, one: TraitOverview, currency: str) -> Row:
    def words(number: float | None) -> str:
        return "–" if one.unit == "text" else value_words(s, one.unit, number, None, currency)

    middle = "" if one.low is None else f"{words(one.low)} – {words(one.high)}"
    return Row(
        [
            Cell(one.label, sub=one.reason or one.formula, href=s.url(trait=one.name)),
            Cell(words(one.median), sub=middle),
            Cell(s.share(one.share), bar=one.share, hint=s.count(one.customers)),
        ],
        key=one.name,
    )


def _spread(s: Screen, told: Distribution) -> None:
    one = told.trait
    if not told.bins:
        with parts.card(one.label, one.formula):
            parts.notice(s.t("Nobody has this trait."), one.reason or "", tone="info")
        return
    places = [_bin_words(s, one, bin_, last=bin_ is told.bins[-1]) for bin_ in told.bins]
    counts = [bin_.customers for bin_ in told.bins]
    words = [f"{s.count(bin_.customers)} ({s.share(bin_.share)})" for bin_ in told.bins]
    if told.others:
        places, counts, words = [*places, s.t("Others")], [*counts, told.others], [*words, s.count(told.others)]
    plot_card(
        s,
        Plot(
            title=one.label,
            places=places,
            place_name=one.label,
            lines=[Line(s.t("Customers"), counts, words, kind="bar")],
        ),
        note=one.formula,
    )


def _bin_words(s: Screen, one: TraitOverview, bin_: Bin, *, last: bool) -> str:
    if one.unit == "text":
        return value_words(s, one.unit, None, bin_.key, s.currency)
    assert bin_.start is not None
    assert bin_.end is not None
    start, end = (value_words(s, one.unit, number, None, s.currency) for number in (bin_.start, bin_.end))
    return (
        start if one.unit in ("hour", "score") and bin_.end - bin_.start <= 1 else f"{start} – {end}" if not last else f"{start} +"
    )


# --- one customer


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
    if s.may("export"):
        with card.foot():
            asked = {"format": "csv", "limit": "1000", "shop": s.shop.shop_id, "lang": s.language}
            href = f"/v1/customers/{quote(found.customer_id, safe='')}/alike?" + urlencode(asked)
            parts.button(s.t("Export 1,000 like this"), icon="download", kind="quiet", href=href)


# --- tags


@screen("/tags", permission="read_customers", title="Tags", parent="/traits")
def tags_page(s: Screen) -> None:
    """Which tags there are, who gets them, and how many have them."""
    tools = shell.head(
        s, s.t("Tags"), s.t("Given by hand, to a list, or by a rule on traits."), back=(s.t("Traits"), s.url("/traits"))
    )
    if s.may("manage_segments"):
        with tools:
            parts.button(s.t("New tag"), lambda: _new(s), icon="add", kind="primary")

    def ask() -> list[Tag]:
        with s.records.reading() as uow:
            return tagging.tags(uow, s.warehouse, s.shop.shop_id)

    s.load(ask, lambda found: _tags(s, found), skeleton="table")


def _tags(s: Screen, found: list[Tag]) -> None:
    if not found:
        parts.empty("sell", s.t("No tags yet"), s.t("A tag marks customers for your team: by hand, from a list, or by a rule."))
        return
    with parts.card(flush=True):
        columns = [
            Column(s.t("Tag"), width="long"),
            Column(s.t("Rule")),
            Column(s.t("Customers"), align="end"),
            Column(s.t("Made"), width="drop"),
        ]
        rows = [
            Row(
                [
                    Cell(one.name, sub=one.description, href=s.url("/customers", tag=one.name)),
                    Cell(_rule_words(s, one)),
                    Cell(s.count(one.customers)),
                    Cell(s.day(one.made_at)),
                ],
                key=one.tag_id,
            )
            for one in found
        ]
        sheet(columns, rows, caption=s.t("Tags"), kind="cards")


def _rule_words(s: Screen, one: Tag) -> str:
    told = [f"{c.get('key')} {c.get('op', 'eq')} {c.get('value', '')}".strip() for c in one.where]
    if one.segment:
        told.append(s.t("in segment {segment}", segment=one.segment))
    return ", ".join(told) or s.t("By hand")


def _new(s: Screen) -> None:
    values: forms.Values = {}

    def make() -> Tag:
        rule = None
        if values.get("key"):
            rule = {"where": [_condition(values)]}
        with s.records.unit() as uow:
            made = tagging.make_tag(
                uow,
                s.caller,
                Desk(s.warehouse, s.shop),
                name=values.get("name", ""),
                description=values.get("description", ""),
                rule=rule,
            )
            listed = [one for one in str(values.get("ids") or "").replace(",", "\n").split() if one]
            if listed:
                tagging.tag_customers(uow, s.warehouse, s.caller, s.shop.shop_id, made.tag_id, add=listed)
        return made

    dialog = forms.Dialog(s, s.t("New tag"), wide=True)
    with dialog, parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"), most=60)
        forms.text_field(values, "description", s.t("What it means"))
        names = [("", s.t("No rule: by hand only"))]
        names += [(one.name, one.label["zh" if s.language == "zh" else "en"]) for one in TRAITS.values()]
        forms.choice_field(values, "key", s.t("Everybody whose"), names)
        forms.choice_field(values, "op", s.t("is"), [("gte", s.t("at least")), ("lte", s.t("at most")), ("eq", s.t("equal to"))])
        forms.text_field(values, "value", s.t("Value"), hint=s.t("Money in major units, shares as 0.25"))
        forms.long_field(values, "ids", s.t("Customers who get it by hand"), hint=s.t("One number a line"), lines=4)
    dialog.buttons(s.t("Make the tag"), s.act(make, dialog.done, permission="manage_segments"))
    dialog.open()


def _condition(values: forms.Values) -> dict[str, Any]:
    told = str(values.get("value") or "").strip()
    try:
        value: str | float = float(told)
    except ValueError:
        value = told
    return {"key": values["key"], "op": values.get("op") or "gte", "value": value}
