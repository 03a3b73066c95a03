"""The early-warning list, the trend and the views as files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.predict.churn.answers import Trend, Views, Warned
from regulars.values.csv import Table, csv_lines

#: Column -> head in Chinese; English heads are the column names, so that scripts can rely on them.
HEADS = {
    "place": "名次",
    "customer_id": "客户编号",
    "level": "级别",
    "since_on": "开始日期",
    "probability": "流失概率",
    "expected_loss": "预计损失",
    "expected_margin": "预计年毛利",
    "currency": "币种",
    "reason_1": "原因一",
    "fact_1": "事实一",
    "reason_2": "原因二",
    "fact_2": "事实二",
    "reason_3": "原因三",
    "fact_3": "事实三",
    "action": "建议动作",
    "beyond_capacity": "超出当日处理能力",
    "answered": "客服已反馈",
}
_PARQUET = pa.schema(
    [
        ("place", pa.int64()),
        ("customer_id", pa.string()),
        ("level", pa.string()),
        ("since_on", pa.date32()),
        ("probability", pa.float64()),
        ("expected_loss_minor", pa.int64()),
        ("expected_margin_minor", pa.int64()),
        ("currency", pa.string()),
        ("reasons", pa.list_(pa.struct([("group", pa.string()), ("is_symptom", pa.bool_()), ("weight", pa.float64()), ("text", pa.string())]))),
        ("action", pa.string()),
        ("beyond_capacity", pa.bool_()),
        ("answered", pa.bool_()),
    ]
)  # fmt: skip


def warned_csv(rows: Iterable[Warned], language: str = "en") -> Iterator[str]:
    """The list as pieces of a CSV file."""
    return csv_lines(list(HEADS.values()) if language == "zh" else list(HEADS), (_cells(row) for row in rows))


def warned_parquet(rows: Iterable[Warned]) -> bytes:
    """The list as a Parquet file; reasons are a list of structs, money is minor units."""
    plain = [
        {
            "place": row.place,
            "customer_id": row.customer_id,
            "level": row.level,
            "since_on": row.since_on,
            "probability": row.probability,
            "expected_loss_minor": row.expected_loss.minor,
            "expected_margin_minor": row.expected_margin.minor,
            "currency": row.expected_loss.currency,
            "reasons": [
                {"group": why.group, "is_symptom": why.is_symptom, "weight": why.weight, "text": why.text} for why in row.reasons
            ],
            "action": row.action,
            "beyond_capacity": row.beyond_capacity,
            "answered": row.answered,
        }
        for row in rows
    ]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(plain, schema=_PARQUET), file)
    return file.getvalue()


def trend_table(answer: Trend) -> Table:
    """One row a run and level."""
    rows = [
        (point.as_of, point.customers, point.expected_leavers, one.level, one.customers, one.expected_loss, answer.currency)
        for point in answer.points
        for one in point.levels
    ]
    heads = ("as_of", "customers", "expected_leavers", "level", "customers_at_level", "expected_loss", "currency")
    return Table(heads, tuple(rows))


def views_table(answer: Views) -> Table:
    """One row a view and reason."""
    rows = [
        (view.view, group.group, group.customers, group.expected_loss, group.expected_loss.currency, group.survey_answers)
        for view in answer.views
        for group in view.groups
    ]
    return Table(("view", "reason", "customers", "expected_loss", "currency", "survey_answers"), tuple(rows))


def _cells(row: Warned) -> list[object]:
    named = [*row.reasons, None, None, None][:3]
    whys = [cell for why in named for cell in ((why.name, why.text) if why else (None, None))]
    return [
        row.place,
        row.customer_id,
        row.level_name,
        row.since_on,
        row.probability,
        row.expected_loss,
        row.expected_margin,
        row.expected_loss.currency,
        *whys,
        row.action,
        row.beyond_capacity,
        row.answered,
    ]
