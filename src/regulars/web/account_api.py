"""Shops, operators, API keys and the audit trail over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from regulars.access import api_keys, audit, operators, second_factor, shops
from regulars.access.api_keys import ApiKey, NewApiKey
from regulars.access.audit import AuditEntry, AuditHead, AuditVerdict
from regulars.access.domain import EVERY_SHOP, Role, Shop
from regulars.access.links import NewLink
from regulars.access.operators import Invitation, Operator
from regulars.web import examples
from regulars.web.door import Door
from regulars.web.paging import Cursor, Limit, Page, page, place_of
from regulars.web.routes import Api
from regulars.web.session_api import Done, Line

api = Api(tags=["Settings"])

ShopId = Annotated[str, Path(max_length=64, description="The shop")]
OperatorId = Annotated[str, Path(max_length=64, description="The operator")]
KeyId = Annotated[str, Path(max_length=8, description="The key's id, the 8 signs in its middle")]


class Strict(BaseModel):
    """A body that takes no unknown names and leaves out what is not sent."""

    model_config = ConfigDict(extra="forbid")


class ShopToOpen(Strict):
    """A shop to open."""

    shop_id: Line = Field(examples=["tea"])
    name: Line = Field(examples=["Tea House"])
    timezone: Line = Field(examples=["Asia/Shanghai"])
    currency: Line = Field(examples=["CNY"])
    week_start: int = 0
    language: Line = "en"
    new_within_days: int = 30
    dormant_after_days: int | None = None
    churned_after_days: int | None = None


class ShopChanges(Strict):
    """The settings to change; a lifecycle cut sent as null is taken from the shop's own rhythm again."""

    name: Line = ""
    timezone: Line = ""
    currency: Line = ""
    week_start: int = 0
    language: Line = ""
    new_within_days: int = 30
    dormant_after_days: int | None = None
    churned_after_days: int | None = None


class InvitationToMake(Strict):
    """Who is invited, as what, and to which shops (null: every shop)."""

    email: Line = Field(examples=["mei@example.com"])
    role: Role
    shop_ids: list[Line] | None = None


class OperatorChanges(Strict):
    """A new role with its shops, or shut out (`disabled`)."""

    role: Role | None = None
    shop_ids: list[Line] | None = None
    disabled: bool | None = None


class KeyToMake(Strict):
    """A key for one shop (or `*`), with its scopes."""

    name: Line = Field(examples=["warehouse export"])
    scopes: list[Line] = Field(examples=[["read_reports", "export"]], max_length=50)
    shop_id: Line = EVERY_SHOP
    kind: Line = "server"
    expires_in_days: int | None = None


class Rotation(Strict):
    """How long the old key lives on beside the new one."""

    overlap_hours: int = 24


@api.get("/v1/shops", permission="own_account", answer=Page[Shop], summary="Shops", example=Page(items=[examples.SHOP]))
def get_shops(door: Door) -> Page[Shop]:
    """The shops the caller may see, the oldest first."""
    with door.reading() as uow:
        return Page(items=shops.seen_by(uow, door.caller))


@api.post(
    "/v1/shops",
    permission="manage_shop",
    answer=Shop,
    summary="Open a shop",
    status=201,
    example=examples.SHOP,
    sends=ShopToOpen(shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY", language="zh"),
)
def post_shop(door: Door, body: ShopToOpen) -> Shop:
    """Needs a zone and a currency; cuts left out come from the shop's own purchase rhythm."""
    with door.unit() as uow:
        return shops.create(uow, door.caller, **body.model_dump())


@api.get("/v1/shops/{shop_id}", permission="own_account", answer=Shop, summary="One shop", example=examples.SHOP)
def get_shop(door: Door, shop_id: ShopId) -> Shop:
    """A shop's settings."""
    return door.shop_of(shop_id)


@api.patch(
    "/v1/shops/{shop_id}",
    permission="manage_shop",
    answer=Shop,
    summary="Change a shop's settings",
    example=examples.SHOP,
    sends=ShopChanges(dormant_after_days=60, churned_after_days=120),
)
def patch_shop(door: Door, shop_id: ShopId, body: ShopChanges) -> Shop:
    """Changes what is sent and nothing else; derived numbers are rebuilt."""
    with door.unit() as uow:
        return shops.change(uow, door.caller, shop_id, **body.model_dump(exclude_unset=True))


@api.get(
    "/v1/operators",
    permission="manage_operators",
    answer=Page[Operator],
    summary="Operators",
    example=Page(items=[examples.OPERATOR]),
)
def get_operators(door: Door) -> Page[Operator]:
    """Everybody who may sign in, or once might."""
    with door.reading() as uow:
        return Page(items=operators.list_all(uow, door.caller))


@api.get(
    "/v1/operators/{operator_id}",
    permission="manage_operators",
    answer=Operator,
    summary="One operator",
    example=examples.OPERATOR,
)
def get_operator(door: Door, operator_id: OperatorId) -> Operator:
    """One operator."""
    with door.reading() as uow:
        return operators.get(uow, door.caller, operator_id)


@api.patch(
    "/v1/operators/{operator_id}",
    permission="manage_operators",
    answer=Operator,
    summary="Change a role, or shut out",
    example=examples.OPERATOR,
    sends=OperatorChanges(role=Role.ANALYST, shop_ids=["tea"]),
)
def patch_operator(door: Door, operator_id: OperatorId, body: OperatorChanges) -> Operator:
    """Sessions of the operator end at once. The last owner cannot go."""
    with door.unit() as uow:
        found = operators.get(uow, door.caller, operator_id)
        if body.role is not None or "shop_ids" in body.model_fields_set:
            wanted = body.shop_ids if "shop_ids" in body.model_fields_set else found.shop_ids
            found = operators.change_role(uow, door.caller, operator_id, role=body.role or found.role, shop_ids=wanted)
        if body.disabled is not None:
            turn = operators.disable if body.disabled else operators.enable
            found = turn(uow, door.caller, operator_id)
        return found


@api.post(
    "/v1/operators/{operator_id}/password_link",
    permission="manage_operators",
    answer=NewLink,
    summary="A link for a new password",
    example=examples.PASSWORD_LINK,
    status=201,
    replayable=False,
)
def post_password_link(door: Door, operator_id: OperatorId) -> NewLink:
    """For somebody who forgot the password: hand them `/welcome/<token>`; it opens for 2 hours."""
    with door.unit() as uow:
        return operators.new_password_link(uow, door.caller, operator_id)


@api.delete(
    "/v1/operators/{operator_id}/second_factor",
    permission="manage_operators",
    answer=Done,
    summary="Remove a lost second factor",
    example=Done(),
)
def delete_operator_second_factor(door: Door, operator_id: OperatorId) -> Done:
    """For somebody who lost both phone and recovery codes."""
    with door.unit() as uow:
        operators.get(uow, door.caller, operator_id)
        second_factor.remove(uow, door.caller, operator_id)
    return Done()


@api.get(
    "/v1/invitations",
    permission="manage_operators",
    answer=Page[Invitation],
    summary="Open invitations",
    example=Page(items=[examples.INVITATION]),
)
def get_invitations(door: Door) -> Page[Invitation]:
    """Invitations nobody has accepted yet."""
    with door.reading() as uow:
        return Page(items=operators.invitations(uow, door.caller))


@api.post(
    "/v1/invitations",
    permission="manage_operators",
    answer=NewLink,
    summary="Invite an operator",
    status=201,
    example=examples.INVITATION_LINK,
    sends=InvitationToMake(email="lin@example.com", role=Role.VIEWER, shop_ids=["tea"]),
    replayable=False,
)
def post_invitation(door: Door, body: InvitationToMake) -> NewLink:
    """Hand them `/welcome/<token>`; it opens for 7 days and is told this once."""
    with door.unit() as uow:
        return operators.invite(uow, door.caller, email=body.email, role=body.role, shop_ids=body.shop_ids)


@api.delete(
    "/v1/invitations/{link_id}",
    permission="manage_operators",
    answer=Done,
    summary="Withdraw an invitation",
    example=Done(),
)
def delete_invitation(door: Door, link_id: Annotated[str, Path(max_length=64, description="The invitation's link")]) -> Done:
    """The link opens nothing any more."""
    with door.unit() as uow:
        operators.withdraw_invitation(uow, door.caller, link_id)
    return Done()


@api.get("/v1/api_keys", permission="manage_keys", answer=Page[ApiKey], summary="API keys", example=Page(items=[examples.KEY]))
def get_api_keys(door: Door) -> Page[ApiKey]:
    """Every key the caller may see, the newest first; never their secrets."""
    with door.reading() as uow:
        return Page(items=api_keys.list_all(uow, door.caller))


@api.post(
    "/v1/api_keys",
    permission="manage_keys",
    answer=NewApiKey,
    summary="Make an API key",
    status=201,
    example=examples.NEW_KEY,
    sends=KeyToMake(name="warehouse export", scopes=["export", "read_reports"], shop_id="tea", expires_in_days=365),
    replayable=False,
)
def post_api_key(door: Door, body: KeyToMake) -> NewApiKey:
    """`secret` is told this once; only its hash is kept."""
    with door.unit() as uow:
        return api_keys.create(uow, door.caller, **body.model_dump())


@api.post(
    "/v1/api_keys/{key_id}/rotation",
    permission="manage_keys",
    answer=NewApiKey,
    summary="Rotate an API key",
    status=201,
    example=examples.NEW_KEY,
    sends=Rotation(overlap_hours=24),
    replayable=False,
)
def post_api_key_rotation(door: Door, key_id: KeyId, body: Rotation | None = None) -> NewApiKey:
    """Makes the successor; the old key lives on for the overlap."""
    with door.unit() as uow:
        return api_keys.rotate(uow, door.caller, key_id, overlap_hours=(body or Rotation()).overlap_hours)


@api.delete("/v1/api_keys/{key_id}", permission="manage_keys", answer=ApiKey, summary="Revoke an API key", example=examples.KEY)
def delete_api_key(door: Door, key_id: KeyId) -> ApiKey:
    """Ends it at once."""
    with door.unit() as uow:
        return api_keys.revoke(uow, door.caller, key_id)


@api.get(
    "/v1/audit",
    permission="read_audit",
    answer=Page[AuditEntry],
    summary="The audit trail",
    example=Page(items=[examples.AUDIT_ENTRY]),
)
def get_audit(
    door: Door,
    limit: Limit = 100,
    cursor: Cursor = None,
    action: Annotated[str, Query(max_length=80, description="An action, or the beginning of one: `shop.`")] = "",
    subject: Annotated[str, Query(max_length=200, description="What was acted on")] = "",
) -> Page[AuditEntry]:
    """Who did what, before and after; the newest first."""
    seen = None if door.caller.shop_ids is None else sorted(door.caller.shop_ids)
    with door.reading() as uow:
        found = audit.entries(
            uow, shop_ids=seen, before_sequence=place_of(cursor, int), action=action, subject=subject, limit=limit + 1
        )
    return page(found, limit, lambda entry: entry.sequence)


@api.get("/v1/audit/head", permission="read_audit", answer=AuditHead, summary="The head of the trail", example=examples.AUDIT_HEAD)
def get_audit_head(door: Door) -> AuditHead:
    """Keep it elsewhere: with it, `verification` proves that nothing before it was changed."""
    with door.reading() as uow:
        return audit.head(uow)


@api.get(
    "/v1/audit/verification",
    permission="read_audit",
    answer=AuditVerdict,
    summary="Is the trail whole?",
    example=examples.AUDIT_VERDICT,
)
def get_audit_verification(
    door: Door,
    known_sequence: Annotated[int | None, Query(ge=1, le=2**62, description="`sequence` of a head kept elsewhere")] = None,
    known_seal: Annotated[str, Query(max_length=64, description="`seal` of that head")] = "",
) -> AuditVerdict:
    """Checks every entry's seal and the chain, and names the first damaged one."""
    known = AuditHead(sequence=known_sequence, seal=known_seal, head_seal="") if known_sequence is not None else None
    with door.reading() as uow:
        return audit.verify(uow, door.keyring, known=known)
