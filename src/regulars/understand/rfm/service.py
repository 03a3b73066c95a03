"""The verbs of the RFM room: the shop's buyers by segment, and why one customer is where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from regulars.understand.metrics.queries.scope import who_ordered
from regulars.understand.metrics.service import scope_of
from regulars.understand.metrics.span import data_span
from regulars.understand.rfm import queries
from regulars.understand.rfm.domain import (
    DIMENSIONS,
    SCORES,
    SEGMENTS,
    VALUE_TYPES,
    Dimension,
    RfmAnswer,
    RfmCell,
    RfmExplanation,
    ScoreBand,
    ScoreWords,
    SegmentRow,
    Thresholds,
    segment_of,
    value_type_of,
)
from regulars.understand.rfm.words import dimension_name, fewer_scores, score_text, segment_name, words
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

_UNITS: dict[Dimension, Any] = {"recency": "days", "frequency": "orders", "monetary": "minor"}
_COLUMNS: dict[Dimension, str] = {"recency": "days_since_last", "frequency": "orders", "monetary": "net_minor"}
_Row = Mapping[str, Any]


def report(warehouse: Warehouse, shop: Shop, *, period: Period | None = None, language: str = "en") -> RfmAnswer:
    """The shop's buyers by recency, frequency and monetary value.

    Every customer with a counted order is scored, over all its history up to `as_of`: recency by local days since the last order,
    frequency by orders, monetary value by net revenue. Read from the profiles as last refreshed.

    Parameters
    ----------
    period : only buyers with an order in it are listed; their scores, and the thresholds, stay those among all buyers.
    """
    span = data_span(warehouse, shop)
    profiles = warehouse.table("customer_profiles")
    everybody = rows = warehouse.cached(
        ("rfm.cells", shop.shop_id), lambda: warehouse.rows(queries.cells(profiles, shop.shop_id)), of=("customer_profiles",)
    )
    if period is not None:
        start, end = period.instants(shop.timezone)
        some = who_ordered(profiles, warehouse.table("orders"), scope_of(span, shop), start, end)
        rows = warehouse.cached(
            ("rfm.cells", shop.shop_id, period),
            lambda: warehouse.rows(queries.cells(some, shop.shop_id)),
            of=("customer_profiles", "orders"),
        )
    customers = sum(row["customers"] for row in rows)
    net = sum(int(row["net"]) for row in rows)

    def segment_rows(codes: Iterable[str], code_of: Any) -> list[SegmentRow]:
        grouped: dict[str, list[_Row]] = {code: [] for code in codes}
        for row in rows:
            grouped[code_of(row)].append(row)
        return [_segment(code, members, customers, net, span.currency, language) for code, members in grouped.items()]

    return RfmAnswer(
        as_of=span.as_of,
        currency=span.currency,
        customers=customers,
        revenue=Money(net, span.currency),
        segments=segment_rows(SEGMENTS, lambda row: segment_of(row["recency_score"], row["frequency_score"])),
        value_types=segment_rows(
            VALUE_TYPES.values(), lambda row: value_type_of(row["recency_score"], row["frequency_score"], row["monetary_score"])
        ),
        matrix=_matrix(rows, customers, span.currency, language),
        thresholds=[_thresholds(warehouse, shop, dimension, everybody, language) for dimension in DIMENSIONS],
    )


def explain(warehouse: Warehouse, shop: Shop, profile: _Row, *, language: str = "en") -> RfmExplanation | None:
    """Why a customer (a row of customer_profiles) is in its segment; None for one that never ordered."""
    if profile["recency_score"] is None:
        return None
    span = data_span(warehouse, shop)
    values: dict[Dimension, float] = {
        "recency": profile["days_since_last"],
        "frequency": profile["orders"],
        "monetary": profile["net_minor"],
    }
    standing = warehouse.rows(
        queries.standing(),
        shop_id=shop.shop_id,
        days=str(values["recency"]),
        orders=str(profile["orders"]),
        net_minor=str(profile["net_minor"]),
    )[0]
    amount = str(Money(profile["net_minor"], span.currency))
    r, f, m = (profile[f"{dimension}_score"] for dimension in DIMENSIONS)
    segment, value_type = segment_of(r, f), value_type_of(r, f, m)
    said = words(segment, language)
    return RfmExplanation(
        segment=segment,
        name=said.name,
        explanation=said.explanation,
        handling=said.handling,
        value_type=value_type,
        value_type_name=segment_name(value_type, language),
        scores=[
            ScoreWords(
                dimension,
                dimension_name(dimension, language),
                profile[f"{dimension}_score"],
                values[dimension],
                _UNITS[dimension],
                score_text(dimension, values[dimension], amount, standing[dimension] / max(standing["buyers"], 1), language),
            )
            for dimension in DIMENSIONS
        ],
    )


def _segment(code: str, members: list[_Row], customers: int, net: int, currency: str, language: str) -> SegmentRow:
    here = sum(row["customers"] for row in members)
    orders = sum(int(row["orders"]) for row in members)
    gmv, own = sum(int(row["gmv"]) for row in members), sum(int(row["net"]) for row in members)
    said = words(code, language)
    return SegmentRow(
        segment=code,
        name=said.name,
        explanation=said.explanation,
        handling=said.handling,
        customers=here,
        share=round(here / customers, 4) if customers else None,
        orders=orders,
        revenue=Money(own, currency),
        revenue_share=round(own / net, 4) if net > 0 else None,
        average_recency_days=round(sum(row["days"] for row in members) / here, 1) if here else None,
        average_orders=round(orders / here, 2) if here else None,
        revenue_per_customer=Money(own, currency).share(1, here) if here else None,
        aov=Money(gmv, currency).share(1, orders) if orders else None,
    )


def _matrix(rows: list[dict[str, Any]], customers: int, currency: str, language: str) -> list[RfmCell]:
    cells = []
    for recency in range(SCORES, 0, -1):
        for frequency in range(1, SCORES + 1):
            here = [row for row in rows if (row["recency_score"], row["frequency_score"]) == (recency, frequency)]
            count = sum(row["customers"] for row in here)
            code = segment_of(recency, frequency)
            cells.append(
                RfmCell(
                    recency,
                    frequency,
                    code,
                    segment_name(code, language),
                    count,
                    round(count / customers, 4) if customers else None,
                    Money(sum(int(row["net"]) for row in here), currency),
                )
            )
    return cells


def _thresholds(warehouse: Warehouse, shop: Shop, dimension: Dimension, rows: list[dict[str, Any]], language: str) -> Thresholds:
    customers = sum(row["customers"] for row in rows)
    bands = []
    for score in range(SCORES, 0, -1):
        here = [row for row in rows if row[f"{dimension}_score"] == score]
        if here:
            lowest = min(row[f"{dimension}_lowest"] for row in here)
            highest = max(row[f"{dimension}_highest"] for row in here)
            bands.append(ScoreBand(score, lowest, highest, sum(row["customers"] for row in here)))
    note = ""
    if bands and len(bands) < SCORES:
        most = warehouse.cached(
            ("rfm.tie", shop.shop_id, dimension),
            lambda: warehouse.value(queries.largest_tie(warehouse.table("customer_profiles"), shop.shop_id, _COLUMNS[dimension])),
            of=("customer_profiles",),
        )
        note = fewer_scores(dimension, len(bands), most / customers, language)
    return Thresholds(dimension, dimension_name(dimension, language), _UNITS[dimension], bands, note)
