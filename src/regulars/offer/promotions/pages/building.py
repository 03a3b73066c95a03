"""Building a promotion: what it takes off, of what and for whom, while a sample cart beside it shows what that does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from regulars.console import forms, parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.offer.promotions import drafting, service
from regulars.offer.promotions.domain.carts import Cart, CartLine
from regulars.offer.promotions.domain.reading import offer_of
from regulars.offer.promotions.quoting import Asked, Quote
from regulars.offer.promotions.shelf import Promotion
from regulars.understand import segments
from regulars.values.money import Money


@screen("/promotions/new", permission="manage_offers", title="New promotion", parent="/promotions")
def new_page(s: Screen) -> None:
    """Build a promotion."""
    note = s.t("Say what it takes off, of what and for whom. Nobody is offered it before you launch it.")
    shell.head(s, s.t("New promotion"), note, back=(s.t("Promotions"), s.url("/promotions")))
    s.load(lambda: _ask(s, ""), lambda found: _Builder(s, *found).draw(), skeleton="page")


@screen("/promotions/{promotion_id}/edit", permission="manage_offers", title="Change a promotion", parent="/promotions")
def edit_page(s: Screen) -> None:
    """Change a promotion."""
    promotion_id = s.path["promotion_id"]
    back = (s.t("Promotions"), s.url(f"/promotions/{promotion_id}"))
    shell.head(s, s.t("Change a promotion"), back=back)
    s.load(lambda: _ask(s, promotion_id), lambda found: _Builder(s, *found).draw(), skeleton="page")


def _ask(s: Screen, promotion_id: str) -> tuple[Promotion | None, list[tuple[str, str]]]:
    with s.records.reading() as uow:
        one = service.get(uow, s.shop.shop_id, promotion_id) if promotion_id else None
        known = [(each.segment_id, each.called(s.language)) for each in segments.listing(uow, s.shop.shop_id)]
    return one, known


class _Builder:
    """What is being built, and the parts of the page that show it."""

    def __init__(self, s: Screen, one: Promotion | None, known: Sequence[tuple[str, str]]) -> None:
        self.s, self.one, self.segments = s, one, known
        self.base: dict[str, Any] = dict(one.definition) if one else {}
        self.values = self._form(one.definition, one) if one else drafting.beginning()
        self.sample = {"lines": "200 × 1\n80 × 2", "shipping": "10"}

    def _form(self, definition: dict[str, Any], one: Promotion | None) -> drafting.Values:
        s = self.s
        kind = one.kind if one else drafting.WHATS[self.values["what"]][1]
        rest = (
            {"name": one.name, "code": one.code, "starts_at": one.starts_at, "ends_at": one.ends_at}
            if one
            else {"name": self.values["name"], "code": self.values["code"]}
        )
        return drafting.values_of(definition, kind=kind, currency=s.shop.currency, zone=s.shop.timezone, **rest)

    def draw(self) -> None:
        """Everything."""
        s = self.s
        with parts.box("rg-grid"):
            with parts.box("w-8 rg-stack"):
                s.part("promotion form", self._fields)
                with parts.box("rg-row"):
                    parts.button(
                        s.t("Save"), s.act(self._save, self._saved, permission="manage_offers"), kind="primary", icon="check"
                    )
                    parts.button(s.t("Cancel"), href=s.url("/promotions"))
            with parts.box("w-4 rg-stack"):
                self._cart()
                s.part("promotion preview", self._preview)

    def redraw(self) -> None:
        """The form asks for other fields now."""
        if self.values["effect"] not in drafting.effects(self.values["what"]):
            self.values["effect"] = drafting.effects(self.values["what"])[0]
        self.s.redraw_part("promotion form")
        self.s.redraw_part("promotion preview")

    def try_it(self) -> None:
        """Price the sample cart again."""
        self.s.redraw_part("promotion preview")

    def _fields(self) -> None:
        s, values = self.s, self.values
        with parts.card(s.t("What it is")), parts.box("rg-form"):
            forms.text_field(values, "name", s.t("Name"))
            whats = [(what, s.word("offer", what)) for what in drafting.WHATS]
            if self.one is None:
                forms.choice_field(values, "what", s.t("Kind"), whats, on_change=self.redraw)
            effects = [(kind, s.word("effect", kind)) for kind in drafting.effects(values["what"])]
            forms.choice_field(values, "effect", s.t("It gives"), effects, on_change=self.redraw)
            for name in drafting.asks(values["what"], values["effect"]):
                self._field(name)
            if drafting.WHATS[values["what"]][1] == "coupon":
                hint = s.t("One code for everybody. Empty: codes of their own, in batches or for single customers.")
                forms.text_field(values, "code", s.t("Code"), hint=hint, most=64)
            if values["what"] == "seller_coupon":
                forms.text_field(values, "seller", s.t("Seller"))
        with parts.card(s.t("Of what, and for whom")), parts.box("rg-form"):
            several = s.t("Several with commas between them; empty: all")
            forms.text_field(values, "categories", s.t("Categories"), hint=several, most=4000)
            forms.text_field(values, "skus", s.t("Products"), hint=several, most=4000)
            forms.text_field(values, "exclude", s.t("Not these products"), hint=s.t("Several with commas between them"), most=4000)
            held = [("", s.t("Everybody")), *self.segments]
            forms.choice_field(values, "segment", s.t("Only customers in a segment"), held)
            newness = [("", s.t("Everybody")), ("new", s.t("Who never bought")), ("old", s.t("Who bought before"))]
            forms.choice_field(values, "newness", s.t("New or known"), newness)
        with parts.card(s.t("When, and how often")), parts.box("rg-form"):
            forms.text_field(values, "starts", s.t("From"), kind="datetime-local")
            forms.text_field(values, "ends", s.t("To"), kind="datetime-local", hint=s.t("Times of {zone}", zone=s.shop.timezone))
            forms.text_field(values, "total", s.t("Uses in all"), hint=s.t("Empty: without limit"))
            forms.text_field(values, "per_customer", s.t("Uses of one customer"))
            forms.text_field(values, "per_day", s.t("Uses of one customer a day"))
            forms.text_field(values, "budget", s.t("Budget, in {currency}", currency=s.shop.currency))
            exceeds = [("reject", s.t("Give nothing")), ("cap", s.t("Give what is left"))]
            forms.choice_field(values, "on_exceed", s.t("When the budget is too small"), exceeds)
        with parts.card(s.t("Beside other offers")), parts.box("rg-form"):
            forms.tick(values, "stackable", s.t("May be combined with others"))
            if drafting.WHATS[values["what"]][0] == "order":
                hint = s.t("Of offers in one group only the best one applies; groups add up.")
                forms.text_field(values, "group", s.t("Group"), hint=hint)
            forms.text_field(values, "priority", s.t("Priority"), hint=s.t("Of equal discounts the higher one wins"))
        self._as_text()

    def _as_text(self) -> None:
        s = self.s
        note = s.t("With hours, channels, traits and tiers as well. What is typed here takes the place of the form.")
        try:
            text = json.dumps(self._definition(), ensure_ascii=False, indent=2)
        except InvalidInput:
            text = ""
        held: forms.Values = {"text": text}

        def take() -> None:
            try:
                given = json.loads(str(held["text"]))
                if not isinstance(given, dict):
                    raise ValueError("an object is needed")
            except ValueError as error:
                raise InvalidInput(f"this is not JSON: {error}", mend="correct that line", code="bad_json") from None
            offer_of({**given, "id": "preview"})
            self.base, self.values = (
                given,
                self._form(given, None) | {name: self.values[name] for name in ("name", "code", "starts", "ends")},
            )

        with parts.card(s.t("The same as text"), note):
            forms.long_field(held, "text", s.t("Definition as JSON"), lines=8)
            with parts.box("rg-row").style("margin-top: 10px"):
                parts.button(s.t("Take over the text"), s.act(take, lambda _: self.redraw()))

    def _field(self, name: str) -> None:
        s, currency = self.s, self.s.shop.currency
        labels = {
            "minor": s.t("Price, in {currency}", currency=currency)
            if self.values["effect"] in ("fixed_price", "n_for_price")
            else s.t("Amount off, in {currency}", currency=currency),
            "percent": s.t("Percent off"),
            "cap": s.t("At most, in {currency}", currency=currency),
            "min_amount": s.t("For each, in {currency}", currency=currency)
            if self.values["effect"] == "every"
            else s.t("From a sum of, in {currency}", currency=currency),
            "min_qty": s.t("From so many units on"),
            "n": s.t("Number of units"),
            "max_units": s.t("At most so many units of a line"),
            "max_times": s.t("At most so many times"),
            "tiers": s.t("Steps, one a line"),
        }
        if name == "tiers":
            forms.long_field(
                self.values, name, labels[name], hint=s.t("300 = 50 takes 50 off from 300; 300 = 10% a tenth"), lines=4
            )
        else:
            hint = s.t("20 takes a fifth off") if name == "percent" else ""
            forms.text_field(self.values, name, labels[name], hint=hint)

    def _cart(self) -> None:
        s = self.s
        with parts.card(s.t("Sample cart"), s.t("What it would cost, beside everything that runs now")), parts.box("rg-form"):
            hint = s.t("Price × units, and a category and product if you like: 80 × 2 Tea longjing")
            forms.long_field(self.sample, "lines", s.t("Lines"), hint=hint, lines=4)
            forms.text_field(self.sample, "shipping", s.t("Shipping"))
            parts.button(s.t("Try it"), self.try_it, icon="play_arrow")

    def _preview(self) -> None:
        s = self.s
        try:
            cart = sample_cart(self.sample, s.shop.currency)
            given = {"id": "preview", "name": str(self.values["name"]) or s.t("This offer"), **self._definition()}
            if drafting.WHATS[self.values["what"]][1] == "coupon":
                given |= {"id": "PREVIEW", "code": "PREVIEW"}
            offer = offer_of(given)
        except InvalidInput as error:
            with parts.card(s.t("Price")):
                said, mend = s.error_words(error)
                parts.notice(said, mend, tone="warn")
            return
        newness = {"new": True, "old": False}.get(self.values["newness"])
        segment = self.values["segment"]
        asked = Asked(
            cart=cart,
            customer_id="preview",
            segments=frozenset([segment] if segment else ()),
            new_customer=newness,
            codes=(offer.code,) if offer.code else (),
        )

        def ask() -> Quote:
            with s.records.reading() as uow:
                return service.quote(uow, s.shop, asked, language=s.language, extra=[offer])

        s.load(ask, lambda found: draw_quote(s, found, offer.id), skeleton="card")

    def _definition(self) -> dict[str, Any]:
        return drafting.definition_of(self.values, self.s.shop.currency, self.base)

    def _save(self) -> Promotion:
        s, values = self.s, self.values
        starts, ends = (drafting.instant_of(str(values[name]), s.shop.timezone) for name in ("starts", "ends"))
        definition, code = self._definition(), str(values["code"]).strip() or None
        with s.records.unit() as uow:
            if self.one is not None:
                return service.change(
                    uow,
                    s.caller,
                    s.shop,
                    self.one.promotion_id,
                    name=str(values["name"]),
                    definition=definition,
                    code=code,
                    starts_at=starts,
                    ends_at=ends,
                )
            return service.make(
                uow,
                s.caller,
                s.shop,
                name=str(values["name"]),
                definition=definition,
                kind="coupon" if drafting.WHATS[values["what"]][1] == "coupon" else "promotion",
                code=code if drafting.WHATS[values["what"]][1] == "coupon" else None,
                starts_at=starts,
                ends_at=ends,
            )

    def _saved(self, one: Promotion) -> None:
        parts.run_js("location.assign", self.s.url(f"/promotions/{one.promotion_id}"))


def sample_cart(sample: dict[str, str], currency: str) -> Cart:
    """The cart that lines such as `80 × 2 Tea longjing` describe.

    Raises
    ------
    InvalidInput : a line that is no price and number.
    """
    lines = []
    for i, text in enumerate((line for line in sample["lines"].splitlines() if line.strip()), 1):
        price, _, rest = text.replace("*", "×").replace("x", "×", 1 if "×" not in text else 0).partition("×")
        qty, *words = rest.split() or ["1"]
        try:
            minor = Money.of(Decimal(price.strip()), currency).minor
            lines.append(
                CartLine(
                    id=str(i),
                    sku=words[1] if len(words) > 1 else f"sample-{i}",
                    category=words[0] if words else "",
                    unit_price=minor,
                    qty=int(qty),
                )
            )
        except (InvalidOperation, ValueError):
            raise InvalidInput(f"'{text[:40]}' is not a line", mend="write it as 80 × 2", code="bad_sample_line") from None
    shipping = sample["shipping"].strip() or "0"
    try:
        sending = Money.of(Decimal(shipping), currency).minor
    except InvalidOperation:
        raise InvalidInput(f"'{shipping[:40]}' is not a number", mend="write it in digits", code="bad_form_number") from None
    return Cart(currency=currency, lines=tuple(lines), shipping=sending)


def draw_quote(s: Screen, found: Quote, offer_id: str) -> None:
    """A price from the list down to what is paid, and what became of the offer in question."""

    def money(minor: int) -> str:
        return s.money(Money(minor, found.currency))

    ours = next((one for one in found.offers if one.id == offer_id), None)
    with parts.card(s.t("Price")), parts.box("rg-stack"):
        parts.text(money(found.totals.payable), "rg-big rg-num", "div")
        if ours is not None and ours.reason is None:
            parts.notice(s.t("This offer takes {amount} off.", amount=money(ours.amount)), tone="good")
        elif ours is not None:
            parts.notice(s.t("This offer does not apply."), ours.words, tone="warn")
        for hint in found.hints:
            parts.text(f"{hint.name}: {hint.words}", "rg-small rg-muted rg-pretty", "p")
        parts.facts(
            [
                (s.t("List price"), money(found.totals.list)),
                (s.t("Goods"), money(found.totals.goods_net)),
                (s.t("Shipping"), money(found.totals.shipping_net)),
            ]
        )
    rows = [
        Row(
            [
                Cell(line.id),
                Cell(money(line.list)),
                Cell(money(line.net), sub=" · ".join(f"{one.name} −{money(one.amount)}" for one in line.discounts)),
            ]
        )
        for line in found.lines
    ]
    with parts.card(s.t("Line by line"), flush=True):
        columns = [Column(s.t("Line")), Column(s.t("List price"), align="end"), Column(s.t("Price"), align="end")]
        sheet(columns, rows, caption=s.t("Line by line"), kind="cards")
