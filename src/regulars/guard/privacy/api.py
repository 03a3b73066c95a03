"""One customer's personal side over HTTP: who they are, everything held about them, and forgetting them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query

from regulars.errors import NotFound
from regulars.guard.privacy import service
from regulars.guard.privacy.domain import Person
from regulars.guard.privacy.erasure import Certificate
from regulars.guard.privacy.export import CustomerExport, export_customer
from regulars.web import Api, Door

api = Api(tags=["Privacy"])

CustomerId = Annotated[str, Path(max_length=200, description="The customer")]
_TIME = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_CERTIFICATE = Certificate(
    erasure_id="erasure_01m7zsbyk3", shop_id="tea", asked_at=_TIME, erased_at=_TIME, rows={"person": 1, "warehouse.orders": 7}
)
_EXPORT = CustomerExport(
    shop_id="tea",
    customer_id="c_2f1d0c9b8a7e6d5c4b3a",
    exported_at=_TIME,
    person={"name": "王梅", "email": "mei@example.com", "phone": "+8613800138000"},
    texts={"review:r-88": "Arrived on time, smells of orchids."},
    warehouse={
        "orders": [
            {
                "order_id": "2026-0820-31",
                "ordered_at": datetime(2026, 8, 20, 3, 12, tzinfo=UTC),
                "status": "placed",
                "currency": "CNY",
                "total_minor": 8_100,
            }
        ]
    },
    records={},
    more={},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersFound:
    """The customers known by a contact."""

    customer_ids: list[str]


@api.get(
    "/v1/customers/{customer_id}/person",
    permission="see_personal_data",
    answer=Person,
    summary="Who is this customer?",
    example=Person(customer_id="c_2f1d0c9b8a7e6d5c4b3a", name="王梅", email="mei@example.com", phone="+8613800138000"),
)
def get_customer_person(door: Door, customer_id: CustomerId) -> Person:
    """Name and contacts as loaded. Each look is audited."""
    with door.unit() as uow:
        found = service.reveal(uow, door.caller, door.shop.shop_id, [customer_id])
    if customer_id not in found:
        raise NotFound(
            f"nothing personal is known of '{customer_id}'", mend="load customers with names or contacts", code="no_such_person"
        )
    return found[customer_id]


@api.get(
    "/v1/customer_lookup",
    permission="see_personal_data",
    answer=CustomersFound,
    summary="Which customer has this e-mail or phone?",
    example=CustomersFound(customer_ids=["c_2f1d0c9b8a7e6d5c4b3a"]),
)
def get_customer_lookup(
    door: Door, contact: Annotated[str, Query(min_length=1, max_length=300, description="E-mail, phone, account or exact name")]
) -> CustomersFound:
    """Looks in the blind index, in whatever spelling."""
    with door.reading() as uow:
        return CustomersFound(customer_ids=service.find_by_contact(uow, door.keyring, door.shop.shop_id, contact))


@api.get(
    "/v1/customers/{customer_id}/export",
    permission="see_personal_data",
    answer=CustomerExport,
    summary="Everything about a customer",
    example=_EXPORT,
)
def get_customer_export(door: Door, customer_id: CustomerId) -> CustomerExport:
    """Both stores, complete, as one JSON object. It is audited."""
    with door.unit() as uow:
        answer = export_customer(uow, door.warehouse, door.caller, door.shop.shop_id, customer_id)
    door.answer_headers.append(("content-disposition", 'attachment; filename="customer.json"'))
    return answer


@api.post(
    "/v1/customers/{customer_id}/erasure",
    permission="erase_customers",
    answer=Certificate,
    summary="Erase a customer",
    example=_CERTIFICATE,
    replayable=False,
)
def post_customer_erasure(door: Door, customer_id: CustomerId) -> Certificate:
    """Destroys what makes the customer a person; totals stay as they are. Asking again gives the same certificate."""
    return service.erase(door.records, door.warehouse, door.home, door.caller, door.shop.shop_id, customer_id)
