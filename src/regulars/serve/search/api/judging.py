"""The relevance lab over HTTP: judgements in and out, two settings beside each other, and why a product stands where it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.serve.search import judging, lab, ranking, service
from regulars.serve.search.api.asking import ANSWER
from regulars.serve.search.api.routes import api
from regulars.serve.search.domain.explaining import FactorOf, WordPoints
from regulars.serve.search.judging import Judgement, JudgementsKept
from regulars.serve.search.lab import HitExplained, JudgedQuery, LabAnswer, LabDifference, LabFigures, Move, On, SidesAnswer
from regulars.serve.search.ranking import SearchOrder
from regulars.serve.search.service import Options
from regulars.understand.metrics import asked_period
from regulars.web import Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Page

_AT = datetime(2026, 10, 31, 2, 10, tzinfo=UTC)
_Part = Literal["spelling", "synonyms", "rules", "learned"]
_Without = Annotated[list[_Part] | None, Query(description="What the setting leaves out")]


@api.get(
    "/v1/search/lab",
    permission="read_reports",
    answer=LabAnswer,
    summary="Two settings of the search, judged by people or by clicks",
    example=LabAnswer(
        on="judged",
        queries=61,
        judgements=744,
        left=LabFigures(ndcg_10=0.5127, recall_100=0.8812, mrr=0.6127, without_result=0.0),
        right=LabFigures(ndcg_10=0.4655, recall_100=0.8391, mrr=0.5712, without_result=0.0328),
        differences=[LabDifference(figure="ndcg_10", difference=-0.0472, low=-0.0713, high=-0.0246)],
        differing=[JudgedQuery(query="lonjing", judgements=12, left=0.75, right=0.0)],
    ),
)
def get_lab(
    door: Door,
    on: Annotated[On, Query(description="Judged by the clicks of shoppers, or by judgements that were loaded")] = "clicked",
    without: Annotated[
        list[_Part] | None, Query(description="What the right setting leaves out; without it, all but the order learned")
    ] = None,
    left_without: _Without = None,
    first: Annotated[date | None, Query(alias="from", description="First local day; the last 30 days where none is given")] = None,
    to: Annotated[date | None, Query(description="Last local day, included")] = None,
) -> LabAnswer:
    """NDCG@10, recall@100, MRR and the share of queries without result under both settings, the differences query by query with their
    95 % intervals, and the queries on which they differ most: on the 300 queries clicked most, or on up to 1,000 judged ones.
    """
    period = asked_period(door.warehouse, door.shop, first, to)
    right = _leaving(without or ["spelling", "synonyms", "rules"])
    return lab.compare(door.records, door.warehouse, door.home, door.shop, _leaving(left_without), right, on=on, period=period)


@api.get(
    "/v1/search/sides",
    permission="read_reports",
    answer=SidesAnswer,
    summary="What a query finds under two settings",
    example=SidesAnswer(left=ANSWER, right=ANSWER, moves=[Move(product_id="longjing-100", left=1, right=None)]),
)
def get_sides(
    door: Door,
    q: Annotated[str, Query(max_length=200, description="What was typed")],
    without: _Without = None,
    left_without: _Without = None,
    size: Annotated[int, Query(ge=1, le=service.MOST_PRODUCTS, description="How many products a list holds")] = 20,
) -> SidesAnswer:
    """Both lists, and for every product of either its place under each setting. Nothing of it is counted as a search."""
    return lab.sides(door.records, door.warehouse, door.home, door.shop, q, _leaving(left_without), _leaving(without), size=size)


@api.get(
    "/v1/search/explanations",
    permission="read_reports",
    answer=HitExplained,
    summary="Why a product stands where it does for a query",
    example=HitExplained(
        product_id="longjing-100",
        name="Longjing 100 g",
        position=1,
        score=7.2164,
        pinned=False,
        words=[WordPoints(word="longjing", found_as="longjing", how="typed", fields=["name"], points=4.8109)],
        factors=[FactorOf(kind="holds", what=None, factor=1.5)],
        learned=False,
    ),
)
def get_explanation(
    door: Door,
    q: Annotated[str, Query(max_length=200, description="What was typed")],
    product_id: Annotated[str, Query(max_length=200, description="The product")],
    without: _Without = None,
) -> HitExplained:
    """Which words of the query gave it points, in which of its fields, by which synonym, completion or pinyin; and what the points were
    multiplied by: how much of the query it holds, wishes of operators, missing stock.
    """
    return lab.explain(door.records, door.warehouse, door.home, door.shop, q, product_id, options=_leaving(without))


@api.get(
    "/v1/search/judgements",
    permission="read_reports",
    answer=Page[Judgement],
    summary="What people think of products for a query",
    example=Page(items=[Judgement("longjing", "longjing-100", 3.0)]),
)
def get_judgements(door: Door, format: Format = "json") -> Page[Judgement] | Response:
    """Every judgement that was loaded, by query, the best products first; with `format=csv` a file that can be loaded again."""
    with door.reading() as uow:
        found = judging.listing(uow, door.shop.shop_id)
    return csv_file(door, judging.table(found), "judgements") if format == "csv" else Page(items=found)


class JudgementsFile(BaseModel):
    """A file of judgements."""

    model_config = ConfigDict(extra="forbid")

    csv: str = Field(min_length=1, max_length=8_000_000, description="Its text: columns query, product_id and grade, 0 to 10")
    replace: bool = Field(default=False, description="Forget what is not in it")


@api.put(
    "/v1/search/judgements",
    permission="manage_reports",
    answer=JudgementsKept,
    summary="Load judgements of products for queries",
    example=JudgementsKept(taken=2, changed=2, queries=1, judgements=2),
    sends=JudgementsFile(csv="query,product_id,grade\nlongjing,longjing-100,3\nlongjing,biluochun-100,1\n"),
    body_bytes=12 * 1024 * 1024,
)
def put_judgements(door: Door, file: JudgementsFile) -> JudgementsKept:
    """A judgement of the same query and product is replaced; the same file again changes nothing. Where a line cannot be read, the
    answer names it and nothing is kept.
    """
    with door.unit() as uow:
        return judging.keep(uow, door.caller, door.shop.shop_id, file.csv, replace=file.replace)


@api.delete(
    "/v1/search/judgements", permission="manage_reports", answer=None, status=204, summary="Forget all judgements of the shop"
)
def delete_judgements(door: Door) -> None:
    """Clicks still judge."""
    with door.unit() as uow:
        judging.remove(uow, door.caller, door.shop.shop_id)


@api.get(
    "/v1/search/order",
    permission="read_reports",
    answer=SearchOrder,
    summary="Whether an order learned from clicks answers",
    example=SearchOrder(
        answers="learned",
        judged_at=_AT,
        lists=2_410,
        needed=2_000,
        judged_on=482,
        plain=0.5127,
        learned=0.5391,
        low=0.0101,
        high=0.0422,
        looked_at=[1.0, 0.61, 0.42],
        gains={"points": 0.52, "chosen_for_query": 0.31},
    ),
)
def get_order(door: Door) -> SearchOrder:
    """Learned every night from lists with a click in 90 days, each click weighted by how likely its place is looked at; it answers only
    while it surely wins on the newest fifth of the lists.
    """
    with door.reading() as uow:
        return ranking.state(uow, door.warehouse, door.shop)


def _leaving(parts: Sequence[str] | None) -> Options:
    """A setting without some of its parts."""
    return Options(**dict.fromkeys(parts or (), False))
