"""Models over HTTP: which answers, its card, another one made champion, the one before brought back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from regulars.predict.models import examples, service
from regulars.predict.models.domain import ModelAnswer, Models
from regulars.web import Api, Door

api = Api(tags=["Predict"])

ModelName = Annotated[str, Path(max_length=60, description="As `GET /v1/models` names it")]


class Promotion(BaseModel):
    """Which version is to answer."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1, le=2**31 - 1, description="The version")
    why: str = Field(default="", max_length=500, description="The reason, kept with the change")


class RollBack(BaseModel):
    """Why the champion is taken back."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(default="", max_length=500, description="The reason, kept with the change")


@api.get("/v1/models", permission="read_reports", answer=Models, summary="Models", example=examples.MODELS)
def get_models(door: Door) -> Models:
    """The champion of every model of the shop, with the figures of its backtest and whether it still fits the shop of today."""
    with door.reading() as uow:
        return service.listing(uow, door.shop.shop_id, language=door.language)


@api.get("/v1/models/{model}", permission="read_reports", answer=ModelAnswer, summary="A model's card", example=examples.ANSWER)
def get_model(door: Door, model: ModelName) -> ModelAnswer:
    """Cut-off, data, settings and backtest of the champion; all versions, every change of champion, and drift day by day."""
    with door.reading() as uow:
        return service.card(uow, door.shop.shop_id, model, language=door.language)


@api.post(
    "/v1/models/{model}/champion",
    permission="manage_models",
    answer=ModelAnswer,
    summary="Make a version the champion",
    example=examples.ANSWER,
    sends=Promotion(number=3, why="better on the last quarter"),
)
def post_champion(door: Door, model: ModelName, promotion: Promotion) -> ModelAnswer:
    """From its next run on the model answers with this version; the one before is kept and can be brought back."""
    with door.unit() as uow:
        return service.promote(
            uow, door.caller, door.shop.shop_id, model, promotion.number, why=promotion.why, language=door.language
        )


@api.post(
    "/v1/models/{model}/roll_back",
    permission="manage_models",
    answer=ModelAnswer,
    summary="Bring back the champion before",
    example=examples.ANSWER,
    sends=RollBack(why="too many warnings"),
)
def post_roll_back(door: Door, model: ModelName, told: RollBack) -> ModelAnswer:
    """Said again, the one before that answers."""
    with door.unit() as uow:
        return service.roll_back(uow, door.caller, door.shop.shop_id, model, why=told.why, language=door.language)
