"""Webhooks over HTTP: `POST /v1/webhooks/{source_id}` takes what platforms deliver; the rest keeps the sources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from pydantic import Field

from regulars.collect.platforms import receiving, service, sources
from regulars.collect.platforms.api.routes import Strict, api
from regulars.collect.platforms.domain.messages import Setting
from regulars.collect.platforms.domain.signatures import Platform
from regulars.collect.platforms.receiving import Receipt
from regulars.collect.platforms.service import PlatformRequest
from regulars.collect.platforms.sources import NewWebhookSource, WebhookSource
from regulars.errors import RegularsError
from regulars.guard.privacy import Certificate, CustomerExport
from regulars.values.answers import to_json
from regulars.web import Door
from regulars.web.origins import headers_of
from regulars.web.paging import Page
from regulars.web.routes import JsonAnswer

SourceId = Annotated[str, Path(max_length=64, description="The webhook source")]
RequestId = Annotated[str, Path(max_length=64, description="The request")]
Line = Annotated[str, Field(max_length=300)]

_TIME = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_SOURCE = WebhookSource(
    source_id="source_01m7zsbyk3", shop_id="tea", name="Tea House on Shopify", platform="shopify", path="/v1/webhooks/source_01m7zsbyk3",
    domain="tea-house.example.com", mapping=None, created_at=_TIME, disabled_at=None, previous_secret_until=None, last_accepted_at=_TIME,
    last_refused_at=None, last_refusal=None, refused=0, accepted=1204, repeated=3, ignored=17,
)  # fmt: skip
_TOLD_ONCE = "an-example-of-a-secret"
_NEW = NewWebhookSource(source=_SOURCE, secret=_TOLD_ONCE)
_MAPPING: dict[str, Any] = {
    "rules": [
        {
            "take": "orders",
            "when": {"type": "order.paid"},
            "fields": {
                "order_id": "data.number",
                "ordered_at": "data.paid_at",
                "customer_email": "data.buyer.email",
                "currency": "=CNY",
            },
            "lines": "data.items",
            "line_fields": {"product_id": "sku", "quantity": "qty", "unit_price": "price"},
        }
    ]
}
_SAMPLE: dict[str, Any] = {
    "type": "order.paid",
    "data": {
        "number": "A-17",
        "paid_at": "2026-11-01T17:30:00+08:00",
        "buyer": {"email": "mei@example.com"},
        "items": [{"sku": "TEA-1", "qty": 2, "price": "45.00"}],
    },
}
_REQUEST = PlatformRequest(
    request_id="4f2c9a", source_id="source_01m7zsbyk3", kind="customer_redact", customer_id="c_5f1d0c9b8a7e6d5c4b3a", received_at=_TIME,
    due_at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC), done_at=None,
)  # fmt: skip


_DONE = replace(_REQUEST, done_at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
_CERTIFICATE = Certificate(
    erasure_id="erasure_01m7zsbyk3",
    shop_id="tea",
    asked_at=_TIME,
    erased_at=_TIME,
    rows={"person": 1, "warehouse.orders": 7},
    overwritten_at=_TIME,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestErased:
    """The settled request, and the certificate; null where nothing was kept about the customer any more."""

    request: PlatformRequest
    certificate: Certificate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExported:
    """The settled request, and the copy; null where nothing is kept about the customer."""

    request: PlatformRequest
    copy: CustomerExport | None


class WebhookSourceToMake(Strict):
    """A webhook source to make. `secret` is what the platform signs with; without one, one is made and told once."""

    name: Line
    platform: Platform
    secret: Line | None = None
    domain: Line | None = None
    mapping: dict[str, Any] | None = None


class WebhookSourceChanges(Strict):
    """What to change of a webhook source."""

    name: Line | None = None
    domain: Line | None = None
    mapping: dict[str, Any] | None = None
    disabled: bool | None = None


class SecretRotation(Strict):
    """A new secret, and for how many hours the old one is taken too."""

    secret: Line | None = None
    overlap_hours: int = 72


class MappingTrial(Strict):
    """A mapping, and a body as the sender sends it."""

    mapping: dict[str, Any]
    sample: dict[str, Any]


class DeliveryReplay(Strict):
    """A body to be taken again, corrected, and its topic (empty for generic webhooks)."""

    topic: Line = ""
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAnswer:
    """What the sample says under the mapping; `ignored` says why where it says nothing."""

    messages: list[dict[str, Any]]
    ignored: str


async def delivered(request: Request) -> bytes:
    """The body as it came: that is what was signed."""
    return await request.body()


@api.post(
    "/v1/webhooks/{source_id}", public="each delivery is signed with the source's own secret", answer=Receipt, summary="Take a webhook",
    example=Receipt(outcome="accepted", messages=2), body_bytes=receiving.LARGEST, replayable=False,
)  # fmt: skip
def post_webhook(door: Door, source_id: SourceId, body: Annotated[bytes, Depends(delivered)]) -> Response:
    """For Shopify (`X-Shopify-Hmac-Sha256`), WooCommerce (`X-WC-Webhook-Signature`) and any sender that signs as Standard Webhooks say
    (`webhook-id`, `webhook-timestamp`, `webhook-signature`). Answered with 200 when what it says is kept; 401 where the signature is
    missing, wrong or too old. A delivery that comes again has no second effect.
    """
    headers = headers_of(door.request.scope)
    try:
        receipt = receiving.receive(door.stores.records, door.home, door.keyring, source_id, headers, body)
    except RegularsError as error:
        told = {"code": error.code, "message": error.message, "mend": error.mend, "retriable": error.retriable}
        more = {"Retry-After": "30"} if error.retriable else {}
        return JsonAnswer(told, status_code=error.http_status, headers=more)
    return JsonAnswer(to_json(receipt))


@api.get(
    "/v1/webhook_sources",
    permission="load_data",
    answer=Page[WebhookSource],
    summary="Webhook sources",
    example=Page(items=[_SOURCE]),
)
def get_webhook_sources(door: Door) -> Page[WebhookSource]:
    """Every source of webhooks with its health; secrets are never shown again."""
    with door.reading() as uow:
        return Page(items=sources.list_all(uow, door.caller, door.shop.shop_id))


@api.post(
    "/v1/webhook_sources", permission="connect_data", answer=NewWebhookSource, summary="Make a webhook source", example=_NEW, status=201,
    sends=WebhookSourceToMake(name="Tea House on Shopify", platform="shopify", secret=_TOLD_ONCE), replayable=False,
)  # fmt: skip
def post_webhook_source(door: Door, body: WebhookSourceToMake) -> NewWebhookSource:
    """Shopify signs with a secret of its own, which is given here. The secret is told this once."""
    shop = door.shop
    with door.unit() as uow:
        return sources.add(uow, door.caller, shop_id=shop.shop_id, **body.model_dump())


@api.patch(
    "/v1/webhook_sources/{source_id}", permission="connect_data", answer=WebhookSource, summary="Change a webhook source",
    example=_SOURCE, sends=WebhookSourceChanges(name="Tea House on Shopify"),
)  # fmt: skip
def patch_webhook_source(door: Door, source_id: SourceId, body: WebhookSourceChanges) -> WebhookSource:
    """Changes what is sent and nothing else. A disabled source refuses deliveries with 404."""
    with door.unit() as uow:
        return sources.change(uow, door.caller, source_id, **body.model_dump(exclude_unset=True))


@api.delete(
    "/v1/webhook_sources/{source_id}", permission="connect_data", answer=None, status=204, summary="Take a webhook source away"
)
def delete_webhook_source(door: Door, source_id: SourceId) -> Response:
    """What it delivered stays; deliveries are refused from now on."""
    with door.unit() as uow:
        sources.remove(uow, door.caller, source_id)
    return Response(status_code=204)


@api.post(
    "/v1/webhook_sources/{source_id}/rotations", permission="connect_data", answer=NewWebhookSource, summary="Rotate a webhook's secret",
    example=_NEW, sends=SecretRotation(overlap_hours=72), replayable=False,
)  # fmt: skip
def post_webhook_source_rotation(door: Door, source_id: SourceId, body: SecretRotation) -> NewWebhookSource:
    """Both secrets are taken during the overlap. The new one is told this once."""
    with door.unit() as uow:
        return sources.rotate(uow, door.caller, source_id, secret=body.secret, overlap_hours=body.overlap_hours)


@api.post(
    "/v1/webhook_sources/dry_runs", permission="load_data", answer=TrialAnswer, summary="Try a mapping on a sample",
    example=TrialAnswer(messages=[{"type": "track", "event": "Order Completed"}], ignored=""),
    sends=MappingTrial(mapping=_MAPPING, sample=_SAMPLE),
)  # fmt: skip
def post_webhook_source_dry_run(door: Door, body: MappingTrial) -> TrialAnswer:
    """What messages a sample body comes to; nothing is kept. What is wrong with the mapping or the body is named by its place."""
    shop = door.shop
    said = receiving.try_mapping(Setting("webhook", shop.timezone, shop.currency), body.mapping, body.sample)
    return TrialAnswer(messages=list(said.messages), ignored=said.ignored)


@api.post(
    "/v1/webhook_sources/{source_id}/replays", permission="load_data", answer=Receipt, summary="Take a corrected delivery",
    example=Receipt(outcome="accepted", messages=2), sends=DeliveryReplay(topic="orders/create", body={"id": 5678901234567, "name": "#1001"}),
    body_bytes=receiving.LARGEST,
)  # fmt: skip
def post_webhook_source_replay(door: Door, source_id: SourceId, body: DeliveryReplay) -> Receipt:
    """For a delivery that was put aside (`GET /v1/quarantine`): send its body corrected. What is known already has no second effect."""
    return receiving.replay(door.stores.records, door.home, door.keyring, door.caller, source_id, body.topic, body.body)


@api.get(
    "/v1/platform_requests", permission="load_data", answer=Page[PlatformRequest], summary="What platforms ask about personal data",
    example=Page(items=[_REQUEST]),
)  # fmt: skip
def get_platform_requests(
    door: Door, done: Annotated[bool, Query(description="Those that are done instead of the open ones")] = False
) -> Page[PlatformRequest]:
    """Shopify's requests to tell or forget a customer or the shop, and customers deleted in the shop; the most urgent first."""
    with door.reading() as uow:
        return Page(items=service.requests(uow, door.caller, door.shop.shop_id, done=done))


@api.post(
    "/v1/platform_requests/{request_id}/done", permission="erase_customers", answer=PlatformRequest, summary="Say that a request is done",
    example=_REQUEST,
)  # fmt: skip
def post_platform_request_done(door: Door, request_id: RequestId) -> PlatformRequest:
    """Do what it asks first: erase or export the customer it names."""
    with door.unit() as uow:
        return service.settle_request(uow, door.caller, request_id)


@api.post(
    "/v1/platform_requests/{request_id}/erasure", permission="erase_customers", answer=RequestErased, summary="Erase as a request asks",
    example=RequestErased(request=_DONE, certificate=_CERTIFICATE), replayable=False,
)  # fmt: skip
def post_platform_request_erasure(door: Door, request_id: RequestId) -> RequestErased:
    """Erases the customer whom the platform asked to forget, and settles the request; asked again, nothing more happens."""
    request, certificate = service.erase_as_asked(door.records, door.warehouse, door.home, door.caller, request_id)
    return RequestErased(request=request, certificate=certificate)


@api.post(
    "/v1/platform_requests/{request_id}/export", permission="see_personal_data", answer=RequestExported, summary="Export as a request asks",
    example=RequestExported(request=replace(_DONE, kind="data_request"), copy=None), replayable=False,
)  # fmt: skip
def post_platform_request_export(door: Door, request_id: RequestId) -> RequestExported:
    """Everything that is kept about the customer whose data the platform asked for, and settles the request."""
    with door.unit() as uow:
        request, copy = service.export_as_asked(uow, door.warehouse, door.caller, request_id)
    return RequestExported(request=request, copy=copy)
