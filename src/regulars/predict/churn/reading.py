"""The list of warned customers, one customer, the trend of the book, and how good warnings were: as the newest run left them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from regulars import registry
from regulars.errors import InvalidInput, NotFound
from regulars.predict.churn import feedback, warnings
from regulars.predict.churn.answers import (
    CauseSum,
    ChurnReason,
    ChurnRun,
    CustomerRisk,
    Judged,
    LevelChange,
    Levels,
    LevelSum,
    Quality,
    Trend,
    TrendPoint,
    Warned,
    Warnings,
    WrongCount,
)
from regulars.predict.churn.facts import ONLY_ORDER, WORTH, sentence
from regulars.predict.churn.keeping import MODEL
from regulars.predict.churn.levels import LEVELS, WARNING, Cuts
from regulars.predict.churn.reasons import REASON_GROUPS, SYMPTOMS, VIEWS
from regulars.predict.churn.settings import Settings, settings
from regulars.predict.churn.words import ACTION_NAMES, LEVEL_NAMES, METHOD_NAMES, REASON_NAMES, WRONG_NAMES, word
from regulars.understand.metrics import data_span, instant
from regulars.understand.profiles import decode_cursor, encode_cursor
from regulars.values.money import Money
from regulars.warehouse import Warehouse, unbound

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import UnitOfWork

MOST_ROWS = 1_000
_TABLES = ("churn_scores", "churn_runs")
_NOT_YET = {
    "en": "no run yet: customers are judged after each load and every night, or now with `regulars run churn`",
    "zh": "尚未运行：每次导入后和每晚会自动评估客户，也可用 `regulars run churn` 立即运行",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which of the customers: by default all at a warning level that support has not answered yet."""

    levels: Sequence[str] = ()
    cause: str | None = None
    view: str | None = None
    min_loss_minor: int | None = None
    within_capacity: bool = False
    answered: bool = False  # those answered as well

    def __post_init__(self) -> None:
        for given, known, what in (
            *((level, LEVELS, "level") for level in self.levels),
            (self.cause, REASON_GROUPS, "reason"),
            (self.view, tuple(VIEWS), "view"),
        ):
            if given is not None and given not in known:
                raise InvalidInput(f"there is no {what} '{given[:40]}'", mend=f"use one of {', '.join(known)}", code="bad_filter")


def warned(
    uow: UnitOfWork,
    warehouse: Warehouse,
    shop: Shop,
    filters: Filters | None = None,
    *,
    cursor: str | None = None,
    limit: int = 50,
    language: str = "en",
) -> Warnings:
    """The early-warning list, the worst first, with levels and causes over the whole book.

    Raises
    ------
    InvalidInput : an unknown filter, a foreign cursor, or a limit outside 1 to 1,000.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(f"a page of {limit} customers", mend=f"ask for 1 to {MOST_ROWS}", code="bad_limit")
    wanted = filters or Filters()
    run = newest_run(warehouse, shop.shop_id)
    wished = settings(uow, shop, data_span(warehouse, shop).currency)
    if run is None:
        return Warnings(
            run=None, reason=_NOT_YET["zh" if language == "zh" else "en"], levels=[], causes=[], capacity=wished.a_day, total=0,
            items=[], next=None,
        )  # fmt: skip
    rows = listed(shop.shop_id, run, wanted, wished.a_day)
    key = ("churn.sums", shop.shop_id, wanted, wished.a_day)
    sums = warehouse.cached(key, lambda: warehouse.rows(_by_cause(rows)), of=_TABLES)
    found = warehouse.rows(_after(rows, cursor).order_by(*_order(rows)).limit(limit + 1))
    money = _money(run["currency"])
    return Warnings(
        run=said_run(run, language),
        reason=None,
        levels=level_sums(run, wished.cuts(run["currency"], run["average_order_minor"], run["upper_loss_minor"]), language),
        causes=[
            CauseSum(
                group=row["cause"] or "rhythm",
                name=word(REASON_NAMES, row["cause"] or "rhythm", language),
                customers=row["customers"],
                expected_loss=money(row["loss"]),
            )
            for row in sorted(sums, key=lambda row: (-int(row["loss"]), row["cause"] or ""))
        ],
        capacity=wished.a_day,
        total=sum(row["customers"] for row in sums),
        items=[said(row, wished, language) for row in found[:limit]],
        next=encode_cursor("churn", *_keys(found[limit - 1])) if len(found) > limit else None,
    )


def every_warned(
    uow: UnitOfWork, warehouse: Warehouse, shop: Shop, filters: Filters | None = None, *, language: str = "en"
) -> Iterator[Warned]:
    """All of the list, in its order: for exports of any length."""
    run = newest_run(warehouse, shop.shop_id)
    wished = settings(uow, shop, data_span(warehouse, shop).currency)

    def told() -> Iterator[Warned]:
        if run is None:
            return
        rows = listed(shop.shop_id, run, filters or Filters(), wished.a_day)
        for batch in warehouse.batches(rows.order_by(*_order(rows)), rows=5_000):
            for row in batch.to_pylist():
                yield said(row, wished, language)

    return told()


def customer_risk(uow: UnitOfWork, warehouse: Warehouse, shop: Shop, customer_id: str, *, language: str = "en") -> CustomerRisk:
    """One customer's risk with its reasons, every change of its level, and what was said of its warnings."""
    run = newest_run(warehouse, shop.shop_id)
    wished = settings(uow, shop, data_span(warehouse, shop).currency)
    changes = [_change(row, language) for row in warnings.history(uow, shop.shop_id, customer_id)]
    words = feedback.listing(uow, shop.shop_id, customer_id=customer_id, language=language)
    zh = language == "zh"
    if run is None:
        return CustomerRisk(
            customer_id=customer_id, run=None, risk=None, reason=_NOT_YET["zh" if zh else "en"], changes=changes, feedback=words
        )
    scores = _scores(shop.shop_id, run)
    found = warehouse.rows(scores.filter(scores.customer_id == customer_id))
    days = 2 * run["horizon_days"]
    why = (
        f"最近 {days} 天内有订单的客户才会被评估；该客户没有，或不是真实客户"
        if zh
        else f"only customers with an order in the last {days} days are judged; this one has none, or is no real customer"
    )
    return CustomerRisk(
        customer_id=customer_id,
        run=said_run(run, language),
        risk=said(found[0], wished, language) if found else None,
        reason=None if found else why,
        changes=changes,
        feedback=words,
    )


def trend(uow: UnitOfWork, warehouse: Warehouse, shop: Shop, *, language: str = "en", most: int = 400) -> Trend:
    """Customers and money by level, run by run."""
    wished = settings(uow, shop, data_span(warehouse, shop).currency)
    runs = unbound("churn_runs")
    rows = warehouse.rows(runs.filter(runs.shop_id == shop.shop_id).order_by(runs.as_of.desc()).limit(most))
    points = [
        TrendPoint(
            as_of=_aware(row["as_of"]),
            horizon_days=row["horizon_days"],
            method=row["method"],
            customers=row["customers"],
            expected_leavers=row["expected_leavers"],
            levels=level_sums(row, wished.cuts(row["currency"], row["average_order_minor"], row["upper_loss_minor"]), language),
        )
        for row in reversed(rows)
    ]
    return Trend(currency=rows[0]["currency"] if rows else data_span(warehouse, shop).currency, points=points)


def quality(uow: UnitOfWork, warehouse: Warehouse, shop: Shop, *, language: str = "en") -> Quality:
    """The champion's backtest, and how many warnings were contested, by reason."""
    run = newest_run(warehouse, shop.shop_id)
    champion = registry.champion(uow, shop.shop_id, MODEL)
    told = feedback.counts(uow, shop.shop_id)
    figures: Mapping[str, Any] = champion.scores if champion else {}
    return Quality(
        version=champion.number if champion else None,
        method=run["method"] if run else champion.method if champion else None,
        auc=figures.get("auc"),
        brier=figures.get("brier"),
        ece=figures.get("ece"),
        folds=[_fold(fold, str(champion.settings["currency"])) for fold in champion.folds if "missed" in fold] if champion else [],
        warned=warnings.told(uow, shop.shop_id),
        contested=sum(told.values()),
        wrong=[
            WrongCount(wrong_because=code, name=word(WRONG_NAMES, code, language), times=told[code])
            for code in sorted(told, key=lambda code: (-told[code], code))
        ],
    )


def levels(uow: UnitOfWork, warehouse: Warehouse, shop: Shop) -> Levels:
    """Where levels begin now, and what the shop has set."""
    run = newest_run(warehouse, shop.shop_id)
    currency = data_span(warehouse, shop).currency
    wished = settings(uow, shop, currency)
    cuts = wished.cuts(currency, *((run["average_order_minor"], run["upper_loss_minor"]) if run else (None,)))
    return Levels(
        currency=currency,
        yellow=cuts.money("yellow"),
        orange=cuts.money("orange"),
        red=cuts.money("red"),
        levels_set=wished.currency == currency and wished.red_minor is not None,
        capacity=wished.a_day,
        margin_share=wished.margin_share,
        horizon_days=wished.horizon_days,
    )


def current(warehouse: Warehouse, shop: Shop, customer_id: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """A customer's row of the newest run, and the run.

    Raises
    ------
    NotFound : it has no warning.
    """
    run = newest_run(warehouse, shop.shop_id)
    found: list[dict[str, Any]] = []
    if run is not None:
        scores = _scores(shop.shop_id, run)
        found = warehouse.rows(scores.filter(scores.customer_id == customer_id, scores.level != "green"))
    if run is None or not found:
        raise NotFound(
            f"customer '{customer_id[:60]}' has no warning", mend="list them with `GET /v1/churn/warnings`", code="no_warning"
        )
    return found[0], run


def newest_run(warehouse: Warehouse, shop_id: str) -> dict[str, Any] | None:
    """The row of the newest run."""
    runs = unbound("churn_runs")
    newest = runs.filter(runs.shop_id == shop_id).order_by(runs.as_of.desc()).limit(1)
    found: list[dict[str, Any]] = warehouse.cached(("churn.newest", shop_id), lambda: warehouse.rows(newest), of=("churn_runs",))
    return found[0] if found else None


def listed(shop_id: str, run: Mapping[str, Any], wanted: Filters, capacity: int) -> ir.Table:
    """The customers of a run that pass."""
    rows = _scores(shop_id, run)
    rows = rows.filter(rows.level.isin(list(wanted.levels or WARNING)))
    if not wanted.answered:
        rows = rows.filter(rows.place.notnull() | (rows.level == "green"))
    if wanted.within_capacity:
        rows = rows.filter(rows.place <= capacity)
    if wanted.min_loss_minor is not None:
        rows = rows.filter(rows.loss_minor >= wanted.min_loss_minor)
    groups = [wanted.cause] if wanted.cause else list(VIEWS[wanted.view]) if wanted.view else []  # type: ignore[index]
    if groups == ["rhythm"]:
        return rows.filter(rows.cause.isnull())
    return rows.filter(rows.cause.isin(groups)) if groups else rows


def level_sums(run: Mapping[str, Any], cuts: Cuts, language: str) -> list[LevelSum]:
    """A run's customers and money by level, the worst first."""
    money = _money(run["currency"])
    return [
        LevelSum(
            level=level,
            name=word(LEVEL_NAMES, level, language),
            customers=run[level],
            expected_loss=money(run[f"{level}_loss_minor"]),
            from_loss=None if level == "green" else cuts.money(level),
        )
        for level in reversed(LEVELS)
    ]


def said_run(run: Mapping[str, Any], language: str) -> ChurnRun:
    """A run in words."""
    names = ("horizon_days", "method", "version", "currency", "customers", "expected_leavers", "margin_share", "margin_source")
    return ChurnRun(
        as_of=_aware(run["as_of"]),
        computed_at=_aware(run["computed_at"]),
        method_name=word(METHOD_NAMES, run["method"], language),
        **{name: run[name] for name in names},
    )


def said(row: Mapping[str, Any], wished: Settings, language: str) -> Warned:
    """A customer's row in words."""
    money, reasons = _money(row["currency"]), said_reasons(json.loads(row["reasons"]), language)
    return Warned(
        place=row["place"],
        beyond_capacity=row["place"] is not None and row["place"] > wished.a_day,
        answered=row["place"] is None and row["level"] != "green",
        customer_id=row["customer_id"],
        level=row["level"],
        level_name=word(LEVEL_NAMES, row["level"], language),
        since_on=date.fromisoformat(row["since_on"]),
        probability=round(row["probability"], 4),
        expected_margin=money(row["margin_minor"]),
        expected_loss=money(row["loss_minor"]),
        reasons=reasons,
        action=reasons[0].action if reasons else "",
    )


def said_reasons(kept: Sequence[Mapping[str, Any]], language: str) -> list[ChurnReason]:
    """Reasons as they are kept, in words."""
    return [
        ChurnReason(
            group=one["group"],
            name=word(REASON_NAMES, one["group"], language),
            is_symptom=one["group"] in SYMPTOMS,
            weight=one["weight"],
            text=sentence(one["fact"], one["numbers"], language),
            action=word(ACTION_NAMES, one["fact"] if one["fact"] in (ONLY_ORDER, WORTH) else one["group"], language),
        )
        for one in kept
    ]


def _scores(shop_id: str, run: Mapping[str, Any]) -> ir.Table:
    scores = unbound("churn_scores")
    return scores.filter(scores.shop_id == shop_id, scores.as_of == instant(_aware(run["as_of"])))


def _by_cause(rows: ir.Table) -> ir.Table:
    return rows.group_by("cause").aggregate(customers=rows.count(), loss=rows.loss_minor.sum())


def _order(rows: ir.Table) -> list[ir.Value]:
    return [rows.place.coalesce(2**53).asc(), rows.loss_minor.desc(), rows.customer_id.asc()]


def _keys(row: Mapping[str, Any]) -> tuple[int, int, str]:
    return (2**53 if row["place"] is None else row["place"]), row["loss_minor"], row["customer_id"]


def _after(rows: ir.Table, cursor: str | None) -> ir.Table:
    if cursor is None:
        return rows
    place, loss, customer = decode_cursor(cursor, "churn", int, int, str)
    here = rows.place.coalesce(2**53)
    further = (rows.loss_minor < loss) | ((rows.loss_minor == loss) & (rows.customer_id > customer))
    return rows.filter((here > place) | ((here == place) & further))


def _change(row: Mapping[str, Any], language: str) -> LevelChange:
    return LevelChange(
        day=row["day"],
        level=row["level"],
        level_name=word(LEVEL_NAMES, row["level"], language),
        previous=row["previous"],
        probability=row["probability"],
        expected_loss=None if row["loss_minor"] is None else Money(row["loss_minor"], row["currency"]),
        reasons=said_reasons(row["reasons"], language),
    )


def _fold(fold: Mapping[str, Any], currency: str) -> Judged:
    names = ("customers", "churn_rate", "auc", "brier", "ece", "top_decile_lift", "warned_left", "warned_stayed", "missed")
    return Judged(
        as_of=datetime.fromisoformat(str(fold["as_of"]).replace("Z", "+00:00")),
        warned_left_margin=Money(fold["warned_left_minor"], currency),
        missed_margin=Money(fold["missed_minor"], currency),
        **{name: fold[name] for name in names},
    )


def _money(currency: str) -> Any:
    return lambda minor: Money(int(minor), currency)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
