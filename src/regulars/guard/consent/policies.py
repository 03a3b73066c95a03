"""What a shop has decided about consent: what holds where nobody has said anything, and the wordings people are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.errors import InvalidInput
from regulars.guard.consent.collection import CollectionPolicy
from regulars.guard.consent.domain import MEANINGS, PURPOSES, Policy, Purpose
from regulars.guard.consent.tables import consent_wording
from regulars.guard.privacy import Decision, decide, decided, decisions
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

RULE = "consent."
SIGNALS = "signals"
NAMES = "allowed_names"
LONGEST_WORDING = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPolicy:
    """All that a shop has decided: a policy for each purpose, whether browsers' refusals count, names kept although sensitive."""

    purposes: list[Policy]
    heed_signals: bool
    allowed_names: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What people were asked, in the version they saw, in both languages."""

    purpose: Purpose
    version: int
    text_en: str
    text_zh: str
    valid_from: datetime
    created_by: str


def policy(uow: UnitOfWork, shop_id: str) -> ConsentPolicy:
    """What holds now."""
    known = decided(uow, shop_id, "")
    return ConsentPolicy(
        purposes=[_policy(purpose, known.get(RULE + purpose)) for purpose in PURPOSES],
        heed_signals=bool(known.get(SIGNALS, True)),
        allowed_names=list(known.get(NAMES, [])),
    )


def policy_of(uow: UnitOfWork, shop_id: str, purpose: Purpose) -> Policy:
    """What holds now for one purpose."""
    return _policy(purpose, decided(uow, shop_id, RULE + purpose).get(RULE + purpose))


def collection_policy(uow: UnitOfWork, shop_id: str) -> CollectionPolicy:
    """What `collectable` has to know of a shop."""
    known = decided(uow, shop_id, "")
    return CollectionPolicy(
        default=_policy("analytics", known.get(RULE + "analytics")).default, heed_signals=bool(known.get(SIGNALS, True))
    )


def change_policy(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    *,
    purposes: Sequence[Policy] = (),
    heed_signals: bool | None = None,
    allowed_names: Sequence[str] | None = None,
) -> ConsentPolicy:
    """Decide anew; what is not given stays. It is audited, and the history is kept."""
    for one in purposes:
        decide(uow, caller, shop_id, RULE + one.purpose, {"default": one.default, "double_opt_in": one.double_opt_in})
    if heed_signals is not None:
        decide(uow, caller, shop_id, SIGNALS, heed_signals)
    if allowed_names is not None:
        names = sorted({name.strip() for name in allowed_names if name.strip()})
        if len(names) > 200 or any(len(name) > 100 for name in names):
            raise InvalidInput("these are too many or too long names", mend="give at most 200 names of up to 100 characters")
        decide(uow, caller, shop_id, NAMES, names)
    return policy(uow, shop_id)


def policy_history(uow: UnitOfWork, shop_id: str) -> list[Decision]:
    """Every decision about consent, the newest first."""
    found = decisions(uow, shop_id, "", limit=500)
    return [one for one in found if one.rule.startswith(RULE) or one.rule in (SIGNALS, NAMES)]


def add_wording(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    *,
    purpose: Purpose,
    text_en: str,
    text_zh: str,
    valid_from: datetime | None = None,
) -> Wording:
    """A new version of what people are asked for a purpose; earlier versions stay, as consents refer to them.

    Raises
    ------
    InvalidInput : a text is empty or longer than 4,000 characters.
    """
    caller.demand("manage_shop")
    caller.demand_shop(shop_id)
    texts = text_en.strip(), text_zh.strip()
    if not all(0 < len(text) <= LONGEST_WORDING for text in texts):
        raise InvalidInput(
            "a wording has a text of up to 4,000 characters in both languages", mend="give text_en and text_zh", code="bad_wording"
        )
    same = (consent_wording.c.shop_id == shop_id) & (consent_wording.c.purpose == purpose)
    version = (uow.value(select(func.max(consent_wording.c.version)).where(same)) or 0) + 1
    made = Wording(
        purpose=purpose,
        version=version,
        text_en=texts[0],
        text_zh=texts[1],
        valid_from=valid_from or clock.now(),
        created_by=f"{caller.kind}:{caller.id}",
    )
    uow.execute(
        insert(consent_wording).values(
            shop_id=shop_id,
            created_at=clock.now(),
            **{name: getattr(made, name) for name in Wording.__slots__},
        )
    )
    audit.record(uow, caller, "consent_wording.added", f"{purpose}:{version}", shop_id=shop_id)
    return made


def wordings(uow: UnitOfWork, shop_id: str) -> list[Wording]:
    """Every wording of every purpose, the newest version first."""
    rows = uow.rows(
        select(consent_wording)
        .where(consent_wording.c.shop_id == shop_id)
        .order_by(consent_wording.c.purpose, consent_wording.c.version.desc())
    )
    return [Wording(**{name: row[name] for name in Wording.__slots__}) for row in rows]


def has_wording(uow: UnitOfWork, shop_id: str, purpose: str, version: int) -> bool:
    """Whether there is this version of a purpose's wording."""
    same = select(consent_wording.c.version).where(
        consent_wording.c.shop_id == shop_id, consent_wording.c.purpose == purpose, consent_wording.c.version == version
    )
    return uow.value(same) is not None


def _policy(purpose: Purpose, value: dict[str, Any] | None) -> Policy:
    if value is None:
        return Policy(purpose=purpose, default=MEANINGS[purpose][2])
    return Policy(purpose=purpose, default=value["default"], double_opt_in=bool(value.get("double_opt_in")))
