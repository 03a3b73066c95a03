"""`regulars show`: what the reports say, as a compact table, as the API's own JSON, or as a CSV file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.app import House
    from regulars.cli.printing import Printer
    from regulars.values.csv import Table
    from regulars.values.periods import Period

app = typer.Typer(no_args_is_help=True, help="Print a report.", epilog="Example: regulars show act-on --limit 20 --csv today.csv")

AsJson = Annotated[bool, typer.Option("--json", help="Print the API's object.")]
AsCsv = Annotated[str, typer.Option("--csv", metavar="FILE", help="Write the whole table to a CSV file.")]
From = Annotated[str, typer.Option("--from", metavar="DATE", help="First local day, e.g. 2025-01-01.")]
To = Annotated[str, typer.Option("--to", metavar="DATE", help="Last local day, included.")]
ShopId = Annotated[str, typer.Option("--shop", help="Which shop, where there are several.")]
Lang = Annotated[str, typer.Option("--lang", help="zh or en [default: the shell's].")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many rows.")]


#: Before the name of the report: which warehouse is asked.
On = Annotated[str, typer.Option("--on", metavar="URL", help="Ask another warehouse, e.g. a copy: spark://host:7077/mnt/tables.")]


@app.callback()
def show(
    on: On = "",
) -> None:
    """Print a report."""
    from regulars.cli.doors import elsewhere

    elsewhere.set(on)


@app.command()
def overview(
    from_: From = "", to: To = "", by: Annotated[str, typer.Option("--by", help="day, week or month.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Headline numbers with comparisons, what stands out, the best products, and who is overdue.

    Example: regulars show overview --from 2011-01-01 --to 2011-06-30
    """
    from regulars.understand import metrics

    with asked(shop, lang) as ask:
        answer = metrics.overview(ask.house.warehouse, ask.shop, ask.period(from_, to), _unit(by) if by else None)
        ask.give(answer, as_json, lambda out: _screens().overview(out, answer, _act_on(ask)))


@app.command()
def metrics(
    from_: From = "", to: To = "", by: Annotated[str, typer.Option("--by", help="day, week or month.")] = "month",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Every metric of a period beside the period before and the same one last year, and by bucket.

    Example: regulars show metrics --by week --from 2011-09-01 --to 2011-11-30
    """
    from regulars.understand import metrics as room
    from regulars.understand.metrics.exports import metrics_table

    with asked(shop, lang) as ask:
        answer = room.report(ask.house.warehouse, ask.shop, ask.period(from_, to), _unit(by))
        ask.give(answer, as_json, lambda out: _screens().metrics(out, answer), csv, lambda: table_lines(metrics_table(answer)))


@app.command()
def retention(
    from_: From = "", to: To = "", by: Annotated[str, typer.Option("--by", help="week or month.")] = "month",
    measure: Annotated[str, typer.Option("--measure", help="customers, orders or revenue.")] = "customers",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Do first-time buyers come back? Cohorts by first order.

    Example: regulars show retention --by month
    """
    from regulars.understand.retention import retention as report
    from regulars.understand.retention import retention_table

    one_of("--by", by, ("week", "month"))
    one_of("--measure", measure, ("customers", "orders", "revenue"))
    with asked(shop, lang) as ask:
        answer = report(ask.house.warehouse, ask.shop, ask.period(from_, to), by, measure)  # type: ignore[arg-type]
        ask.give(answer, as_json, lambda out: _screens().retention(out, answer), csv, lambda: table_lines(retention_table(answer)))


@app.command()
def rfm(
    from_: From = "", to: To = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Which buyers are recent, frequent and valuable, and what to do with each kind; with --from and --to, of those who ordered then.

    Example: regulars show rfm --csv segments.csv
    """
    from regulars.understand.rfm import report
    from regulars.understand.rfm.exports import segments_table

    with asked(shop, lang) as ask:
        answer = report(ask.house.warehouse, ask.shop, period=ask.period(from_, to), language=ask.language)
        ask.give(answer, as_json, lambda out: _screens().rfm(out, answer), csv, lambda: table_lines(segments_table(answer)))


@app.command()
def lifecycle(from_: From = "", to: To = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "") -> None:
    """How many customers are new, active, dormant or churned, and how they moved each month.

    Example: regulars show lifecycle --from 2011-06-01
    """
    from regulars.understand.lifecycle import report
    from regulars.understand.lifecycle.exports import months_table

    with asked(shop, lang) as ask:
        answer = report(ask.house.warehouse, ask.shop, period=ask.period(from_, to), language=ask.language)
        ask.give(answer, as_json, lambda out: _screens().lifecycle(out, answer), csv, lambda: table_lines(months_table(answer)))


@app.command()
def customers(
    customer_id: Annotated[str, typer.Argument(help="One customer; without it, the list.")] = "",
    search: Annotated[str, typer.Option("--search", help="Start of a customer number, or from 3 characters on any part.")] = "",
    segment: Annotated[str, typer.Option("--segment", help="RFM segment, e.g. champions.")] = "",
    stage: Annotated[str, typer.Option("--stage", help="new, active, dormant, churned or prospect.")] = "",
    region: Annotated[str, typer.Option("--region")] = "",
    tag: Annotated[str, typer.Option("--tag", help="Only who has this tag.")] = "",
    min_orders: Annotated[int, typer.Option("--min-orders", min=0)] = 0,
    sort: Annotated[str, typer.Option("--sort", help="net, orders, last_order, first_order, aov or customer_id.")] = "net",
    cursor: Annotated[str, typer.Option("--cursor", help="`next` of the page before.")] = "",
    from_: From = "", to: To = "",
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """The shop's customers, with --from and --to those who ordered then; or everything about one.

    Example: regulars show customers 14646
    """
    from regulars.collect import identity
    from regulars.errors import InvalidInput
    from regulars.understand import profiles
    from regulars.understand.profiles.exports import customers_csv

    with asked(shop, lang) as ask:
        if customer_id:
            if from_ or to:
                raise InvalidInput("--from and --to are for the list", mend="leave them out, or the customer", code="bad_option")
            with ask.house.records.reading() as uow:
                now = identity.customer_of(uow, ask.shop.shop_id, customer_id)
            one = profiles.customer(ask.house.warehouse, ask.shop, now, language=ask.language, limit=min(limit, 200))
            ask.give(one, as_json, lambda out: _screens().customer(out, one))
            return
        filters = profiles.Filters(
            text=search or None, segment=segment or None, stage=stage or None, region=region or None, tag=tag or None,
            min_orders=min_orders or None,
            from_on=day_of("--from", from_), to_on=day_of("--to", to),
        )  # fmt: skip
        wish: dict[str, Any] = {"filters": filters, "sort": sort, "language": ask.language}
        page = profiles.search(ask.house.warehouse, ask.shop, **wish, cursor=cursor or None, limit=limit)
        every = lambda: customers_csv(profiles.every_customer(ask.house.warehouse, ask.shop, **wish))  # noqa: E731
        ask.give(page, as_json, lambda out: _screens().customers(out, page), csv, every)


@app.command()
def identity(
    one: Annotated[str, typer.Argument(metavar="[ID]", help="A customer's or visitor's id; without it, the newest merges.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Merges that were refused instead.")] = False,
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Which ids are one customer, which merges were made, and which were refused.

    Example: regulars show identity 17850
    """
    from regulars.cli import merging
    from regulars.collect import identity as room

    with asked(shop, lang) as ask, ask.house.records.reading() as uow:
        if one:
            who = room.identity(uow, ask.shop.shop_id, one)
            ask.give(who, as_json, lambda out: merging.who(out, who))
        elif refused:
            kept_apart = room.refused_merges(uow, ask.shop.shop_id, limit=limit)
            ask.give(kept_apart, as_json, lambda out: merging.refused(out, kept_apart))
        else:
            made = room.merges(uow, ask.shop.shop_id, limit=limit)
            ask.give(made, as_json, lambda out: merging.merges(out, made))


@app.command("act-on")
def act_on(
    status: Annotated[list[str], typer.Option("--status", help="overdue, due, lost or on_time; may be repeated.")] = [],  # noqa: B006
    action: Annotated[str, typer.Option("--action", help="Only where this is suggested, e.g. personal_call.")] = "",
    min_value: Annotated[str, typer.Option("--min-value", help="At least so much at stake a year, e.g. 500.")] = "",
    cursor: Annotated[str, typer.Option("--cursor", help="`next` of the page before.")] = "",
    from_: From = "", to: To = "",
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Who should have ordered by now, what that is worth, why, and what to do; with --from and --to, of those who ordered then.

    Example: regulars show act-on --min-value 500 --csv today.csv
    """
    from regulars.predict import next_purchase
    from regulars.predict.next_purchase.export import act_on_csv

    with asked(shop, lang) as ask:
        wish = {
            "status": status or None,
            "action": action or None,
            "min_value_minor": ask.minor(min_value) if min_value else None,
            "period": ask.period(from_, to),
            "language": ask.language,
        }
        answer = next_purchase.act_on(ask.house.warehouse, ask.shop, limit=limit, cursor=cursor or None, **wish)  # type: ignore[arg-type]
        every = lambda: act_on_csv(  # noqa: E731
            next_purchase.every_row(ask.house.warehouse, ask.shop, **wish),  # type: ignore[arg-type]
            ask.shop.timezone,
            ask.language,
        )
        ask.give(answer, as_json, lambda out: _screens().act_on(out, answer), csv, every)


@app.command()
def consents(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "") -> None:
    """How many customers and visitors permit what, by purpose and channel.

    Example: regulars show consents --csv consents.csv
    """
    from regulars.guard import consent

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as view:
            answer = consent.overview(view, ask.shop)
        ask.give(
            answer, as_json, lambda out: _screens().consents(out, answer), csv, lambda: table_lines(consent.overview_table(answer))
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """A command at work: the stores, the shop, the language, and the ways to answer."""

    house: House
    shop: Shop
    language: str

    def period(self, first: str, last: str) -> Period | None:
        """The days asked for; None where the report should choose."""
        from regulars.understand.metrics import asked_period

        return asked_period(self.house.warehouse, self.shop, day_of("--from", first), day_of("--to", last))

    def minor(self, amount: str) -> int:
        """An amount in major units of the shop's currency as minor units."""
        from decimal import InvalidOperation

        from regulars.errors import InvalidInput
        from regulars.understand.metrics import data_span
        from regulars.values.money import Money

        try:
            return Money.of(amount, data_span(self.house.warehouse, self.shop).currency).minor
        except InvalidOperation:
            raise InvalidInput(f"'{amount}' is not an amount", mend="give a number such as 500 or 19.90") from None

    def give(
        self,
        answer: object,
        as_json: bool,
        screen: Callable[[Printer], None],
        csv: str = "",
        lines: Callable[[], Iterable[str]] | None = None,
    ) -> None:
        """Print the answer as JSON or as a screen; write the CSV file that was asked for."""
        from regulars.cli.doors import print_json
        from regulars.cli.printing import Printer

        if csv and lines:
            _write(csv, lines())
        if as_json:
            print_json(answer)
        elif not csv:
            screen(Printer.here(self.shop, self.language))


@contextmanager
def asked(shop: str, lang: str) -> Iterator[Ask]:
    """The stores, shop and language of a command."""
    from regulars.cli.doors import elsewhere, opened, shell_language, the_shop

    if lang:
        one_of("--lang", lang, ("zh", "en"))
    with opened() as house:
        meant = the_shop(house, shop or None)
        if elsewhere.get().startswith("file:"):
            meant = replace(meant, shop_id="file")  # a file knows no shops: it is asked with this one's days and currency
        yield Ask(house, meant, lang or shell_language())


def _act_on(ask: Ask) -> Any:
    """What the overview says about whom to act on."""
    from regulars.predict import next_purchase

    return next_purchase.act_on(ask.house.warehouse, ask.shop, limit=3, language=ask.language)


def screen_of_events() -> Any:
    """How events are printed."""
    from regulars.cli import event_screens

    return event_screens


def _screens() -> Any:
    from regulars.cli import screens

    return screens


def table_lines(table: Table) -> Iterator[str]:
    """A table as the lines of a CSV file."""
    from regulars.values.csv import csv_lines

    return csv_lines(table.columns, table.rows)


def _write(name: str, pieces: Iterable[str]) -> None:
    """Write the file beside its place first, so that a failed export leaves no half a file."""
    import os

    from regulars.cli.doors import path
    from regulars.errors import InvalidInput

    target = path(name)
    draft = target.with_name(f".{target.name}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        os.replace(draft, target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise InvalidInput(f"{target} cannot be written: {error.strerror}", mend="choose another file") from None
    typer.echo(f"wrote {target}", err=True)


def day_of(option: str, text: str) -> date | None:
    """The date an option names; None where it was not given."""
    from regulars.errors import InvalidInput

    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{option} {text} is not a date", mend="write it as 2025-01-31", code="bad_date") from None


def _unit(by: str) -> Any:
    from typing import get_args

    from regulars.values.periods import Unit

    return one_of("--by", by, get_args(Unit))


def one_of(option: str, value: str, known: tuple[str, ...]) -> str:
    """The value, if it is one of those known."""
    from regulars.errors import InvalidInput

    if value not in known:
        raise InvalidInput(f"{option} {value} is not known", mend=f"use one of {', '.join(known)}", code="bad_option")
    return value
