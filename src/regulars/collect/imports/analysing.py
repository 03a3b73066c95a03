"""From files to an analysis and its report: what a dry run shows, and what a load starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from regulars.access.domain import Shop
from regulars.access.keys import Keyring
from regulars.collect.imports.domain.fields import FIELDS, Kind
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.domain.report import Example, FileReport, Found, LoadReport, MappedColumn, Problem
from regulars.collect.imports.domain.rules import OUTCOMES, RULES, Outcome
from regulars.collect.imports.intake import Given, Opened, cell_values, explain_column, look, match, open_file, sha256_of
from regulars.collect.imports.kinds.analysis import Analysis, Task
from regulars.collect.imports.queries import tally
from regulars.collect.imports.queries.columns import source_row
from regulars.errors import InvalidInput
from regulars.warehouse.workbench import Workbench

#: `tell(note, done, total)`: what is being done and how far; bytes while reading, None afterwards. May raise to stop.
Tell = Callable[[str, int | None, int | None], None]

_DATES = ("ordered_at", "observed_at", "reviewed_at", "occurred_at", "spent_on", "observed_on")
#: Columns shown as the example of a rule, by field; the first one mapped is taken.
_SHOWN: dict[str, tuple[str, ...]] = {
    "date_unreadable": _DATES,
    "date_too_early": _DATES,
    "date_in_future": _DATES,
    "date_missing": _DATES,
    "dates_differ": ("ordered_at",),
    "quantity_unreadable": ("quantity",),
    "quantity_too_large": ("quantity",),
    "stock_movement": ("quantity",),
    "zero_quantity": ("quantity",),
    "quantity_missing": ("quantity",),
    "missing_customer": ("order_id", "ordered_at"),
    "customers_differ": ("order_id",),
    "not_a_sale": ("product_name", "product_id"),
    "postage_line": ("product_name", "product_id"),
    "gift_card_line": ("product_name", "product_id"),
    "manual_line": ("product_name", "product_id"),
    "discount_line": ("product_name", "product_id"),
    "other_currency": ("currency", "order_total", "line_amount", "unit_price"),
    "unknown_status": ("status",),
    "unpaid_order": ("status", "paid_at", "order_id"),
    "cancelled_order": ("status", "cancelled_at", "order_id"),
    "zero_price": ("unit_price", "line_amount"),
    "negative_price": ("unit_price", "line_amount"),
    "optional_date_unreadable": (
        "paid_at",
        "refunded_at",
        "cancelled_at",
        "shipped_at",
        "delivered_at",
        "promised_at",
        "registered_at",
        "birth_date",
    ),
    "rating_unreadable": ("rating",),
    "period_unreadable": ("spent_until", "spent_on"),
    "total_row": ("spent_on", "campaign", "source"),
    "competitor_missing": ("product_id", "product_name", "category"),
    "market_empty": ("competitor",),
    "event_missing": ("occurred_at",),
    "nobody": ("event",),
}
_AMOUNTS = (
    "line_amount",
    "unit_price",
    "order_total",
    "refund_amount",
    "shipping",
    "tax",
    "discount",
    "paid_amount",
    "price",
    "cost",
    "sales",
)


@dataclass(slots=True)
class Prepared:
    """Everything known before anything is written."""

    task: Task
    opened: list[Opened]
    analysis: Analysis
    report: LoadReport


def identify(files: Sequence[Given], tell: Tell) -> list[str]:
    """The content hash of every file.

    Raises
    ------
    InvalidInput : one file given twice.
    """
    hashes = [sha256_of(given.path, lambda done, total, name=given.name: tell(f"look at {name}", done, total)) for given in files]  # type: ignore[misc]
    for place, found in enumerate(hashes):
        if found in hashes[:place]:
            raise InvalidInput(
                f"{files[place].name} is the same file as {files[hashes.index(found)].name}",
                mend="give each file once",
                code="file_twice",
            )
    return hashes


def prepare(
    bench: Workbench,
    shop: Shop,
    kind: Kind,
    files: Sequence[Given],
    hashes: Sequence[str],
    options: LoadOptions,
    *,
    keyring: Keyring,
    load_id: str,
    saved: Mapping[str, Mapping[str, str]],
    shop_names: dict[str, str],
    tell: Tell,
) -> Prepared:
    """Read and understand the files.

    Raises
    ------
    InvalidInput : a file is no table, its columns are not clear, or files of different kinds do not belong together.
    """
    looks = [look(given.path, options) for given in files]
    maps = [match(kind, seen, options, saved, given.name) for seen, given in zip(looks, files, strict=True)]
    _check_belonging(kind, maps, files)
    count = len(files)
    opened = []
    # The last file given is the newest: it gets the smallest number, and the smallest row_id of an order leads.
    for place in reversed(range(count)):
        name = files[place].name

        def watch(done: int, total: int, name: str = name) -> None:
            tell(f"read {name}", done, total)

        opened.append(open_file(files[place], count - place, hashes[place], looks[place], maps[place], bench, shop, options, watch))
    task = Task(bench, shop, load_id, options, keyring, lambda doing: tell(doing, None, None), shop_names)
    analysis = _analyse(task, kind, opened)
    report = _report(task, kind, list(reversed(opened)), analysis)
    return Prepared(task, opened, analysis, report)


def _check_belonging(kind: Kind, maps: Sequence[Any], files: Sequence[Given]) -> None:
    for mapping, given in zip(maps, files, strict=True):
        family = bool(mapping.layout and mapping.layout.family)
        if mapping.kind != kind and not (family and kind == "orders"):
            raise InvalidInput(
                f"{given.name} looks like {mapping.layout.title}, a file of {mapping.kind}",
                mend=f"load it with `regulars load {mapping.kind} {given.name}`",
                code="other_kind",
            )


def _analyse(task: Task, kind: Kind, opened: list[Opened]) -> Analysis:
    if kind == "orders" and any(one.mapping.layout and one.mapping.layout.family == "olist" for one in opened):
        from regulars.collect.imports.kinds.olist import analyse
    elif kind == "orders":
        from regulars.collect.imports.kinds.orders import analyse
    elif kind == "products":
        from regulars.collect.imports.kinds.products import analyse
    elif kind == "events":
        from regulars.collect.imports.kinds.events import analyse
    elif kind == "customers":
        from regulars.collect.imports.kinds.customers import analyse
    elif kind == "costs":
        from regulars.collect.imports.kinds.costs import analyse
    elif kind == "competition":
        from regulars.collect.imports.kinds.competition import analyse
    else:
        from regulars.collect.imports.kinds.reviews import analyse
    return analyse(task, opened)


def _report(task: Task, kind: Kind, opened: list[Opened], analysis: Analysis) -> LoadReport:
    task.step("count")
    verdicts = tally.verdicts(task.bench, analysis.verdicts)
    by_file = tally.outcomes(verdicts)
    files = tuple(_file_report(one, by_file.get(one.number, {})) for one in opened)
    total = sum(one.rows for one in files)
    outcomes: dict[Outcome, int] = {name: sum(file.rows_by_outcome.get(name, 0) for file in files) for name in OUTCOMES}
    if sum(outcomes.values()) != total:
        raise AssertionError(f"{total} rows in the files, {sum(outcomes.values())} rows with an outcome")
    zone, zone_why = _zone(task, opened)
    currency_why = _currency_why(task, opened)
    return LoadReport(
        load_id=None,
        status="planned",
        dry_run=True,
        shop_id=task.shop.shop_id,
        kind=kind,
        files=files,
        rows=total,
        rows_by_outcome=outcomes,
        found=_aware(analysis.found),
        problems=_problems(task, opened, analysis, verdicts),
        assumptions=tuple(dict.fromkeys([*analysis.assumptions, *(text for one in opened for text in one.assumptions)])),
        currency=task.shop.currency,
        currency_why=currency_why,
        timezone=zone,
        timezone_why=zone_why,
        shops=analysis.shops,
    )


def _aware(found: Found) -> Found:
    def utc(moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=UTC) if moment else None

    return replace(found, first_at=utc(found.first_at), last_at=utc(found.last_at))


def _file_report(one: Opened, outcomes: dict[Outcome, int]) -> FileReport:
    mapping = one.mapping
    by = {c.how for c in mapping.columns}
    layout = (
        mapping.layout.name
        if mapping.layout
        else "by mapping"
        if by & {"given", "saved"}
        else "by content"
        if "content" in by
        else "by headers"
    )
    title = (
        mapping.layout.title
        if mapping.layout
        else {"by mapping": "columns as mapped", "by content": "a list without a header"}.get(
            layout, "columns recognised by their headers"
        )
    )
    known = FIELDS[mapping.kind]
    return FileReport(
        name=one.given.name,
        form=one.raw.description.form,
        sha256=one.sha256,
        kind=mapping.kind,
        layout=layout,
        layout_title=title,
        rows=one.raw.rows + one.raw.bad_rows,
        columns=tuple(
            MappedColumn(
                c.field,
                known[c.field].meaning if c.field in known else "joins the files",
                c.column,
                c.how,
                explain_column(one, c.field),
            )
            for c in mapping.columns
        ),
        unmapped=() if mapping.kind == "events" else mapping.unmapped,
        also_fitting=mapping.spare,
        notices=tuple(notice.message for notice in one.raw.notices),
        rows_by_outcome={name: outcomes.get(name, 0) for name in OUTCOMES},
    )


def _problems(task: Task, opened: list[Opened], analysis: Analysis, verdicts: list[tally.Verdict]) -> tuple[Problem, ...]:
    met = {**tally.met(verdicts), **analysis.order_counts}
    chinese = task.shop.language == "zh"
    wanted: dict[int, dict[str, list[int]]] = {}
    for rule, (_, rows) in met.items():
        for row_id in rows[: tally.EXAMPLES]:
            number, row = source_row(row_id)
            wanted.setdefault(number, {}).setdefault(rule, []).append(row)
    examples: dict[str, list[Example]] = {}
    for one in opened:
        by_rule = wanted.get(one.number, {})
        columns = {rule: column for rule in by_rule if (column := _shown_column(one, rule))}
        cells = cell_values(
            task.bench, one, sorted({row for rule in columns for row in by_rule[rule]}), sorted(set(columns.values()))
        )
        for rule, rows in by_rule.items():
            for row in rows:
                column = columns.get(rule, "")
                examples.setdefault(rule, []).append(Example(one.given.name, row, column, cells.get(row, {}).get(column, "")[:120]))
    order = list(RULES)
    return tuple(
        Problem(
            rule=rule,
            outcome=RULES[rule].outcome,
            rows=rows,
            says=RULES[rule].says_zh if chinese else RULES[rule].says,
            mend=RULES[rule].mend_zh if chinese else RULES[rule].mend,
            examples=tuple(examples.get(rule, [])[: tally.EXAMPLES]),
        )
        for rule, (rows, _) in sorted(met.items(), key=lambda item: order.index(item[0]))
    )


def _shown_column(one: Opened, rule: str) -> str | None:
    fields = _SHOWN.get(rule) or (_AMOUNTS if "amount" in rule or "total" in rule or "refund" in rule or "price" in rule else ())
    for name in (*fields, "order_id", "product_id", "product_name", "customer_id", "ordered_at", "campaign", "competitor"):
        if one.reading.has(name):
            return one.reading.columns[name]
    return next(iter(one.reading.columns.values()), None)


def _zone(task: Task, opened: list[Opened]) -> tuple[str, str]:
    dates = [
        c
        for one in opened
        for name, c in one.reading.conventions.items()
        if name in ("ordered_at", "observed_at", "reviewed_at", "registered_at", "occurred_at")
    ]
    if dates and all(date.has_offset for date in dates):
        return "UTC", "every time in the files names its offset"
    if any(one.mapping.layout and one.mapping.layout.utc for one in opened) and not task.options.timezone:
        return "UTC", "this export writes UTC; overrule with --timezone"
    if task.options.timezone:
        return task.options.timezone, "given with --timezone"
    return task.shop.timezone, "the shop's zone, as the files name none; overrule with --timezone"


def _currency_why(task: Task, opened: list[Opened]) -> str:
    currency = task.shop.currency
    words = sorted(
        {code for one in opened for code in one.reading.currency_words.values()}
        | {c for one in opened if (c := one.reading.written_currency)}
    )
    if not words:
        return "the shop's currency, as the files name none"
    if words == [currency]:
        return "the files name it, and it is the shop's"
    converted = [code for code in words if code in task.options.rates]
    foreign = [code for code in words if code != currency and code not in converted]
    text = f"the shop's currency; the files name {', '.join(words)}"
    if converted:
        text += f"; converted at {', '.join(f'{code}={task.options.rates[code]}' for code in converted)}"
    if foreign:
        text += f"; rows in {', '.join(foreign)} are set apart"
    return text


def given_files(paths: Sequence[Path], names: Sequence[str] | None = None) -> list[Given]:
    """Paths with the names they are spoken of by.

    Raises
    ------
    InvalidInput : no file at all.
    """
    if not paths:
        raise InvalidInput("no file was given", mend="name at least one file", code="no_file")
    return [Given(path, name) for path, name in zip(paths, names or [path.name for path in paths], strict=True)]
