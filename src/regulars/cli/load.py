"""`regulars load`: files of orders, customers, products, reviews, events, costs and competitors; `--dry-run` shows what would happen first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.collect.imports import Kind, LoadOptions, LoadReport

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Load files: CSV, TSV, XLSX, JSON, JSON lines, Parquet; also gzip, zstd, zip.",
    epilog="Example: regulars load orders orders.csv --dry-run",
)

FILES = typer.Argument(..., metavar="FILE...", help="The files; several are loaded together, the newest last.")
SHOP = typer.Option(None, "--shop", help="The shop they belong to [default: the only one].")
DRY_RUN = typer.Option(False, "--dry-run", help="Show what would happen; write nothing.")
AS_JSON = typer.Option(False, "--json", help="Print the report as JSON.")
MAP = typer.Option(
    [], "--map", metavar="FIELD=COLUMN", help="Which column is which field; again for each. Kept for the next file of this form."
)
TIMEZONE = typer.Option(None, "--timezone", help="Zone of the times in the files [default: the shop's].")
CURRENCY = typer.Option(None, "--currency", help="Currency of the amounts, where the files do not say.")
DATE_ORDER = typer.Option(None, "--date-order", help="ymd, dmy or mdy, where 01/02/03 can be either.")
DECIMAL = typer.Option(None, "--decimal", help="The decimal sign, . or , where 1,234 can be either.")
DUPLICATES = typer.Option("once", "--duplicates", help="Equal rows count `once`, or `keep` them.")
RATE = typer.Option([], "--rate", metavar="USD=7.10", help="Convert a currency into the shop's; again for each.")
STATUS = typer.Option([], "--status", metavar="WORD=MEANING", help="A status word as placed, cancelled, unpaid, refunded or draft.")
REPLACE = typer.Option(False, "--replace-orders", help="The files' orders replace the stored ones wholly.")
SHEET = typer.Option(None, "--sheet", help="Sheet of a workbook.")
ENCODING = typer.Option(None, "--encoding", help="Encoding of a text file, such as gb18030.")
SEPARATOR = typer.Option(None, "--separator", help="Separator of a text file.")
YES = typer.Option(False, "--yes", "-y", help="Load without asking, also where new shops would be opened.")


@app.command("orders", epilog="Example: regulars load orders 2024-*.csv --dry-run")
def orders(
    files: list[str] = FILES,
    shop: str | None = SHOP,
    dry_run: bool = DRY_RUN,
    as_json: bool = AS_JSON,
    maps: list[str] = MAP,
    timezone: str | None = TIMEZONE,
    currency: str | None = CURRENCY,
    date_order: str | None = DATE_ORDER,
    decimal: str | None = DECIMAL,
    duplicates: str = DUPLICATES,
    rates: list[str] = RATE,
    statuses: list[str] = STATUS,
    replace_orders: bool = REPLACE,
    sheet: str | None = SHEET,
    encoding: str | None = ENCODING,
    separator: str | None = SEPARATOR,
    yes: bool = YES,
) -> None:
    """Load orders: one line per order or per order line, exports of known shops, or plain customer-date-amount lists."""
    options = _options(
        "orders",
        maps,
        timezone=timezone,
        currency=currency,
        date_order=date_order,
        decimal=decimal,
        duplicates=duplicates,
        rates=rates,
        statuses=statuses,
        replace_orders=replace_orders,
        sheet=sheet,
        encoding=encoding,
        separator=separator,
    )
    _load("orders", files, shop, options, dry_run=dry_run, as_json=as_json, yes=yes)


@app.command("customers", epilog="Example: regulars load customers members.xlsx")
def customers(
    files: list[str] = FILES,
    shop: str | None = SHOP,
    dry_run: bool = DRY_RUN,
    as_json: bool = AS_JSON,
    maps: list[str] = MAP,
    timezone: str | None = TIMEZONE,
    date_order: str | None = DATE_ORDER,
    sheet: str | None = SHEET,
    encoding: str | None = ENCODING,
    separator: str | None = SEPARATOR,
    yes: bool = YES,
) -> None:
    """Load customers: one row each. Names, e-mails and phones are kept encrypted."""
    options = _options(
        "customers", maps, timezone=timezone, date_order=date_order, sheet=sheet, encoding=encoding, separator=separator
    )
    _load("customers", files, shop, options, dry_run=dry_run, as_json=as_json, yes=yes)


@app.command("products", epilog="Example: regulars load products catalogue.csv")
def products(
    files: list[str] = FILES,
    shop: str | None = SHOP,
    dry_run: bool = DRY_RUN,
    as_json: bool = AS_JSON,
    maps: list[str] = MAP,
    timezone: str | None = TIMEZONE,
    currency: str | None = CURRENCY,
    date_order: str | None = DATE_ORDER,
    sheet: str | None = SHEET,
    encoding: str | None = ENCODING,
    separator: str | None = SEPARATOR,
    yes: bool = YES,
) -> None:
    """Load products: one row each, or one row per product and day."""
    options = _options(
        "products",
        maps,
        timezone=timezone,
        currency=currency,
        date_order=date_order,
        sheet=sheet,
        encoding=encoding,
        separator=separator,
    )
    _load("products", files, shop, options, dry_run=dry_run, as_json=as_json, yes=yes)


@app.command("reviews", epilog="Example: regulars load reviews reviews.parquet")
def reviews(
    files: list[str] = FILES,
    shop: str | None = SHOP,
    dry_run: bool = DRY_RUN,
    as_json: bool = AS_JSON,
    maps: list[str] = MAP,
    timezone: str | None = TIMEZONE,
    date_order: str | None = DATE_ORDER,
    sheet: str | None = SHEET,
    encoding: str | None = ENCODING,
    separator: str | None = SEPARATOR,
    yes: bool = YES,
) -> None:
    """Load reviews: ratings go into the reports, words are kept encrypted."""
    options = _options(
        "reviews", maps, timezone=timezone, date_order=date_order, sheet=sheet, encoding=encoding, separator=separator
    )
    _load("reviews", files, shop, options, dry_run=dry_run, as_json=as_json, yes=yes)


@app.command("events", epilog="Example: regulars load events UserBehavior.csv --dry-run")
def events(
    files: list[str] = FILES,
    shop: str | None = SHOP,
    dry_run: bool = DRY_RUN,
    as_json: bool = AS_JSON,
    maps: list[str] = MAP,
    timezone: str | None = TIMEZONE,
    date_order: str | None = DATE_ORDER,
    decimal: str | None = DECIMAL,
    duplicates: str = DUPLICATES,
    sheet: str | None = SHEET,
    encoding: str | None = ENCODING,
    separator: str | None = SEPARATOR,
) -> None:
    """Load history of events, which triggers nothing: Segment form as JSON lines, Taobao behaviours, or any table with columns for when, who and what."""
    options = _options(
        "events",
        maps,
        timezone=timezone,
        date_order=date_order,
        decimal=decimal,
        duplicates=duplicates,
        sheet=sheet,
        encoding=encoding,
        separator=separator,
    )
    _load("events", files, shop, options, dry_run=dry_run, as_json=as_json, yes=True)


@app.command("costs", epilog="Example: regulars load costs google-ads.csv 直通车.xlsx")
def costs(
    files: list[str] = FILES,
    shop: str | None = SHOP,
    dry_run: bool = DRY_RUN,
    as_json: bool = AS_JSON,
    maps: list[str] = MAP,
    timezone: str | None = TIMEZONE,
    currency: str | None = CURRENCY,
    date_order: str | None = DATE_ORDER,
    decimal: str | None = DECIMAL,
    duplicates: str = DUPLICATES,
    rates: list[str] = RATE,
    sheet: str | None = SHEET,
    encoding: str | None = ENCODING,
    separator: str | None = SEPARATOR,
) -> None:
    """Load what advertising cost: exports of Google, Meta, TikTok, 巨量引擎, 阿里妈妈, Baidu, or any table of day, campaign and cost."""
    options = _options(
        "costs",
        maps,
        timezone=timezone,
        currency=currency,
        date_order=date_order,
        decimal=decimal,
        duplicates=duplicates,
        rates=rates,
        sheet=sheet,
        encoding=encoding,
        separator=separator,
    )
    _load("costs", files, shop, options, dry_run=dry_run, as_json=as_json, yes=True)


@app.command("competition", epilog="Example: regulars load competition prices.csv")
def competition(
    files: list[str] = FILES,
    shop: str | None = SHOP,
    dry_run: bool = DRY_RUN,
    as_json: bool = AS_JSON,
    maps: list[str] = MAP,
    timezone: str | None = TIMEZONE,
    currency: str | None = CURRENCY,
    date_order: str | None = DATE_ORDER,
    decimal: str | None = DECIMAL,
    duplicates: str = DUPLICATES,
    rates: list[str] = RATE,
    sheet: str | None = SHEET,
    encoding: str | None = ENCODING,
    separator: str | None = SEPARATOR,
) -> None:
    """Load competitors' prices, shares and sales: one row per day, competitor and product or category."""
    options = _options(
        "competition",
        maps,
        timezone=timezone,
        currency=currency,
        date_order=date_order,
        decimal=decimal,
        duplicates=duplicates,
        rates=rates,
        sheet=sheet,
        encoding=encoding,
        separator=separator,
    )
    _load("competition", files, shop, options, dry_run=dry_run, as_json=as_json, yes=True)


def _options(
    kind: Kind,
    maps: list[str],
    *,
    currency: str | None = None,
    rates: Sequence[str] = (),
    statuses: Sequence[str] = (),
    separator: str | None = None,
    **as_given: Any,
) -> LoadOptions:
    """What was said with the command, as options of a load."""
    from regulars.collect.imports import LoadOptions, parse_maps, parse_rates, parse_statuses

    return LoadOptions(
        maps=parse_maps(maps, kind),
        currency=currency.upper() if currency else None,
        rates=parse_rates(rates),
        statuses=parse_statuses(statuses),
        separator={"\\t": "\t", "tab": "\t", "blank": " "}.get(separator, separator) if separator else None,
        **as_given,
    )


def _load(
    kind: Kind, files: list[str], shop_id: str | None, options: LoadOptions, *, dry_run: bool, as_json: bool, yes: bool
) -> None:
    from regulars.access.domain import Caller
    from regulars.cli import load_report
    from regulars.cli.doors import opened, path, print_json, shell_language, the_shop
    from regulars.cli.printing import Printer
    from regulars.collect import imports

    with opened() as house:
        shop = the_shop(house, shop_id)
        out = Printer.here(shop, shell_language(house.settings))
        paths = [path(file) for file in files]
        caller = Caller.system("shell", house.keyring)
        report: LoadReport
        with load_report.progress(as_json) as tell:
            if dry_run:
                report = imports.plan(house.records, house.home, shop, kind, paths, options, keyring=house.keyring, tell=tell)
            else:
                _ask_for_new_shops(house, shop, kind, paths, options, tell, yes)
                report = imports.load(
                    house.records,
                    house.warehouse,
                    house.home,
                    shop,
                    kind,
                    paths,
                    options,
                    caller=caller,
                    tell=tell,
                    accept=house.history(shop, caller) if kind == "events" else None,
                )
                if kind == "events":
                    house.loader.run_once()
        if as_json:
            print_json(report)
        else:
            load_report.show(out, report)


def _ask_for_new_shops(
    house: object, shop: Shop, kind: Kind, paths: Sequence[Path], options: LoadOptions, tell: object, yes: bool
) -> None:
    """Where files name several shops, opening new ones is shown first and asked for."""
    from regulars.collect.imports.preview import names_shops
    from regulars.errors import InvalidInput

    if yes or kind != "orders" or not names_shops(kind, paths, options):
        return
    from regulars.collect import imports

    report = imports.plan(house.records, house.home, shop, kind, paths, options, keyring=house.keyring, tell=tell)  # type: ignore[attr-defined]
    new = [share.name for share in report.shops if share.new]
    if new:
        raise InvalidInput(
            f"the files hold orders of shops that are not open yet: {', '.join(new[:8])}",
            mend="look at them with --dry-run, then load with --yes to open them with this shop's zone and currency",
            code="new_shops",
            shops=new,
        )
