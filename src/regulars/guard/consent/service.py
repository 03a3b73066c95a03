"""Asking whether something is permitted, and recording what people permit and refuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.errors import InvalidInput
from regulars.guard import privacy
from regulars.guard.consent import (
    keeping,  # noqa: F401 (its class joins those of the retention job)
    ledger,
)
from regulars.guard.consent.checks import CHECKS
from regulars.guard.consent.collection import tellings
from regulars.guard.consent.domain import (
    PURPOSES,
    SWITCH,
    Answer,
    Channel,
    Consent,
    Policy,
    Purpose,
    Source,
    Standing,
    State,
    Told,
    may_by,
    order,
)
from regulars.guard.consent.ledger import Entry
from regulars.guard.consent.policies import has_wording, policy, policy_of
from regulars.guard.consent.tables import consent
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

__all__ = [
    "CHECKS",
    "GivenConsent",
    "Permissions",
    "allowed_among",
    "follow",
    "learn",
    "may",
    "merge",
    "record",
    "states_of",
    "unmerge",
]

MOST_AT_ONCE = 1000
privacy.ERASERS.append(ledger.forget_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenConsent:
    """One consent as it is handed in. Without `happened_at` it happened now; `message_id` makes a repeated one the same."""

    customer_id: str
    purpose: Told
    state: State
    channel: Channel | None = None
    source: Source = "api"
    wording_version: int | None = None
    happened_at: datetime | None = None
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeAnswer:
    """One purpose of one customer: whether it is permitted for all channels, and what was said channel by channel."""

    purpose: Purpose
    answer: Answer
    told: list[Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What one customer permits and refuses."""

    customer_id: str
    no_personalisation: bool
    purposes: list[PurposeAnswer]


def may(uow: UnitOfWork, shop_id: str, customer_id: str, purpose: Purpose, channel: Channel | None = None) -> Answer:
    """Whether this customer permits a purpose (on a channel), and why.

    Ask inside the transaction that acts: a withdrawal that is in the ledger is heeded at once. See `domain.may_by` for the rule.
    """
    found = ledger.standings(uow, shop_id, [customer_id]).get(customer_id, [])
    return may_by(found, policy_of(uow, shop_id, purpose), channel)


def allowed_among(
    uow: UnitOfWork, shop_id: str, customer_ids: Sequence[str], purpose: Purpose, channel: Channel | None = None
) -> set[str]:
    """Which of these customers permit a purpose: `may` for many at once, as lists of recipients need it."""
    rule = policy_of(uow, shop_id, purpose)
    said = ledger.standings(uow, shop_id, customer_ids)
    return {one for one in customer_ids if may_by(said.get(one, ()), rule, channel).allowed}


def states_of(uow: UnitOfWork, shop_id: str, customer_ids: Sequence[str], purpose: Purpose = "analytics") -> dict[str, State]:
    """What the ledger holds for these customers and visitors about one purpose, for all channels; for `collectable`."""
    found: dict[str, State] = {}
    for customer_id, said in ledger.standings(uow, shop_id, customer_ids).items():
        mine = [one for one in said if one.purpose == purpose and one.channel is None]
        if mine:
            found[customer_id] = max(mine, key=order).state
    return found


def permissions(uow: UnitOfWork, shop_id: str, customer_id: str) -> Permissions:
    """What one customer permits and refuses, purpose by purpose."""
    said = ledger.standings(uow, shop_id, [customer_id]).get(customer_id, [])
    switch = max((one for one in said if one.purpose == SWITCH), key=order, default=None)
    rules = {one.purpose: one for one in policy(uow, shop_id).purposes}
    return Permissions(
        customer_id=customer_id,
        no_personalisation=switch is not None and switch.state == "given",
        purposes=[
            PurposeAnswer(purpose=purpose, answer=may_by(said, rules[purpose]), told=_newest(said, purpose)) for purpose in PURPOSES
        ],
    )


def history(uow: UnitOfWork, shop_id: str, customer_id: str, *, limit: int = 200) -> list[Consent]:
    """A customer's rows of the ledger, the newest first."""
    rows = uow.rows(
        select(consent)
        .where(consent.c.shop_id == shop_id, consent.c.customer_id == customer_id)
        .order_by(consent.c.happened_at.desc(), consent.c.recorded_at.desc(), consent.c.consent_id)
        .limit(limit)
    )
    return [
        Consent(
            **{name: row[name] for name in Consent.__slots__ if name != "channel"},
            channel=row["channel"] or None,
        )
        for row in rows
    ]


def record(uow: UnitOfWork, caller: Caller, shop_id: str, given: Sequence[GivenConsent]) -> int:
    """Put consents into the ledger; returns how many are new. It is audited, and acts at once.

    Where the policy asks for a confirmation (double opt-in), a first `given` by a form, the tracker or the API waits as `pending`;
    the `given` that follows it is the confirmation.

    Raises
    ------
    NotAllowed : the caller may not manage consents.
    InvalidInput : too many at once, an illegal id, or a wording that does not exist.
    """
    caller.demand("manage_consents")
    caller.demand_shop(shop_id)
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    if len(given) > MOST_AT_ONCE:
        raise InvalidInput(f"{len(given)} consents at once are too many", mend=f"send at most {MOST_AT_ONCE}", code="too_many")
    now = clock.now()
    for one in given:
        if not 0 < len(one.customer_id) <= 200:
            raise InvalidInput("a customer_id has 1 to 200 characters", mend="give the id of a customer", code="bad_customer_id")
        if one.wording_version is not None and not has_wording(uow, shop_id, one.purpose, one.wording_version):
            raise InvalidInput(
                f"there is no wording {one.wording_version} for '{one.purpose}'",
                mend="list the wordings with `GET /v1/consents/wordings`",
                code="no_such_wording",
            )
    gone = privacy.erased(uow, caller.keyring, shop_id, [one.customer_id for one in given])
    rules: dict[str, Policy] = {one.purpose: one for one in policy(uow, shop_id).purposes}
    held_by = ledger.standings(uow, shop_id, [one.customer_id for one in given])
    entries = [
        Entry(
            told_as=one.customer_id,
            customer_id=one.customer_id,
            purpose=one.purpose,
            channel=one.channel,
            state=_confirmed(
                one.state, one.source, rules.get(one.purpose), _newest(held_by.get(one.customer_id, []), one.purpose), one.channel
            ),
            source=one.source,
            happened_at=one.happened_at or now,
            proof=f"message:{one.message_id}" if one.message_id else f"{caller.kind}:{caller.id}",
            wording_version=one.wording_version,
        )
        for one in given
        if one.customer_id not in gone
    ]
    written = ledger.write(uow, shop_id, entries)
    if written and caller.kind == "operator":
        for one in given:
            subject = privacy.audit_name(caller.keyring, shop_id, one.customer_id)
            change = {"purpose": one.purpose, "channel": one.channel, "state": one.state}
            audit.record(uow, caller, "consent.recorded", subject, after=change, shop_id=shop_id)
    return written


def learn(
    uow: UnitOfWork,
    keyring: Keyring,
    shop_id: str,
    messages: Iterable[Mapping[str, Any]],
    *,
    resolved: Mapping[str, str] | None = None,
    source: Source = "tracker",
) -> int:
    """Record the consents that clients' messages tell; returns how many rows are new. The same message again adds nothing.

    Parameters
    ----------
    messages : canonical messages in Segment's form, in any order; `timestamp` is the corrected instant (datetime or ISO text).
    resolved : to whom an id (a customer_id, a visitor's `v_...`) belongs after the merging of identities; missing ids are their own.
    """
    told = [(message, said) for message in messages if (said := tellings(message))]
    if not told:
        return 0
    ids = [_subject(keyring, shop_id, message) for message, _ in told]
    known = [one for one in dict.fromkeys(ids) if one]
    gone = privacy.erased(uow, keyring, shop_id, known)
    owners = {**ledger.owners(uow, shop_id, known), **(resolved or {})}
    rules: dict[str, Policy] = {one.purpose: one for one in policy(uow, shop_id).purposes}
    held_by = ledger.standings(uow, shop_id, [owners.get(one, one) for one in known])
    now = clock.now()
    entries = []
    for (message, found), told_as in zip(told, ids, strict=True):
        if not told_as or told_as in gone:
            continue
        customer_id = owners.get(told_as, told_as)
        for one in found:
            state = one.state
            if state == "given" and (rule := rules.get(one.purpose)) is not None and rule.double_opt_in:
                held = {each.state for each in _newest(held_by.get(customer_id, []), one.purpose) if each.channel == one.channel}
                if held & {"given", "pending"}:
                    continue  # a page that goes on saying yes is no confirmation
                state = "pending"
            entries.append(
                Entry(
                    told_as=told_as,
                    customer_id=customer_id,
                    purpose=one.purpose,
                    channel=one.channel,
                    state=state,
                    source=one.source or source,
                    happened_at=one.told_at or _instant(message.get("timestamp"), now),
                    proof=f"message:{message.get('messageId') or ''}",
                    wording_version=one.wording_version,
                    explicit=one.explicit,
                )
            )
    return ledger.write(uow, shop_id, sorted(entries, key=lambda entry: entry.happened_at))


def follow(uow: UnitOfWork, shop_id: str, customers: Mapping[str, str]) -> None:
    """What was told under each of these ids belongs to the customer it has now: what identity calls when merges change (`MERGERS`)."""
    ledger.follow(uow, shop_id, customers)


def merge(uow: UnitOfWork, shop_id: str, old_id: str, new_id: str) -> int:
    """Let what `old_id` permitted and refused belong to `new_id`, as identities were merged; returns how many rows of the ledger.

    Of what both said the later telling holds, as if one person had said it all.
    """
    return ledger.move(uow, shop_id, old_id, new_id)


def unmerge(uow: UnitOfWork, shop_id: str, customer_id: str, back_to: str, told_as: Sequence[str] | None = None) -> int:
    """Take a merge back: what was told under `back_to` (or under all these ids) belongs to `back_to` again."""
    return ledger.move(uow, shop_id, customer_id, back_to, told_as if told_as is not None else [back_to])


def _newest(said: Sequence[Standing], purpose: str) -> list[Standing]:
    """What holds of a purpose, one standing a channel, however many ids it was told under."""
    found: dict[Channel | None, Standing] = {}
    for one in said:
        if one.purpose == purpose and (one.channel not in found or order(one) > order(found[one.channel])):
            found[one.channel] = one
    return [found[channel] for channel in sorted(found, key=lambda channel: channel or "")]


def _confirmed(state: State, source: Source, rule: Policy | None, before: Sequence[Standing], channel: Channel | None) -> State:
    """`pending` in the place of a first `given` that still has to be confirmed."""
    if state != "given" or rule is None or not rule.double_opt_in or source in ("support", "import"):
        return state
    held = next((one.state for one in before if one.channel == channel), None)
    return "given" if held in ("pending", "given") else "pending"


def _subject(keyring: Keyring, shop_id: str, message: Mapping[str, Any]) -> str:
    user, visitor = message.get("userId"), message.get("anonymousId")
    if isinstance(user, str) and user.strip():
        return privacy.known_id(keyring, shop_id, user)
    return privacy.visitor_id(keyring, shop_id, visitor) if isinstance(visitor, str) and visitor.strip() else ""


def _instant(value: Any, now: datetime) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return now
    if not isinstance(value, datetime):
        return now
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
