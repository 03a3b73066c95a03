"""Who is told of alarms, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.predict.anomalies import service
from regulars.predict.anomalies.api.alarms import api
from regulars.predict.anomalies.receivers import NewReceiver, Receiver
from regulars.web import Door
from regulars.web.paging import Page

_RECEIVER = Receiver(
    receiver_id="receiver_01m7zsbyk3",
    kind="webhook",
    operator_id=None,
    url="https://chat.example.com/hooks/alarms",
    least_level="orange",
    made_at=datetime(2026, 10, 31, 17, 2, tzinfo=UTC),
    waiting=0,
    told_at=datetime(2026, 11, 2, 17, 2, tzinfo=UTC),
    error=None,
)


class ReceiverToMake(BaseModel):
    """Whom to tell: an operator or an address."""

    model_config = ConfigDict(extra="forbid")

    operator_id: str | None = Field(default=None, max_length=64, description="An operator of the shop, told by e-mail")
    url: str | None = Field(default=None, max_length=2_000, description="An address of http or https, told by webhook")
    least_level: Literal["yellow", "orange", "red"] = Field(default="yellow", description="Alarms of this level and above")


@api.get(
    "/v1/alarm_receivers",
    permission="manage_reports",
    answer=Page[Receiver],
    summary="Who is told of alarms",
    example=Page(items=[_RECEIVER]),
)
def get_alarm_receivers(door: Door) -> Page[Receiver]:
    """Operators and addresses, with how it went last."""
    with door.reading() as uow:
        return Page(items=service.receivers.listing(uow, door.shop.shop_id))


@api.post(
    "/v1/alarm_receivers",
    permission="manage_reports",
    answer=NewReceiver,
    status=201,
    replayable=False,
    summary="Tell somebody of alarms",
    example=NewReceiver(receiver=_RECEIVER, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),  # noqa: S106 (the specification's own)
    sends=ReceiverToMake(url="https://chat.example.com/hooks/alarms", least_level="orange"),
)
def post_alarm_receiver(door: Door, new: ReceiverToMake) -> NewReceiver:
    """An operator is sent one e-mail with all alarms of a look (needs a mail server, `REGULARS_SMTP_URL`); an address one delivery an alarm,
    signed as Standard Webhooks says and sent again for about a day. The secret is shown this once.
    """
    with door.unit() as uow:
        return service.receivers.add(
            uow, door.caller, door.shop.shop_id, door.home, operator_id=new.operator_id, url=new.url, least_level=new.least_level
        )


@api.delete("/v1/alarm_receivers/{receiver_id}", permission="manage_reports", status=204, summary="Tell somebody no more")
def delete_alarm_receiver(door: Door, receiver_id: Annotated[str, Path(max_length=64, description="The receiver")]) -> Response:
    """What it was not told yet, it is not told."""
    with door.unit() as uow:
        service.receivers.remove(uow, door.caller, door.shop.shop_id, receiver_id)
    return Response(status_code=204)
