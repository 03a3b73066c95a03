"""Webhooks of segments over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from regulars.understand.segments import service
from regulars.understand.segments.api.routes import HOOK, NEW_HOOK, SegmentId, Strict, api
from regulars.understand.segments.hooks import Hook, NewHook
from regulars.web import Door
from regulars.web.paging import Page


class HookToMake(Strict):
    """Where to send."""

    url: str = Field(max_length=2_000, description="An address of http or https")


@api.get(
    "/v1/segments/{segment_id}/webhooks",
    permission="manage_segments",
    answer=Page[Hook],
    summary="Webhooks of a segment",
    example=Page(items=[HOOK]),
)
def get_segment_webhooks(door: Door, segment_id: SegmentId) -> Page[Hook]:
    """Where its changes are sent, and how that goes."""
    with door.reading() as uow:
        service.get(uow, door.shop.shop_id, segment_id)
        return Page(items=service.hooks(uow, door.shop.shop_id, segment_id))


@api.post(
    "/v1/segments/{segment_id}/webhooks",
    permission="manage_segments",
    answer=NewHook,
    summary="Send a segment's changes to an address",
    example=NEW_HOOK,
    sends=HookToMake(url="https://crm.example.com/hooks/segments"),
    status=201,
    replayable=False,
)
def post_segment_webhook(door: Door, segment_id: SegmentId, body: HookToMake) -> NewHook:
    """From now on, who entered and who left is sent there after each evaluation, signed as Standard Webhooks says. The secret is shown this once."""
    with door.unit() as uow:
        return service.add_hook(uow, door.warehouse, door.caller, door.shop.shop_id, segment_id, body.url)


@api.delete("/v1/segments/{segment_id}/webhooks/{hook_id}", permission="manage_segments", summary="Remove a webhook", status=204)
def delete_segment_webhook(
    door: Door, segment_id: SegmentId, hook_id: Annotated[str, Path(max_length=64, description="The webhook")]
) -> Response:
    """Nothing is sent there any more."""
    with door.unit() as uow:
        service.remove_hook(uow, door.caller, door.shop.shop_id, segment_id, hook_id)
    return Response(status_code=204)
