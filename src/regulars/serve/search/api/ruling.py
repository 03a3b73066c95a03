"""What operators want of searches, and what shoppers searched for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from regulars.errors import InvalidInput
from regulars.serve.search import analytics, learning, rules
from regulars.serve.search.analytics import QueryRow, SearchAnalytics, View
from regulars.serve.search.api.routes import api
from regulars.serve.search.rules import QueryBody, RuleKind, RuleState, SearchRule, SynonymsBody
from regulars.understand.metrics import asked_period
from regulars.web import Door
from regulars.web.paging import Page

RuleId = Annotated[str, Path(max_length=100, description="The rule")]
_Word = Annotated[str, Field(min_length=1, max_length=200)]

_AT = datetime(2026, 10, 31, 9, 30, tzinfo=UTC)
_RULE = SearchRule(
    rule_id="rule_4Z",
    kind="synonyms",
    state="active",
    synonyms=SynonymsBody(words=("longjing", "dragon well", "龙井")),
    query=None,
    begins_at=None,
    ends_at=None,
    made_at=_AT,
    made_by="operator:op_1",
    changed_at=_AT,
    changed_by="operator:op_1",
)


class Synonyms(BaseModel):
    """Words or phrases that mean the same; with `also`, one way only."""

    model_config = ConfigDict(extra="forbid")

    words: list[_Word] = Field(min_length=1, max_length=50)
    also: list[_Word] = Field(default=[], max_length=50, description="What `words` also find, and not the other way round")


class ForQuery(BaseModel):
    """What some queries show; every query where none is named."""

    model_config = ConfigDict(extra="forbid")

    queries: list[_Word] = Field(default=[], max_length=200)
    pins: dict[_Word, Annotated[int, Field(ge=1, le=100)]] = Field(default={}, max_length=100, description="Product and its place")
    boost: list[_Word] = Field(default=[], max_length=200, description="Products worth twice as much")
    bury: list[_Word] = Field(default=[], max_length=200, description="Products worth a tenth")
    hide: list[_Word] = Field(default=[], max_length=200)
    boost_facet: _Word | None = None
    boost_value: _Word | None = None
    bury_facet: _Word | None = None
    bury_value: _Word | None = None
    redirect: str | None = Field(default=None, max_length=2000, description="Where these queries lead instead")


class NewRule(BaseModel):
    """A rule: either `synonyms` or `query`."""

    model_config = ConfigDict(extra="forbid")

    synonyms: Synonyms | None = None
    query: ForQuery | None = None
    state: RuleState = "active"
    begins_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class ChangedRule(BaseModel):
    """What changes of a rule."""

    model_config = ConfigDict(extra="forbid")

    synonyms: Synonyms | None = None
    query: ForQuery | None = None
    state: RuleState | None = None


@api.get(
    "/v1/search/analytics",
    permission="read_reports",
    answer=SearchAnalytics,
    summary="What shoppers search for",
    example=SearchAnalytics(
        start_on="2026-10-01",
        last_on="2026-10-30",
        searches=1_204,
        queries=311,
        without_result_share=0.0581,
        click_share=0.4269,
        cart_share=0.1312,
        order_share=0.0407,
        exit_share=0.2118,
        rows=[QueryRow(query="longjing", searches=96, customers=81, without_result=0, clicks=60, carts=22, orders=8, exits=9)],
    ),
)
def get_analytics(
    door: Door,
    view: Annotated[View, Query(description="Which queries come first")] = "top",
    first: Annotated[date | None, Query(alias="from", description="First local day; the last 30 days where none is given")] = None,
    to: Annotated[date | None, Query(description="Last local day, included")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many queries")] = 100,
) -> SearchAnalytics:
    """From the events `Products Searched` and what the same shopper did in the same visit, or told with the search's `search_id`: the
    most asked queries, those without result, without a click on a product, and those after which shoppers left.
    """
    period = asked_period(door.warehouse, door.shop, first, to)
    return analytics.analytics(door.warehouse, door.shop, period=period, view=view, most=limit)


@api.get(
    "/v1/search/rules",
    permission="read_reports",
    answer=Page[SearchRule],
    summary="What operators want of searches",
    example=Page(items=[_RULE]),
)
def get_rules(
    door: Door,
    kind: Annotated[RuleKind | None, Query(description="Only of this kind")] = None,
    state: Annotated[RuleState | None, Query(description="Only in this state")] = None,
) -> Page[SearchRule]:
    """Synonyms, and rules of queries with pins, boosts, buried and hidden products and redirects, the oldest first."""
    with door.reading() as uow:
        return Page(items=rules.listing(uow, door.shop.shop_id, kind=kind, state=state))


@api.post(
    "/v1/search/rules",
    permission="manage_reports",
    answer=SearchRule,
    summary="Make a rule of searches",
    example=_RULE,
    sends=NewRule(synonyms=Synonyms(words=["longjing", "dragon well", "龙井"])),
    status=201,
)
def post_rule(door: Door, new: NewRule) -> SearchRule:
    """It holds from the next search on. Pinned products appear only where they pass the filters of the search."""
    with door.unit() as uow:
        return rules.make(
            uow,
            door.caller,
            door.shop.shop_id,
            _body(new.synonyms, new.query),
            state=new.state,
            begins_at=new.begins_at,
            ends_at=new.ends_at,
        )


@api.post(
    "/v1/search/proposals",
    permission="manage_reports",
    answer=Page[SearchRule],
    summary="Look for synonyms to propose",
    example=Page(items=[replace(_RULE, state="proposed")]),
)
def post_proposals(door: Door) -> Page[SearchRule]:
    """What several shoppers asked in vain and then asked in other words with success becomes a rule in state `proposed`, which holds
    once somebody makes it `active`. Looked for every day as well; what was proposed before, or is known, is not proposed again.
    """
    return Page(items=learning.propose(door.records, door.warehouse, door.home, door.caller, door.shop, door.unit))


@api.patch(
    "/v1/search/rules/{rule_id}",
    permission="manage_reports",
    answer=SearchRule,
    summary="Change a rule of searches, or approve it",
    example=_RULE,
    sends=ChangedRule(state="active"),
)
def patch_rule(door: Door, rule_id: RuleId, changed: ChangedRule) -> SearchRule:
    """What it says is replaced whole; `state` switches it on and off."""
    body = _body(changed.synonyms, changed.query) if changed.synonyms or changed.query else None
    with door.unit() as uow:
        return rules.change(uow, door.caller, door.shop.shop_id, rule_id, body=body, state=changed.state)


@api.delete("/v1/search/rules/{rule_id}", permission="manage_reports", answer=None, status=204, summary="Delete a rule of searches")
def delete_rule(door: Door, rule_id: RuleId) -> None:
    """It stays in the audit trail."""
    with door.unit() as uow:
        rules.remove(uow, door.caller, door.shop.shop_id, rule_id)


def _body(synonyms: Synonyms | None, query: ForQuery | None) -> SynonymsBody | QueryBody:
    if (synonyms is None) == (query is None):
        raise InvalidInput("a rule is either of synonyms or of queries", mend="give one of `synonyms` and `query`", code="bad_rule")
    if synonyms is not None:
        return SynonymsBody(words=tuple(synonyms.words), also=tuple(synonyms.also))
    assert query is not None
    several: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in query.model_dump().items()
    }
    return QueryBody(**several)
