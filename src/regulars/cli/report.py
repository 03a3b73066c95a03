"""`regulars report`: any report from the shell, by a file or by options, and the customers behind its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli.show import AsCsv, AsJson, Ask, From, Lang, Limit, On, ShopId, To, asked, table_lines

if TYPE_CHECKING:
    from regulars.understand.questions import Desk

app = typer.Typer(
    no_args_is_help=True,
    help="Ask a report of any kind.",
    epilog='Example: regulars report funnel --event "Product Viewed" --event "Order Completed" --from 2026-10-01',
)

#: Every kind, so that help needs no room; `tests/cli` holds it complete.
KINDS: Mapping[str, str] = {
    "trend": "How often something happens, to how many, by what.",
    "funnel": "How many go on from step to step.",
    "funnel_trend": "A funnel's conversion over time.",
    "funnel_time": "How long a step of a funnel takes.",
    "retention": "Who comes back after a first event, by cohort.",
    "retention_rolling": "The same, counted from each customer's own beginning.",
    "lifecycle": "New, returning, resurrecting and dormant, by bucket.",
    "stickiness": "In how many buckets customers are active.",
    "active": "Daily, weekly and monthly active customers.",
    "paths": "Which ways customers take.",
    "sessions": "Visits as cut from the events of a question.",
    "week_hours": "At which hours of the week something happens.",
    "cart_abandonment": "Carts that became orders, and carts that were left.",
    "new_customer_journey": "From registering to the first order, and where people get lost.",
    "affinity": "What is bought together.",
    "hot_products": "Which products rise and fade.",
    "attribution": "Which channels get the credit for orders.",
    "campaigns": "What channels, campaigns and promotions cost, and what they bring.",
    "market_prices": "Own prices against the market, by product or category.",
    "price_changes": "What competitors changed their prices to.",
    "market_share": "Own share of the market by category over time.",
    "metric": "Numbers of the metric catalogue over time.",
    "sales_by": "Sales by category, product, brand, seller, channel or region.",
    "price_bands": "What sells at which prices.",
    "inventory": "Stock, how long it lasts, what is sold out and what hardly sells.",
    "visits": "Visits over time, or by what brought them.",
    "reviews": "How many reviews, and how good.",
    "reasons": "Why money was given back, and what reviews and tickets complain of.",
    "response_time": "How long customers wait for the first answer to a ticket.",
    "delivery": "How long orders take to arrive, and how many come late.",
}

Query = Annotated[str, typer.Option("--query", metavar="FILE", help="The question as YAML or JSON.")]
Sets = Annotated[
    list[str], typer.Option("--set", metavar="NAME=VALUE", help="A field of the question, its value as YAML; may be repeated.")
]
Events = Annotated[list[str], typer.Option("--event", help="An event's name, in order; may be repeated.")]
Where = Annotated[
    list[str], typer.Option("--where", metavar="CONDITION", help="brand=Oolong, price>=10, customer.tier=gold, !coupon.")
]
Interval = Annotated[str, typer.Option("--interval", help="hour, day, week or month.")]
Breakdown = Annotated[
    str, typer.Option("--breakdown", metavar="KEY", help="A property to break down by; customer.KEY for a customer's.")
]
Segment = Annotated[str, typer.Option("--segment", help="Only members of this segment.")]


@app.callback()
def report(on: On = "") -> None:
    """Ask a report of any kind."""
    from regulars.cli.doors import elsewhere

    elsewhere.set(on)


def join_kinds() -> None:
    """Give every kind its command."""
    for kind, words in KINDS.items():
        app.command(kind, help=words)(_asker(kind))


def _asker(kind: str) -> Callable[..., None]:
    def ask(
        query: Query = "", sets: Sets = [], event: Events = [], where: Where = [], from_: From = "", to: To = "",  # noqa: B006
        interval: Interval = "", breakdown: Breakdown = "", segment: Segment = "",
        previous: Annotated[bool, typer.Option("--previous", help="Beside the time of equal length before.")] = False,
        against: Annotated[str, typer.Option("--against", metavar="SEGMENT", help="Beside this segment.")] = "",
        shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
    ) -> None:  # fmt: skip
        from regulars.cli import report_screens as screens
        from regulars.errors import InvalidInput
        from regulars.understand import reports

        with asked(shop, lang) as it:
            question = _question(it, kind, query, sets, event, where, from_, to, interval, breakdown, segment)
            if previous or against:
                if csv:
                    raise InvalidInput("a comparison is not written as CSV", mend="use --json, or ask twice", code="bad_option")
                side = {"range": "previous"} if previous else {"segment": against}
                both = reports.compare(_desk(it), kind, question, {}, side)
                it.give(both, as_json, lambda out: screens.comparison(out, both))
                return
            answered = reports.ask(_desk(it), kind, question)
            it.give(
                answered, as_json, lambda out: screens.answer(out, answered), csv, lambda: table_lines(reports.kept_table(answered))
            )

    ask.__name__ = kind
    return ask


@app.command("customers")
def customers(
    kind: Annotated[str, typer.Argument(help="The kind of report.")],
    cell: Annotated[list[str], typer.Option("--cell", metavar="NAME=VALUE", help="Where in the answer, e.g. step=2; may be repeated.")] = [],  # noqa: B006
    query: Query = "", sets: Sets = [], event: Events = [], where: Where = [], from_: From = "", to: To = "",  # noqa: B006
    interval: Interval = "", breakdown: Breakdown = "", segment: Segment = "",
    cursor: Annotated[str, typer.Option("--cursor", help="The last id of the page before.")] = "",
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """The customers and visitors behind a figure of a report.

    Example: regulars report customers funnel --event "Product Viewed" --event "Order Completed" --cell step=2
    """
    from regulars.cli import report_screens as screens
    from regulars.understand import reports

    with asked(shop, lang) as it:
        question = _question(it, kind, query, sets, event, where, from_, to, interval, breakdown, segment)
        place = dict(_pair(one) for one in cell)
        found = reports.customers(_desk(it), kind, question, place, after=cursor or None, limit=100_000 if csv else limit)
        it.give(
            found,
            as_json,
            lambda out: screens.customers(out, found),
            csv,
            lambda: table_lines(reports.customers_table(found.customers)),
        )


@app.command("saved")
def saved(
    name: Annotated[str, typer.Argument(help="A saved report's name or id; without it, the list.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """The saved reports, or one of them asked now.

    Example: regulars report saved "Orders by month" --csv orders.csv
    """
    from regulars.cli import report_screens as screens
    from regulars.understand import reports

    with asked(shop, lang) as it:
        with it.house.records.reading() as view:
            if not name:
                found = reports.shelf.listing(view, it.shop.shop_id)
                it.give({"items": found, "next": None}, as_json, lambda out: screens.saved(out, found))
                return
            kept = reports.shelf.get(view, it.shop.shop_id, name)
        answered = reports.ask(_desk(it), kept.kind, kept.question)
        it.give(
            answered, as_json, lambda out: screens.answer(out, answered), csv, lambda: table_lines(reports.kept_table(answered))
        )


@app.command("save")
def save(
    name: Annotated[str, typer.Argument(help="The name to keep it under.")],
    kind: Annotated[str, typer.Argument(help="The kind of report.")],
    folder: Annotated[str, typer.Option("--folder", help="Where it stands in the list.")] = "",
    query: Query = "", sets: Sets = [], event: Events = [], where: Where = [], from_: From = "", to: To = "",  # noqa: B006
    interval: Interval = "", breakdown: Breakdown = "", segment: Segment = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Keep a question under a name, for dashboards, schedules and colleagues.

    Example: regulars report save "Orders by month" metric --set metric=orders --interval month
    """
    from regulars.access import Caller
    from regulars.understand import reports

    with asked(shop, lang) as it:
        question = _question(it, kind, query, sets, event, where, from_, to, interval, breakdown, segment)
        with it.house.records.unit() as uow:
            caller = Caller.system("shell", it.house.keyring)
            kept = reports.shelf.save(uow, caller, _desk(it), name=name, kind=kind, question=question, folder=folder)
        it.give(kept, as_json, lambda out: out.line(out.t(f"kept as '{kept.name}'", f"已保存为“{kept.name}”")))


@app.command("goals")
def goals(
    name: Annotated[str, typer.Argument(help="A goal's name or id; without it, all of them.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """How the shop's goals stand: so far, planned, expected, and when they will be reached.

    Example: regulars report goals
    """
    from regulars.cli import report_screens as screens
    from regulars.understand import reports

    with asked(shop, lang) as it:
        with it.house.records.reading() as view:
            found = [reports.goals.get(view, it.shop.shop_id, name)] if name else reports.goals.listing(view, it.shop.shop_id)
        told = [reports.goals.progress(_desk(it), one) for one in found]
        it.give(told[0] if name else {"items": told, "next": None}, as_json, lambda out: screens.goals(out, told))


@app.command("kinds")
def kinds(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Every kind of report, with a question that works on any shop.

    Example: regulars report kinds --json
    """
    from regulars.cli import report_screens as screens
    from regulars.understand import reports

    with asked(shop, lang) as it:
        found = [{"kind": one.kind, "example": one.example} for one in reports.every_report()]
        it.give({"items": found, "next": None}, as_json, lambda out: screens.kinds(out, found, KINDS))


def _desk(it: Ask) -> Desk:
    from regulars.understand.questions import Desk

    return Desk(it.house.warehouse, it.shop)


def _question(
    it: Ask, kind: str, query: str, sets: list[str], events: list[str], where: list[str], first: str, last: str, interval: str,
    breakdown: str, segment: str,
) -> dict[str, Any]:  # fmt: skip
    """The question a command means: its file, then `--set`, then the short options; the kind's example where none is given."""
    from regulars.understand.reports import report_of, writing

    example = report_of(kind).example
    question: dict[str, Any] = _read(query) if query else {}
    question |= dict(_pair(one) for one in sets)
    question = writing.with_events(kind, question, events)
    if not question:
        question = dict(example)
    question = writing.with_range(question, first, last)
    if where:
        question["where"] = [*question.get("where", []), *(writing.condition(one) for one in where)]
    if interval:
        question["interval"] = interval
    if breakdown:
        on_customer = breakdown.startswith("customer.")
        question["breakdown"] = {"key": breakdown.removeprefix("customer."), "on": "customer" if on_customer else "event"}
    if segment:
        question["segment"] = segment
    return question


def _read(name: str) -> dict[str, Any]:
    from regulars.cli.doors import path
    from regulars.errors import InvalidInput

    try:
        text = path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{name} cannot be read: {error}", mend="name a file of YAML or JSON", code="bad_file") from None
    found = plain_yaml(text, name)
    if not isinstance(found, dict):
        raise InvalidInput(f"{name} holds no question", mend="write fields, such as `interval: week`", code="bad_file")
    return found


def _pair(written: str) -> tuple[str, Any]:
    from regulars.errors import InvalidInput

    name, sign, value = written.partition("=")
    if not sign or not name.strip():
        raise InvalidInput(f"'{written}' is no NAME=VALUE", mend="write it as step=2", code="bad_option")
    return name.strip(), plain_yaml(value, written)


def plain_yaml(text: str, place: str) -> Any:
    """YAML or JSON with dates as they are written."""
    import yaml

    from regulars.errors import InvalidInput

    try:
        return yaml.load(text, Loader=_loader())  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{place} is not YAML: {error}", mend="correct that line", code="bad_file") from None


def _loader() -> Any:
    import yaml

    class Plain(yaml.SafeLoader):  # type: ignore[misc]
        """YAML in which dates stay as they are written, as in JSON."""

    Plain.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in forms if tag != "tag:yaml.org,2002:timestamp"]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Plain


join_kinds()
