"""One customer's personal side over HTTP: who they are, everything held about them, and forgetting them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.errors import NotFound
from regulars.guard.privacy import service
from regulars.guard.privacy.domain import Person
from regulars.guard.privacy.erasure import Certificate, certificates
from regulars.guard.privacy.export import CustomerExport, as_zip, export_customer
from regulars.guard.privacy.register import Processing, register, register_table
from regulars.guard.privacy.requests import CustomerRequest, customer_requests
from regulars.guard.privacy.retention import Retention, RetentionRun, change_retention, retention, retention_runs
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Privacy"])

CustomerId = Annotated[str, Path(max_length=200, description="The customer")]
_TIME = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_CERTIFICATE = Certificate(
    erasure_id="erasure_01m7zsbyk3",
    shop_id="tea",
    asked_at=_TIME,
    erased_at=_TIME,
    rows={"person": 1, "warehouse.orders": 7},
    overwritten_at=_TIME,
)
_EXPORT = CustomerExport(
    shop_id="tea",
    customer_id="c_2f1d0c9b8a7e6d5c4b3a",
    exported_at=_TIME,
    known_as=["v_5d4b3a2f1d0c9b8a7e6c"],
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


@api.get(
    "/v1/customers/{customer_id}/export.zip",
    permission="see_personal_data",
    media_type="application/zip",
    example="a file: customer.json, person.csv, orders.csv, events.csv ...",
    summary="Everything about a customer, as files",
)
def get_customer_export_files(door: Door, customer_id: CustomerId) -> Response:
    """The same as JSON and one CSV file for each table, packed. It is audited."""
    with door.unit() as uow:
        answer = export_customer(uow, door.warehouse, door.caller, door.shop.shop_id, customer_id)
    headers = {"content-disposition": 'attachment; filename="customer.zip"', "x-content-type-options": "nosniff"}
    return Response(as_zip(answer), media_type="application/zip", headers=headers)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register of processing."""

    processing: list[Processing]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTimes:
    """How long each class of data is kept, and what the last runs deleted."""

    classes: list[Retention]
    runs: list[RetentionRun]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """What customers asked for, and the certificates of erasures."""

    requests: list[CustomerRequest]
    certificates: list[Certificate]


class RetentionDays(BaseModel):
    """Days by class; null keeps a class until the customer is erased."""

    model_config = ConfigDict(extra="forbid")

    days: dict[str, int | None] = Field(max_length=100)


_RETENTION = RetentionTimes(
    classes=[Retention(name="events", title="Behaviour events", title_zh="行为事件", days=730, default_days=None)],
    runs=[
        RetentionRun(
            run_id="retention_01m7zsbyk3",
            began_at=_TIME,
            ended_at=_TIME,
            deleted={"events": {"archive": 1200, "warehouse.events": 1200}},
            error=None,
        )
    ],
)


@api.get(
    "/v1/privacy/register",
    permission="read_audit",
    answer=Register,
    summary="The register of processing",
    example=Register(
        processing=[
            Processing(
                data="one behaviour event as a client told it",
                purpose="Analytics of behaviour",
                store="warehouse",
                place="events",
                fields=["shop_id", "customer_id", "timestamp"],
                identified=False,
                days=730,
                recipients="none",
                abroad="no",
            )
        ]
    ),
)
def get_privacy_register(door: Door, format: Format = "json") -> Register | Response:
    """What data about people is kept, for what, where and how long, and who receives it: made from the tables as they are."""
    with door.reading() as uow:
        lines = register(uow, door.shop.shop_id, language=door.language)
    return csv_file(door, register_table(lines), "processing-register") if format == "csv" else Register(processing=lines)


@api.get(
    "/v1/privacy/retention",
    permission="read_audit",
    answer=RetentionTimes,
    summary="How long is data kept?",
    example=_RETENTION,
)
def get_privacy_retention(door: Door) -> RetentionTimes:
    """Days by class, and what the daily job deleted."""
    with door.reading() as uow:
        return RetentionTimes(classes=retention(uow, door.shop.shop_id), runs=retention_runs(uow, door.shop.shop_id))


@api.put(
    "/v1/privacy/retention",
    permission="manage_shop",
    answer=RetentionTimes,
    sends=RetentionDays(days={"events": 730}),
    summary="Decide how long data is kept",
    example=_RETENTION,
)
def put_privacy_retention(door: Door, body: RetentionDays) -> RetentionTimes:
    """Classes that are not named stay as they are. What is past is deleted by the next daily run."""
    with door.unit() as uow:
        classes = change_retention(uow, door.caller, door.shop.shop_id, body.days)
        return RetentionTimes(classes=classes, runs=retention_runs(uow, door.shop.shop_id))


@api.get(
    "/v1/privacy/requests",
    permission="read_audit",
    answer=Requests,
    summary="What did customers ask for?",
    example=Requests(
        requests=[
            CustomerRequest(
                request_id="request_01m7zsbyk3",
                kind="erasure",
                subject="customer:5d4b3a2f1d0c9b8a7e6c",
                asked_at=_TIME,
                asked_by="operator:op_01m7zsbyk3",
                done_at=_TIME,
            )
        ],
        certificates=[_CERTIFICATE],
    ),
)
def get_privacy_requests(door: Door) -> Requests:
    """Copies and erasures, without who asked; and the certificates."""
    with door.reading() as uow:
        return Requests(requests=customer_requests(uow, door.shop.shop_id), certificates=certificates(uow, door.shop.shop_id))
