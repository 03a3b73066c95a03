"""`regulars show values|next-products`: what customers are expected to bring, and what they probably buy again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from regulars.cli.show import AsCsv, AsJson, Lang, Limit, ShopId, asked, one_of, table_lines

_GROUPS = ("cohort", "channel", "first_touch", "category", "product")


def join(app: typer.Typer) -> None:
    """Give the group of reports these commands."""
    app.command()(values)
    app.command("next-products")(next_products)


def values(
    customer: Annotated[str, typer.Option("--customer", help="One customer's value.")] = "",
    by: Annotated[str, typer.Option("--by", help="Lifetime value by cohort, channel, first_touch, category or product.")] = "",
    tier: Annotated[str, typer.Option("--tier", help="Only customers of this tier: top, high, middle or low.")] = "",
    min_value: Annotated[str, typer.Option("--min-value", help="Expected to bring at least so much, e.g. 500.")] = "",
    cursor: Annotated[str, typer.Option("--cursor", help="`next` of the page before.")] = "",
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """What customers are expected to bring in twelve months, with intervals, next orders and tiers.

    Example: regulars show values --tier top --csv best.csv
    """
    from regulars.cli import value_screens as screens
    from regulars.collect import identity
    from regulars.predict import lifetime_value as room

    with asked(shop, lang) as ask:
        warehouse = ask.house.warehouse
        if customer:
            with ask.house.records.reading() as uow:
                now_called = identity.customer_of(uow, ask.shop.shop_id, customer)
            one = room.value_of(warehouse, ask.shop, now_called, language=ask.language)
            ask.give(one, as_json, lambda out: screens.customer(out, one))
        elif by:
            one_of("--by", by, _GROUPS)
            found = room.groups(warehouse, ask.shop, by, limit=min(limit, 500))  # type: ignore[arg-type]
            ask.give(found, as_json, lambda out: screens.groups(out, found), csv, lambda: table_lines(room.groups_table(found)))
        else:
            least = ask.minor(min_value) if min_value else None
            answer = room.listing(
                warehouse,
                ask.shop,
                tier=tier or None,
                min_value_minor=least,
                limit=limit,
                cursor=cursor or None,
                language=ask.language,
            )
            every = lambda: room.values_csv(  # noqa: E731
                room.every_row(warehouse, ask.shop, tier=tier or None, min_value_minor=least, language=ask.language),
                ask.shop.timezone,
                ask.language,
            )
            ask.give(answer, as_json, lambda out: screens.listing(out, answer), csv, every)


def next_products(
    level: Annotated[str, typer.Option("--level", help="category or product.")] = "category",
    thing: Annotated[str, typer.Option("--thing", help="Only this category, or the product with this id.")] = "",
    min_probability: Annotated[float, typer.Option("--min-probability", min=0, max=1, help="At least so probable within 30 days.")] = 0.0,
    judge: Annotated[bool, typer.Option("--judge", help="How often it was right at past cut-offs instead.")] = False,
    cursor: Annotated[str, typer.Option("--cursor", help="`next` of the page before.")] = "",
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """What customers probably buy again within 30 days, and when: whom to remind of what.

    Example: regulars show next-products --level product --min-probability 0.5 --csv remind.csv
    """
    from regulars.cli import value_screens as screens
    from regulars.predict import next_purchase as room

    one_of("--level", level, ("category", "product"))
    with asked(shop, lang) as ask:
        warehouse = ask.house.warehouse
        if judge:
            rate = room.judge_next_products(warehouse, ask.shop, level)  # type: ignore[arg-type]
            ask.give(rate, as_json, lambda out: screens.hit_rate(out, rate))
            return
        wish: dict[str, Any] = {"level": level, "thing": thing or None, "min_probability": min_probability}
        answer = room.next_products(warehouse, ask.shop, **wish, limit=limit, cursor=cursor or None)
        every = lambda: room.next_products_csv(  # noqa: E731
            room.every_next_product(warehouse, ask.shop, **wish), ask.shop.timezone, ask.language
        )
        ask.give(answer, as_json, lambda out: screens.next_products(out, answer), csv, every)
