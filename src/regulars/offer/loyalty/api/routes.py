"""The routes of this room, joined by the files beside, and what they have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from regulars.offer.loyalty.currencies import POINTS
from regulars.offer.loyalty.owners import owner_of
from regulars.web import Api, Door

api = Api(tags=["Loyalty"])

CustomerId = Annotated[str, Path(max_length=200, description="The customer, by our id or the shop's own")]
CurrencyId = Annotated[str, Query(max_length=32, alias="currency", description="Which points; `points` where none is named")]
Key = Annotated[
    str, Field(min_length=1, max_length=180, description="Makes this happen once: the same key again gets the same answer")
]
Whole = Annotated[int, Field(ge=1, le=10**12)]
Minor = Annotated[int, Field(ge=0, le=10**15)]

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
LATER = datetime(2027, 11, 1, 16, tzinfo=UTC)
WHO = "c_2f1d0c9b8a7e6d5c4b3a"
USUAL = POINTS


class Strict(BaseModel):
    """A body without surprises."""

    model_config = ConfigDict(extra="forbid")


def owner(door: Door, customer_id: str) -> str:
    """The customer an id belongs to now."""
    with door.reading() as uow:
        return owner_of(uow, door.keyring, door.shop.shop_id, customer_id)
