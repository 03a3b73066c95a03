"""Alarms and root causes over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from regulars.errors import InvalidInput
from regulars.predict.anomalies import service
from regulars.predict.anomalies.answers import Anomaly, AnomalyList, NotWatched
from regulars.predict.anomalies.domain import Cause, Effects, Hypothesis, RootCause
from regulars.understand.metrics import asked_period
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.web import Api, Door

api = Api(tags=["Predict"])

State = Literal["open", "acknowledged", "expected", "muted"]
AnomalyId = Annotated[str, Path(max_length=100, description="The alarm")]


def _cny(minor: int) -> Money:
    return Money(minor, "CNY")


_ANOMALY = Anomaly(
    anomaly_id="anom_4Z",
    metric="net_revenue",
    unit="money",
    day=date(2026, 10, 31),
    direction="down",
    level="orange",
    value=_cny(1_204_200),
    expected=_cny(3_104_200),
    low=_cny(1_904_200),
    high=_cny(4_304_200),
    effect=_cny(-3_611_000),
    causes={"en": ("62% of it lies in product Tea.",), "zh": ("其中 62% 来自商品 Tea。",)},
    state="open",
    because=None,
    muted_until=None,
    said_by=None,
    said_at=None,
    found_at=datetime(2026, 10, 31, 17, 2, tzinfo=UTC),
)
_CAUSE = RootCause(
    shop_id="tea",
    metric="item_revenue",
    unit="money",
    currency="CNY",
    period=Period(date(2026, 10, 25), date(2026, 11, 1)),
    before=Period(date(2026, 10, 18), date(2026, 10, 25)),
    value=_cny(14_204_200),
    previous=_cny(21_104_200),
    change=-0.327,
    basis="items",
    causes=(Cause({"product": "green"}, {"product": "Green tea"}, _cny(9_100_000), _cny(3_900_000), 0.7536),),
    explained=0.7536,
    effects=Effects("price_volume", _cny(410_000), _cny(-7_310_000)),
    hypotheses=(
        Hypothesis("stock", "found", {"en": "green was out of stock in the period.", "zh": "商品 green 在这一时期曾缺货。"}),
        Hypothesis(
            "competitor",
            "no_data",
            {"en": "No prices of competitors are loaded for this period.", "zh": "这一时期没有导入竞争对手的价格。"},
        ),
    ),
    text={"en": ("Item revenue fell by 32.7%.",), "zh": ("商品销售额下降 32.7%。",)},
)


class Answered(BaseModel):
    """What somebody says of an alarm."""

    model_config = ConfigDict(extra="forbid")

    state: State = Field(
        description="acknowledged; expected (with a reason); muted: 14 days without alarms of the metric; open again"
    )
    because: str = Field(default="", max_length=400, description="Why it was expected")


@api.get(
    "/v1/anomalies",
    permission="read_reports",
    answer=AnomalyList,
    summary="Metrics outside their interval and worth money",
    example=AnomalyList(
        (_ANOMALY,),
        (NotWatched("delivered_orders", {"en": "its newest days are never complete", "zh": "最近几天的数据总是不完整"}),),
    ),
)
def get_anomalies(
    door: Door,
    state: Annotated[State | None, Query(description="Only those in this state")] = None,
    since: Annotated[date | None, Query(description="Only days from this one on")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many")] = 100,
) -> AnomalyList:
    """Alarms of the daily watch over every metric, the newest day first, with what they are worth and why.

    Raised when the last whole day lies outside the interval that holds 99.5 % of days, two of the last three do on the same side, and
    the money effect is at least a tenth of a usual day's sales.
    """
    with door.reading() as uow:
        return service.report(uow, door.shop.shop_id, state=state, since=since, limit=limit)


@api.get("/v1/anomalies/{anomaly_id}", permission="read_reports", answer=Anomaly, summary="One alarm", example=_ANOMALY)
def get_anomaly(door: Door, anomaly_id: AnomalyId) -> Anomaly:
    """What was expected, what came, what that is worth, and why."""
    with door.reading() as uow:
        return service.get(uow, door.shop.shop_id, anomaly_id)


@api.patch(
    "/v1/anomalies/{anomaly_id}",
    permission="manage_reports",
    answer=Anomaly,
    summary="Acknowledge, explain or mute an alarm",
    example=_ANOMALY,
    sends=Answered(state="expected", because="the big order of the fair was last week"),
)
def patch_anomaly(door: Door, anomaly_id: AnomalyId, said: Answered) -> Anomaly:
    """The answer is kept with who gave it and is in the audit trail."""
    with door.unit() as uow:
        return service.answer(uow, door.caller, door.shop.shop_id, anomaly_id, state=said.state, because=said.because)


@api.get(
    "/v1/root-causes",
    permission="read_reports",
    answer=RootCause,
    summary="Why a metric changed from one period to another",
    example=_CAUSE,
)
def get_root_causes(
    door: Door,
    metric: Annotated[
        str, Query(max_length=100, description="A metric whose change can be searched; `revenue` is `item_revenue`")
    ] = "revenue",
    first: Annotated[date | None, Query(alias="from", description="First local day of the period to explain")] = None,
    to: Annotated[date | None, Query(description="Its last local day, included")] = None,
    before_from: Annotated[
        date | None, Query(description="First day of what it is compared with; by default as long just before")
    ] = None,
    before_to: Annotated[date | None, Query(description="Its last day, included")] = None,
) -> RootCause:
    """The parts of the shop (product, category, brand, seller, channel, region, device, campaign, coupon, price raised or lowered, stock run
    out; of refunds also the reason, of advertising the source; one to three together) in which the change lies, price against volume or
    rate against mix, and explanations marked found, not_found or no_data, with the evidence in sentences.
    """
    period = asked_period(door.warehouse, door.shop, first, to)
    if period is None:
        raise InvalidInput("no period to explain", mend="give `from` and `to`", code="bad_period")
    before = None
    if before_from is not None or before_to is not None:
        if before_from is None or before_to is None:
            raise InvalidInput("half a period to compare with", mend="give `before_from` and `before_to`", code="bad_period")
        before = asked_period(door.warehouse, door.shop, before_from, before_to)
    return service.root_cause(door.warehouse, door.shop, metric, period, before)
