"""The rules that operators make over recommendations, over HTTP, and what a rule would change before it is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from regulars.serve.recommend import ruling, service
from regulars.serve.recommend.api.lists import AT, EXPLAINED, ProductId, RecommendWanted
from regulars.serve.recommend.api.routes import api
from regulars.serve.recommend.domain.lists import MOST, Placement
from regulars.serve.recommend.domain.rules import Kind, RecommendRule
from regulars.serve.recommend.putting import Moved, RulePreview
from regulars.web import Door
from regulars.web.paging import Page


class RecommendRuleBody(BaseModel):
    """A rule to make."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    match: dict[Literal["product_id", "category", "brand", "seller_id"], ProductId] = Field(
        description="Which products; all that is given must hold"
    )
    placement: Placement | None = Field(default=None, description="Where; everywhere by default")
    slot: int | None = Field(default=None, ge=1, le=MOST, description="A pin's place, from 1")
    strength: float = Field(default=1.0, gt=0, le=10, description="What a boost adds, or burying takes; the best score is 1")
    from_at: datetime | None = None
    to_at: datetime | None = None
    segment_id: str | None = Field(default=None, max_length=64, description="For whom; everybody by default")
    note: str = Field(default="", max_length=200)

    def told(self) -> dict[str, Any]:
        """As the room knows it."""
        match = {str(name): value for name, value in self.match.items()}
        return {**self.model_dump(), "match": match, "from_at": _aware(self.from_at), "to_at": _aware(self.to_at)}


class RuleToPreview(BaseModel):
    """A rule that is not kept yet, and the list it is looked at in."""

    model_config = ConfigDict(extra="forbid")

    rule: RecommendRuleBody
    wanted: RecommendWanted


_RULE = RecommendRule(
    rule_id="rule_0199f3a1c2",
    kind="pin",
    placement="home",
    match={"product_id": "longjing-100"},
    slot=1,
    strength=1.0,
    from_at=AT,
    to_at=None,
    segment_id=None,
    note="Spring harvest",
    made_by="op_mei",
    made_at=AT,
)


@api.get(
    "/v1/recommend/rules",
    permission="read_reports",
    answer=Page[RecommendRule],
    summary="The rules over recommendations",
    example=Page(items=[_RULE]),
)
def get_recommend_rules(door: Door) -> Page[RecommendRule]:
    """Pins, boosts, burying, exclusions and inclusions, the newest first."""
    with door.reading() as uow:
        return Page(items=ruling.rules(uow, door.shop.shop_id))


@api.post(
    "/v1/recommend/rules",
    permission="manage_segments",
    answer=RecommendRule,
    status=201,
    summary="Pin, boost, bury, keep out or let in products",
    example=_RULE,
    sends=RecommendRuleBody(kind="pin", match={"product_id": "longjing-100"}, placement="home", slot=1, note="Spring harvest"),
)
def post_recommend_rule(door: Door, body: RecommendRuleBody) -> RecommendRule:
    """The rule holds from the next list on. A pinned product is shown at its place only while it may be shown at all."""
    with door.unit() as uow:
        return ruling.add_rule(uow, door.caller, door.shop.shop_id, **body.told())


@api.post(
    "/v1/recommend/rule_previews",
    permission="read_customers",
    answer=RulePreview,
    summary="What a rule would change in a list",
    example=RulePreview(
        counts=True,
        without=EXPLAINED,
        with_rule=EXPLAINED,
        moved=[Moved(product_id="longjing-100", name="Longjing 100 g", before=4, after=1)],
        filtered=[],
    ),
    sends=RuleToPreview(
        rule=RecommendRuleBody(kind="pin", match={"product_id": "longjing-100"}, slot=1),
        wanted=RecommendWanted(placement="home", customer="17850", size=10),
    ),
)
def post_rule_preview(door: Door, body: RuleToPreview) -> RulePreview:
    """The list for anybody without and with the rule, what it moves, and what it keeps out and why; nothing is kept or noted."""
    draft = ruling.drafted(door.caller, **body.rule.told())
    with door.reading() as uow:
        return service.preview(
            uow,
            door.records,
            door.warehouse,
            door.home,
            door.keyring,
            door.shop,
            body.wanted.wanted(),
            draft,
            language=door.language,
        )


@api.delete(
    "/v1/recommend/rules/{rule_id}",
    permission="manage_segments",
    answer=RecommendRule,
    summary="Take a rule away",
    example=_RULE,
)
def delete_recommend_rule(door: Door, rule_id: Annotated[str, Path(max_length=60, description="The rule")]) -> RecommendRule:
    """It counts no more from the next list on; the audit trail keeps that it was there."""
    with door.unit() as uow:
        return ruling.remove_rule(uow, door.caller, door.shop.shop_id, rule_id)


def _aware(moment: datetime | None) -> datetime | None:
    """Without a zone, UTC is meant."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
