"""Traits over HTTP: all of them, how one is spread, one customer's, who is alike; and tags."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from regulars.access import audit
from regulars.collect import identity
from regulars.understand.questions import Desk
from regulars.understand.traits import examples, exports, likeness, service, tagging
from regulars.understand.traits.domain import AlikeAnswer, BulkTagged, CustomerTraits, Distribution, Tag, Traits
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Page

api = Api(tags=["Traits"])

CustomerId = Annotated[str, Path(max_length=200, description="The customer; ids that were merged go on resolving")]
TraitName = Annotated[str, Path(max_length=60, description="As `GET /v1/traits` names it")]
TagId = Annotated[str, Path(max_length=60, description="The tag, by id or name")]


class Rule(BaseModel):
    """Who gets a tag by themselves: those for whom everything that is given holds."""

    model_config = ConfigDict(extra="forbid")

    where: list[dict[str, Any]] = Field(
        default_factory=list, max_length=20, description="`{key, op, value}` on traits and other customer properties"
    )
    segment: str | None = Field(default=None, max_length=200, description="Only members of this segment")
    where_tree: dict[str, Any] | None = Field(default=None, description="A tree of conditions, as of a segment")


class NewTag(BaseModel):
    """A tag; without a rule it is given by hand only."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="Unique in the shop, up to 60 characters")
    description: str = Field(default="", max_length=500, description="What it means")
    rule: Rule | None = Field(default=None, description="Who gets it by themselves")


class ChangedTag(BaseModel):
    """What changes; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=200, description="Another name")
    description: str | None = Field(default=None, max_length=500, description="Another meaning")
    rule: Rule | None = Field(default=None, description="Another rule")
    drop_rule: bool = Field(default=False, description="Leave it only to those who have it by hand")


class Tagging(BaseModel):
    """Whom a tag is given by hand, and from whom it is taken."""

    model_config = ConfigDict(extra="forbid")

    add: list[Annotated[str, Field(max_length=200)]] = Field(
        default_factory=list, max_length=50_000, description="Customers who get it"
    )
    remove: list[Annotated[str, Field(max_length=200)]] = Field(
        default_factory=list, max_length=50_000, description="Customers who lose it, where they have it by hand"
    )


@api.get("/v1/traits", permission="read_reports", answer=Traits, summary="All traits", example=examples.TRAITS)
def get_traits(door: Door) -> Traits:
    """Every trait with its definition, how many customers have it, quartiles, and why where nobody has it."""
    return service.overview(door.warehouse, door.shop, language=door.language)


@api.get(
    "/v1/traits/{name}",
    permission="read_reports",
    answer=Distribution,
    summary="How a trait is spread",
    example=examples.DISTRIBUTION,
)
def get_trait(door: Door, name: TraitName) -> Distribution:
    """Customers by bins of a number, or by the 20 commonest words; those without the trait are left out."""
    return service.distribution(door.warehouse, door.shop, name, language=door.language)


@api.get(
    "/v1/customer_traits",
    permission="read_customers",
    answer=Traits,
    summary="Traits of all customers as a file",
    example=examples.TRAITS,
)
def get_customer_traits_file(door: Door, format: Format = "json") -> Traits | StreamingResponse:
    """With `format=csv` every customer with a column for each trait, and the export is audited; else the traits there are."""
    if format != "csv":
        return service.overview(door.warehouse, door.shop, language=door.language)
    door.caller.demand("export")
    with door.unit() as uow:
        audit.record(uow, door.caller, "traits.exported", door.shop.shop_id, shop_id=door.shop.shop_id)
    return StreamingResponse(
        exports.values_csv(door.warehouse, door.shop.shop_id),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="customer-traits.csv"', "x-content-type-options": "nosniff"},
    )


@api.get(
    "/v1/customers/{customer_id}/traits",
    permission="read_customers",
    answer=CustomerTraits,
    summary="One customer's traits",
    example=examples.CUSTOMER,
)
def get_customer_traits(door: Door, customer_id: CustomerId) -> CustomerTraits:
    """Each trait beside the shop's median, or why it is missing; preferences with their strength, tags and segments."""
    with door.reading() as uow:
        return service.customer_traits(uow, door.warehouse, door.shop, customer_id, language=door.language)


@api.get(
    "/v1/customers/{customer_id}/alike",
    permission="read_customers",
    answer=AlikeAnswer,
    summary="Customers like one",
    example=examples.ALIKE,
)
def get_alike(
    door: Door,
    customer_id: CustomerId,
    limit: Annotated[int, Query(ge=1, le=likeness.MOST_ALIKE, description="How many")] = 10,
    format: Format = "json",
) -> AlikeAnswer | Response:
    """The nearest by standardized traits, with those that make them alike; as CSV the seed of a list or tag, and audited."""
    with door.reading() as uow:
        now_called = identity.customer_of(uow, door.shop.shop_id, customer_id)
    answer = likeness.alike(door.warehouse, door.shop, now_called, limit=limit, language=door.language)
    if format == "csv":
        door.caller.demand("export")
        with door.unit() as uow:
            audit.record(uow, door.caller, "alike.exported", now_called, shop_id=door.shop.shop_id)
        return csv_file(door, exports.alike_table(answer), "alike")
    return answer


@api.get("/v1/tags", permission="read_customers", answer=Page[Tag], summary="Tags", example=Page(items=[examples.TAG]))
def get_tags(door: Door) -> Page[Tag]:
    """By name, each with how many customers have it as last worked out."""
    with door.reading() as uow:
        return Page(items=tagging.tags(uow, door.warehouse, door.shop.shop_id))


@api.post(
    "/v1/tags",
    permission="manage_segments",
    answer=Tag,
    status=201,
    summary="Make a tag",
    example=examples.TAG,
    sends=NewTag(
        name="vip", description="Called before the sale", rule=Rule(where=[{"key": "lifetime_value", "op": "gte", "value": 5000}])
    ),
)
def post_tag(door: Door, new: NewTag) -> Tag:
    """By hand only, or with a rule by which customers get and lose it after each computation of traits."""
    rule = None if new.rule is None else new.rule.model_dump()
    with door.unit() as uow:
        return tagging.make_tag(
            uow, door.caller, Desk(door.warehouse, door.shop), name=new.name, description=new.description, rule=rule
        )


@api.get("/v1/tags/{tag_id}", permission="read_customers", answer=Tag, summary="One tag", example=examples.TAG)
def get_tag(door: Door, tag_id: TagId) -> Tag:
    """Its rule, who made it, and how many have it; who they are: `GET /v1/customers?tag=`."""
    with door.reading() as uow:
        return tagging.tag_of(uow, door.warehouse, door.shop.shop_id, tag_id)


@api.patch(
    "/v1/tags/{tag_id}",
    permission="manage_segments",
    answer=Tag,
    summary="Change a tag",
    example=examples.TAG,
    sends=ChangedTag(name="vip"),
)
def patch_tag(door: Door, tag_id: TagId, changed: ChangedTag) -> Tag:
    """Another name, meaning or rule."""
    rule = None if changed.rule is None else changed.rule.model_dump()
    with door.unit() as uow:
        return tagging.change_tag(
            uow,
            door.caller,
            Desk(door.warehouse, door.shop),
            tag_id,
            name=changed.name,
            description=changed.description,
            rule=rule,
            drop_rule=changed.drop_rule,
        )


@api.delete("/v1/tags/{tag_id}", permission="manage_segments", status=204, summary="Delete a tag")
def delete_tag(door: Door, tag_id: TagId) -> Response:
    """Everybody loses it."""
    with door.unit() as uow:
        tagging.delete_tag(uow, door.caller, door.shop.shop_id, tag_id)
    return Response(status_code=204)


@api.post(
    "/v1/tags/{tag_id}/customers",
    permission="manage_segments",
    answer=BulkTagged,
    summary="Tag a list of customers",
    example=examples.TAGGED,
    sends=Tagging(add=["17850", "13047", "999999"]),
)
def post_tagging(door: Door, tag_id: TagId, wanted: Tagging) -> BulkTagged:
    """Up to 50,000 at once; doing it again changes nothing. Unknown ids are named and left out."""
    with door.unit() as uow:
        return tagging.tag_customers(
            uow, door.warehouse, door.caller, door.shop.shop_id, tag_id, add=wanted.add, remove=wanted.remove
        )
