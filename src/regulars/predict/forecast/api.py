"""Forecasts over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Query, Response

from regulars.predict.forecast import exports, service
from regulars.predict.forecast.domain import (
    ForecastAnswer,
    ForecastDay,
    ForecastScore,
    ForecastTotal,
    MarkedHoliday,
    PastDay,
)
from regulars.values.money import Money
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Predict"])


def _cny(minor: int) -> Money:
    return Money(minor, "CNY")


_EXAMPLE = ForecastAnswer(
    shop_id="tea",
    metric="net_revenue",
    unit="money",
    currency="CNY",
    timezone="Asia/Shanghai",
    as_of=datetime(2026, 10, 31, 16, 0, tzinfo=UTC),
    method="weekday_level",
    calendar="chinese",
    share=0.8,
    history_from=date(2024, 3, 2),
    history_days=974,
    past=(PastDay(date(2026, 10, 31), _cny(3_104_200), None),),
    days=(
        ForecastDay(date(2026, 11, 1), _cny(3_211_900), _cny(2_702_100), _cny(3_721_700), None),
        ForecastDay(date(2026, 11, 11), _cny(9_420_000), _cny(7_310_000), _cny(11_530_000), "double_11"),
    ),
    total=ForecastTotal(_cny(98_411_000), _cny(90_020_000), _cny(106_802_000)),
    holidays=(MarkedHoliday("double_11", {"en": "Double 11", "zh": "双十一"}, (date(2026, 11, 10), date(2026, 11, 11)), 1.87, 2),),
    score=ForecastScore(folds=6, days=28, mase=0.84, naive_mase=1.02, wape=0.121, coverage=0.79),
)


@api.get(
    "/v1/forecasts",
    permission="read_reports",
    answer=ForecastAnswer,
    summary="Any metric in the days to come, with intervals",
    example=_EXAMPLE,
)
def get_forecast(
    door: Door,
    metric: Annotated[str, Query(description="A name from `/v1/metrics/catalogue`", max_length=100)] = "net_revenue",
    days: Annotated[int, Query(ge=1, le=365, description="How many days ahead; no more than there is history")] = 28,
    share: Annotated[float, Query(description="Share of days that the interval is to hold: .5, .8, .9, .95 or .99")] = 0.8,
    calendar: Annotated[
        Literal["chinese", "western", "none"] | None,
        Query(description="Whose holidays are looked at; by default the shop's, by its zone and currency"),
    ] = None,
    last_on: Annotated[
        date | None, Query(description="The last day seen, for a forecast as of the past; by default the last whole day")
    ] = None,
    format: Format = "json",
) -> ForecastAnswer | Response:
    """Every day's expected value with an interval made of the errors of past forecasts, and the total where days add up.

    `score` says how forecasts from up to six earlier days turned out, each made without what came later. A holiday that this
    history has not seen (`effect` null) changes nothing. Too short a history, a closed shop, or a horizon longer than the history
    is answered with 422 `not_enough_data`.
    """
    answer = service.forecast(door.warehouse, door.shop, metric, days=days, share=share, calendar=calendar, last_on=last_on)
    return csv_file(door, exports.forecast_table(answer), f"forecast-{metric}") if format == "csv" else answer
