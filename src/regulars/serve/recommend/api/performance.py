"""How placements do over HTTP, how impressions are spread, how much each place is looked at, and what placements try and cap."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.serve.recommend import exports, performing, placing
from regulars.serve.recommend.api.routes import api
from regulars.serve.recommend.domain.lists import Placement
from regulars.serve.recommend.domain.position import Propensity
from regulars.serve.recommend.domain.spread import Spread
from regulars.serve.recommend.domain.trials import ADVISED_BPS, MOST_BPS, Order, PlacementSetting
from regulars.serve.recommend.performing import (
    By,
    PlacementFigures,
    PlacementLift,
    PlacementPropensities,
    RecommendPerformance,
)
from regulars.values.money import Money
from regulars.web import Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Page

_FROM, _TO = date(2026, 10, 3), date(2026, 11, 1)
_FIGURES = PlacementFigures(
    placement="home",
    position=None,
    model=None,
    arm=None,
    shown_by=None,
    on=None,
    lists=12_410,
    served=124_100,
    seen=81_560,
    clicks=3_262,
    click_through=0.039995,
    measured_by="seen",
    orders=214,
    revenue=Money(3_184_000, "CNY"),
)
_SPREAD = Spread(
    placement="home",
    start_on=_FROM,
    last_on=date(2026, 10, 10),
    impressions=31_000,
    products=812,
    coverage=0.41,
    gini=0.72,
    novelty=9.4,
    head_share=0.12,
)
_SETTING = PlacementSetting(
    placement="home",
    random_bps=ADVISED_BPS,
    popular_bps=ADVISED_BPS,
    changed_by="op_mei",
    changed_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
)
From = Annotated[date | None, Query(alias="from", description="First local day; by default 29 days before the last")]
To = Annotated[date | None, Query(description="Last local day, included; today by default")]


class PlacementSettingBody(BaseModel):
    """What a placement tries and caps; what is left out is switched off."""

    model_config = ConfigDict(extra="forbid")

    random_bps: int = Field(default=0, ge=0, le=MOST_BPS, description="Share of lists with one random product; 100 are 1 %")
    popular_bps: int = Field(default=0, ge=0, le=MOST_BPS, description="Share of lists in popular order")
    variant: Order | None = Field(default=None, description="Another order for some visitors: an A/B test")
    variant_bps: int = Field(default=5_000, ge=0, le=10_000, description="Share of visitors who get it")
    most_per_visitor: int | None = Field(
        default=None, ge=1, le=1_000, description="Seen so often by one visitor in a day, a product goes behind the others"
    )
    most_share_bps: int | None = Field(
        default=None, ge=1, le=10_000, description="With so much of the placement's impressions of seven days, too"
    )


@api.get(
    "/v1/recommend/performance",
    permission="read_reports",
    answer=RecommendPerformance,
    summary="What came of recommendations",
    example=RecommendPerformance(
        start_on=_FROM,
        last_on=_TO,
        total=_FIGURES,
        rows=[_FIGURES],
        lifts=[
            PlacementLift(
                placement="home",
                against="random",
                click_through=0.041,
                base_click_through=0.018,
                shown=80_020,
                base_shown=1_540,
                lift=1.277778,
                low=0.64,
                high=2.16,
                state="better",
            )
        ],
    ),
)
def get_recommend_performance(
    door: Door,
    by: Annotated[list[By] | None, Query(description="What is told apart; placements by default", max_length=6)] = None,
    placement: Annotated[Placement | None, Query(description="Only this one")] = None,
    first: From = None,
    to: To = None,
    format: Format = "json",
) -> RecommendPerformance | Response:
    """Lists served, products seen, clicks, and orders of clicked products within seven days without refunds; with the lift of what the
    model chose against random and popular products, where the placement shows some.
    """
    found = performing.performance(
        door.warehouse,
        door.shop,
        period=performing.asked(door.shop, first, to),
        by=by or ["placement"],
        placement=placement,
    )
    return csv_file(door, exports.performance_table(found), "recommendations") if format == "csv" else found


@api.get(
    "/v1/recommend/spread",
    permission="read_reports",
    answer=Page[Spread],
    summary="How recommendations are spread over the catalogue",
    example=Page(items=[_SPREAD]),
)
def get_recommend_spread(
    door: Door,
    k: Annotated[int, Query(ge=1, le=100, description="Only the first places of each list")] = 10,
    parts: Annotated[int, Query(ge=1, le=12, description="Into how many parts the period is cut, from old to new")] = 4,
    first: From = None,
    to: To = None,
    format: Format = "json",
) -> Page[Spread] | Response:
    """Coverage, Gini of impressions, novelty and the share of the best-selling 1 %, by placement, from earlier to later."""
    found = performing.spreads(door.warehouse, door.shop, period=performing.asked(door.shop, first, to), k=k, parts=parts)
    return csv_file(door, exports.spread_table(found), "recommendations-spread") if format == "csv" else Page(items=found)


@api.get(
    "/v1/recommend/propensities",
    permission="read_reports",
    answer=Page[PlacementPropensities],
    summary="How much each place of a list is looked at",
    example=Page(
        items=[
            PlacementPropensities(
                placement="home",
                positions=[
                    Propensity(position=1, shown=4_100, clicks=240, propensity=1.0, low=1.0, high=1.0, weight=1.0),
                    Propensity(position=2, shown=4_090, clicks=171, propensity=0.714286, low=0.59, high=0.87, weight=1.4),
                ],
            )
        ]
    ),
)
def get_recommend_propensities(door: Door) -> Page[PlacementPropensities]:
    """Learned from the lists of 60 days in which a random product stood; clicks are weighted by one over it, at most ten, in learning."""
    return Page(items=performing.propensities(door.warehouse, door.shop))


@api.get(
    "/v1/recommend/placements",
    permission="read_reports",
    answer=Page[PlacementSetting],
    summary="What each placement tries and caps",
    example=Page(items=[_SETTING]),
)
def get_recommend_placements(door: Door) -> Page[PlacementSetting]:
    """Shares of lists for random and popular products, the A/B test, and the caps; nothing of it is on until somebody sets it."""
    with door.reading() as uow:
        return Page(items=placing.placements(uow, door.shop.shop_id))


@api.put(
    "/v1/recommend/placements/{placement}",
    permission="manage_segments",
    answer=PlacementSetting,
    summary="Set what a placement tries and caps",
    example=_SETTING,
    sends=PlacementSettingBody(random_bps=ADVISED_BPS, popular_bps=ADVISED_BPS),
)
def put_recommend_placement(
    door: Door, placement: Annotated[Placement, Path(description="The placement")], body: PlacementSettingBody
) -> PlacementSetting:
    """It holds from the next list on; the same again changes nothing. What shows only what its name says takes no baseline."""
    with door.unit() as uow:
        setting = PlacementSetting(placement=placement, **body.model_dump())
        return placing.set_placement(uow, door.caller, door.shop.shop_id, setting)
