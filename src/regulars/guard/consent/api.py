"""Consents over HTTP: what one customer permits, telling it, its history, counts, wordings and the shop's policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from regulars.guard.consent import policies, service
from regulars.guard.consent.domain import Answer, Channel, Consent, Default, Policy, Purpose, Source, Standing, State, Told
from regulars.guard.consent.overview import ConsentCount, ConsentDay, ConsentOverview, overview, overview_table
from regulars.guard.consent.policies import ConsentPolicy, Wording
from regulars.guard.consent.service import GivenConsent, Permissions, PurposeAnswer
from regulars.guard.privacy import Decision
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Consents"])

CustomerId = Annotated[str, Path(max_length=200, description="The customer")]
Id = Annotated[str, Field(min_length=1, max_length=200)]
_TIME = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_WHO = "c_2f1d0c9b8a7e6d5c4b3a"


class Strict(BaseModel):
    """A body without surprises."""

    model_config = ConfigDict(extra="forbid")


class Wish(Strict):
    """What a customer says about one purpose; without a channel about all of them."""

    purpose: Told
    state: State
    channel: Channel | None = None
    wording_version: int | None = Field(default=None, ge=1, lt=2**31)


class Wishes(Strict):
    """What a customer says now."""

    consents: list[Wish] = Field(min_length=1, max_length=100)
    source: Source = "support"


class ToldConsent(Wish):
    """A consent that was given or withdrawn elsewhere: by whom, when, and the message that proves it."""

    customer_id: Id
    happened_at: AwareDatetime | None = None
    message_id: str = Field(default="", max_length=180)


class ToldConsents(Strict):
    """Consents told together."""

    consents: list[ToldConsent] = Field(min_length=1, max_length=1000)
    source: Source = "api"


class PolicyChange(Strict):
    """One purpose decided anew."""

    purpose: Purpose
    default: Default
    double_opt_in: bool = False


class PolicyChanges(Strict):
    """Decisions; what is left out stays."""

    purposes: list[PolicyChange] = Field(default=[], max_length=20)
    heed_signals: bool | None = None
    allowed_names: list[str] | None = Field(default=None, max_length=200)


class NewWording(Strict):
    """What people are asked from now on."""

    purpose: Purpose
    text_en: str = Field(min_length=1, max_length=policies.LONGEST_WORDING)
    text_zh: str = Field(min_length=1, max_length=policies.LONGEST_WORDING)
    valid_from: AwareDatetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How many of the consents were new."""

    recorded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentHistory:
    """One customer's rows of the ledger, the newest first."""

    consents: list[Consent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """Every wording, the newest version first."""

    wordings: list[Wording]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAnswer:
    """What holds, and how it came to hold."""

    policy: ConsentPolicy
    history: list[Decision]


_PERMISSIONS = Permissions(
    customer_id=_WHO,
    no_personalisation=False,
    purposes=[
        PurposeAnswer(
            purpose="marketing",
            answer=Answer(allowed=True, because="given", default="opt_in", since=_TIME),
            told=[Standing(purpose="marketing", channel=None, state="given", told_at=_TIME)],
        )
    ],
)
_WORDING = Wording(
    purpose="marketing",
    version=2,
    text_en="May we write to you about offers?",
    text_zh="可以向您发送优惠信息吗？",
    valid_from=_TIME,
    created_by="operator:op_01m7zsbyk3",
)
_POLICY = PolicyAnswer(
    policy=ConsentPolicy(
        purposes=[
            Policy(purpose="analytics", default="opt_out"),
            Policy(purpose="marketing", default="opt_in", double_opt_in=True),
        ],
        heed_signals=True,
        allowed_names=[],
    ),
    history=[
        Decision(
            rule="consent.marketing",
            version=1,
            value={"default": "opt_in", "double_opt_in": True},
            decided_at=_TIME,
            decided_by="operator:op_01m7zsbyk3",
        )
    ],
)


@api.get(
    "/v1/customers/{customer_id}/consents",
    permission="read_customers",
    answer=Permissions,
    summary="What does a customer permit?",
    example=_PERMISSIONS,
)
def get_customer_consents(door: Door, customer_id: CustomerId) -> Permissions:
    """Each purpose with the answer and its reason. Somebody who never said anything is answered by the shop's policy."""
    with door.reading() as uow:
        return service.permissions(uow, door.shop.shop_id, customer_id)


@api.put(
    "/v1/customers/{customer_id}/consents",
    permission="manage_consents",
    answer=Permissions,
    sends=Wishes(consents=[Wish(purpose="marketing", state="withdrawn", channel="email")]),
    summary="Record what a customer permits or refuses",
    example=_PERMISSIONS,
)
def put_customer_consents(door: Door, customer_id: CustomerId, body: Wishes) -> Permissions:
    """It acts at once. Purposes that are not named stay as they are; `no_personalisation` given is the refusal of all of it."""
    with door.unit() as uow:
        given = [GivenConsent(customer_id=customer_id, source=body.source, **one.model_dump()) for one in body.consents]
        service.record(uow, door.caller, door.shop.shop_id, given)
        return service.permissions(uow, door.shop.shop_id, customer_id)


@api.get(
    "/v1/customers/{customer_id}/consents/history",
    permission="read_customers",
    answer=ConsentHistory,
    summary="What did a customer permit when?",
    example=ConsentHistory(
        consents=[
            Consent(
                consent_id="consent_9b8a7e6d5c4b3a2f1d0c",
                customer_id=_WHO,
                purpose="marketing",
                channel=None,
                state="given",
                source="form",
                wording_version=2,
                happened_at=_TIME,
                recorded_at=_TIME,
                proof="message:ajs-next-1795291981828",
            )
        ]
    ),
)
def get_customer_consent_history(door: Door, customer_id: CustomerId) -> ConsentHistory:
    """The ledger's rows with source, wording and proof, up to 200."""
    with door.reading() as uow:
        return ConsentHistory(consents=service.history(uow, door.shop.shop_id, customer_id))


@api.post(
    "/v1/consents",
    permission="manage_consents",
    answer=Recorded,
    sends=ToldConsents(
        consents=[ToldConsent(customer_id=_WHO, purpose="marketing", state="given", happened_at=_TIME, message_id="form-1")]
    ),
    summary="Record consents told elsewhere",
    example=Recorded(recorded=1),
)
def post_consents(door: Door, body: ToldConsents) -> Recorded:
    """In any order: the latest by `happened_at` holds. One with a `message_id` is recorded once."""
    with door.unit() as uow:
        given = [GivenConsent(source=body.source, **one.model_dump()) for one in body.consents]
        return Recorded(recorded=service.record(uow, door.caller, door.shop.shop_id, given))


@api.get(
    "/v1/consents",
    permission="read_reports",
    answer=ConsentOverview,
    summary="How many people permit what?",
    example=ConsentOverview(
        counts=[ConsentCount(purpose="marketing", channel="email", given=812, pending=14, withdrawn=97)],
        changes=[ConsentDay(day=_TIME.date(), purpose="marketing", given=12, withdrawn=3)],
    ),
)
def get_consents(door: Door, format: Format = "json") -> ConsentOverview | Response:
    """Counts by purpose and channel as they hold now, and the changes of the last 90 days."""
    with door.reading() as uow:
        answer = overview(uow, door.shop)
    return csv_file(door, overview_table(answer), "consents") if format == "csv" else answer


@api.get(
    "/v1/consents/wordings",
    permission="read_reports",
    answer=Wordings,
    summary="What were people asked?",
    example=Wordings(wordings=[_WORDING]),
)
def get_consent_wordings(door: Door) -> Wordings:
    """Every version in both languages; consents name the version people saw."""
    with door.reading() as uow:
        return Wordings(wordings=policies.wordings(uow, door.shop.shop_id))


@api.post(
    "/v1/consents/wordings",
    permission="manage_shop",
    answer=Wording,
    sends=NewWording(purpose="marketing", text_en=_WORDING.text_en, text_zh=_WORDING.text_zh),
    summary="Ask people in other words",
    status=201,
    example=_WORDING,
)
def post_consent_wording(door: Door, body: NewWording) -> Wording:
    """A new version; earlier ones stay."""
    with door.unit() as uow:
        return policies.add_wording(uow, door.caller, door.shop.shop_id, **body.model_dump())


@api.get(
    "/v1/consents/policy",
    permission="read_reports",
    answer=PolicyAnswer,
    summary="What holds where nobody has said anything?",
    example=_POLICY,
)
def get_consent_policy(door: Door) -> PolicyAnswer:
    """The default of each purpose, and every decision about it."""
    with door.reading() as uow:
        return _policy(door, policies.policy(uow, door.shop.shop_id))


@api.put(
    "/v1/consents/policy",
    permission="manage_shop",
    answer=PolicyAnswer,
    sends=PolicyChanges(purposes=[PolicyChange(purpose="analytics", default="opt_in")]),
    summary="Decide what holds where nobody has said anything",
    example=_POLICY,
)
def put_consent_policy(door: Door, body: PolicyChanges) -> PolicyAnswer:
    """What is left out stays as it is."""
    with door.unit() as uow:
        changed = policies.change_policy(
            uow,
            door.caller,
            door.shop.shop_id,
            purposes=[Policy(**one.model_dump()) for one in body.purposes],
            heed_signals=body.heed_signals,
            allowed_names=body.allowed_names,
        )
        return _policy(door, changed)


def _policy(door: Door, holds: ConsentPolicy) -> PolicyAnswer:
    with door.reading() as uow:
        return PolicyAnswer(policy=holds, history=policies.policy_history(uow, door.shop.shop_id))
