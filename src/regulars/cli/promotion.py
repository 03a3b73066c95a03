"""`regulars promotion`: promotions as files, their life, their coupons, and what a cart costs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli.show import AsCsv, AsJson, Ask, Lang, ShopId, asked

if TYPE_CHECKING:
    from regulars.access import Caller

app = typer.Typer(
    no_args_is_help=True,
    help="What your shop gives: promotions, coupons, and what a cart costs with them.",
    epilog="Example: regulars promotion make spring.yaml && regulars promotion launch spring-300",
)

PromotionId = Annotated[str, typer.Argument(metavar="PROMOTION", help="The promotion's id.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON.")]


@app.command("list")
def list_(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Every promotion with its state and what it did.

    Example: regulars promotion list
    """
    from regulars.cli import promotion_screens as screens
    from regulars.offer import promotions

    with asked(shop, lang) as it:
        with it.house.records.reading() as uow:
            found = promotions.listing(uow, it.shop.shop_id)
            did = promotions.performance(uow, it.shop.shop_id)
        it.give({"items": found, "next": None}, as_json, lambda out: screens.listed(out, found, did))


@app.command()
def make(file: File, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Draft the promotions of a file: name, kind, code, starts_at, ends_at and definition of each, as the API takes them.

    Example: regulars promotion make spring.yaml
    """
    from regulars.cli import promotion_screens as screens
    from regulars.offer import promotions

    with asked(shop, lang) as it:
        given = _read(file)
        with it.house.records.unit() as uow:
            made = [
                promotions.make(uow, _caller(it), it.shop, **_told(one)) for one in (given if isinstance(given, list) else [given])
            ]
        it.give({"items": made, "next": None}, as_json, lambda out: screens.listed(out, made, {}))


@app.command()
def launch(promotion: PromotionId, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Offer a drafted or paused promotion; above the shop's limit of costs it waits for a second operator.

    Example: regulars promotion launch spring-300
    """
    _act(promotion, "launch", shop, lang, as_json)


@app.command()
def pause(promotion: PromotionId, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Let a running promotion rest.

    Example: regulars promotion pause spring-300
    """
    _act(promotion, "pause", shop, lang, as_json)


@app.command()
def end(promotion: PromotionId, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """End a promotion for good.

    Example: regulars promotion end spring-300
    """
    _act(promotion, "end", shop, lang, as_json)


@app.command()
def quote(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A cart as JSON or YAML: currency, shipping, lines.")],
    code: Annotated[list[str], typer.Option("--code", help="A coupon's code; may be repeated.")] = [],  # noqa: B006
    customer: Annotated[str, typer.Option("--customer", help="Who buys.")] = "",
    best: Annotated[bool, typer.Option("--best", help="The best use of the customer's wallet.")] = False,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """What a cart costs now, line by line, and why; nothing is written.

    Example: regulars promotion quote cart.json --code spring10
    """
    from regulars.cli import promotion_screens as screens
    from regulars.guard.privacy import known_id
    from regulars.offer import promotions

    with asked(shop, lang) as it:
        wanted = promotions.Asked(
            cart=_cart(_read(file), it.shop.currency),
            customer_id=known_id(it.house.keyring, it.shop.shop_id, customer) if customer else "",
            mode="best" if best else "requested",
            codes=tuple(code),
        )
        with it.house.records.reading() as uow:
            found = promotions.quote(uow, it.shop, wanted, language=it.language)
        it.give(found, as_json, lambda out: screens.quoted(out, found))


@app.command()
def codes(
    promotion: PromotionId,
    many: Annotated[int, typer.Option("--many", min=1, help="How many codes.")] = 1000,
    prefix: Annotated[str, typer.Option("--prefix", help="What they begin with.")] = "",
    name: Annotated[str, typer.Option("--name", help="What the batch is called [default: as the promotion].")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make codes that belong to nobody yet.

    Example: regulars promotion codes leaflet --many 100000 --prefix FAIR-
    """
    from regulars.cli import promotion_screens as screens
    from regulars.offer import promotions

    with asked(shop, lang) as it:
        with it.house.records.unit() as uow:
            made = promotions.generate(uow, _caller(it), it.shop, promotion, many=many, name=name, prefix=prefix)
        promotions.make_all(it.house.records, it.shop.shop_id, made.batch_id)
        with it.house.records.reading() as uow:
            found = promotions.batch(uow, it.shop.shop_id, made.batch_id)
        it.give(found, as_json, lambda out: screens.batches(out, [found]))


@app.command()
def load(
    promotion: PromotionId,
    file: Annotated[str, typer.Argument(metavar="CSV", help="Columns: code and, where known, customer_id and ends_at.")],
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take codes of another system: all of the file, or none where one cannot be used.

    Example: regulars promotion load leaflet codes.csv
    """
    from regulars.cli import promotion_screens as screens
    from regulars.offer import promotions

    with asked(shop, lang) as it:
        content = _bytes(file)
        with it.house.records.unit() as uow:
            found = promotions.import_codes(uow, _caller(it), it.shop, promotion, content, name=Path(file).name)
        it.give(found, as_json, lambda out: screens.batches(out, [found]))


@app.command()
def give(
    promotion: PromotionId,
    customers: Annotated[list[str], typer.Argument(metavar="CUSTOMERS", help="As the shop names them.")],
    days: Annotated[int, typer.Option("--days", min=0, help="Valid for so many days; 0: as long as the promotion.")] = 0,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Give each of these customers a coupon of their own.

    Example: regulars promotion give birthday 14646 12347 --days 30
    """
    from regulars.cli import promotion_screens as screens
    from regulars.guard.privacy import known_id
    from regulars.offer import promotions

    with asked(shop, lang) as it:
        people = [known_id(it.house.keyring, it.shop.shop_id, one) for one in customers]
        with it.house.records.unit() as uow:
            found = promotions.issue(uow, _caller(it), it.shop, promotion, people, valid_days=days or None)
        it.give({"items": found, "next": None}, as_json, lambda out: screens.coupons(out, found))


@app.command()
def coupons(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id.")],
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """The coupons of a batch: the first ones, or all of them as CSV.

    Example: regulars promotion coupons batch_01m7zsbyk3 --csv codes.csv
    """
    from regulars.cli import promotion_screens as screens
    from regulars.offer import promotions

    with asked(shop, lang) as it:
        with it.house.records.reading() as uow:
            found = promotions.page(uow, it.shop.shop_id, batch, limit=20)[:20]
        it.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.coupons(out, found),
            csv,
            lambda: promotions.export(it.house.records, it.shop.shop_id, batch),
        )


def _act(promotion: str, what: Any, shop: str, lang: str, as_json: bool) -> None:
    from regulars.cli import promotion_screens as screens
    from regulars.offer import promotions

    with asked(shop, lang) as it:
        with it.house.records.unit() as uow:
            found = promotions.act(uow, _caller(it), it.shop.shop_id, promotion, what)
        it.give(found, as_json, lambda out: screens.listed(out, [found], {}))


def _told(given: Any) -> dict[str, Any]:
    from regulars.errors import InvalidInput

    names = {"promotion_id", "name", "kind", "code", "definition", "starts_at", "ends_at"}
    if (
        not isinstance(given, dict)
        or not {"name", "definition"} <= set(given) <= names
        or not isinstance(given["definition"], dict)
    ):
        unknown = sorted(set(given) - names) if isinstance(given, dict) else []
        why = f": '{unknown[0]}' is not known" if unknown else ""
        raise InvalidInput(
            f"a promotion of the file cannot be used{why}",
            mend=f"give name and definition, and of {', '.join(sorted(names))} what you need",
            code="bad_file",
        )
    return {**given, "name": str(given["name"]), **{name: _instant(given.get(name)) for name in ("starts_at", "ends_at")}}


def _instant(value: Any) -> datetime | None:
    from regulars.errors import InvalidInput

    if not value:
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput(f"'{value}' is not an instant", mend="write it as 2026-06-18T04:00:00Z", code="bad_instant")
    return found


def _cart(given: Any, currency: str) -> Any:
    """The file as the API takes a cart; lines need no id, and the shop's currency is meant where none is named."""
    from pydantic import ValidationError

    from regulars.errors import InvalidInput
    from regulars.offer import promotions
    from regulars.offer.promotions.api.carting import CartToPrice

    mend = "give lines, each with sku, unit_price in minor units (1400 is 14.00) and qty"
    if not isinstance(given, dict) or not isinstance(given.get("lines"), list):
        raise InvalidInput("the file holds no cart", mend=mend, code="bad_file")
    lines = [{"id": str(i), **line} if isinstance(line, dict) else line for i, line in enumerate(given["lines"], 1)]
    try:
        told = CartToPrice.model_validate({"currency": currency, **given, "lines": lines})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(one + 1) if isinstance(one, int) else one for one in first["loc"])
        raise InvalidInput(f"{place} of the cart cannot be used: {first['msg']}", mend=mend, code="bad_file") from None
    return promotions.Cart(
        currency=told.currency, shipping=told.shipping, lines=tuple(promotions.CartLine(**line.model_dump()) for line in told.lines)
    )


def _read(file: str) -> Any:
    from regulars.cli.report import plain_yaml
    from regulars.errors import InvalidInput

    try:
        text = _bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is no text", mend="save it in UTF-8", code="bad_file") from None
    return plain_yaml(text, file)


def _bytes(file: str) -> bytes:
    from regulars.cli.doors import path
    from regulars.errors import InvalidInput

    try:
        return path(file).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}", mend="name a readable file", code="bad_file") from None


def _caller(it: Ask) -> Caller:
    from regulars.access import Caller

    return Caller.system("shell", it.house.keyring)
