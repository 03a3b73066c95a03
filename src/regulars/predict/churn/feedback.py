"""This warning was wrong, because: what support says, kept for the next learning; its words are sealed like any personal text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from regulars.access import audit
from regulars.errors import InvalidInput
from regulars.guard import privacy
from regulars.predict.churn.levels import LEVELS, Level
from regulars.predict.churn.tables import churn_feedback
from regulars.predict.churn.words import WRONG_NAMES, word
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

LONGEST_TEXT = 2_000
#: Such a customer is warned of and learned from no more.
NO_CUSTOMER = "no_customer"
#: The risk is real: the warning stays on the list.
STANDS = "other_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What was said of one warning. `text` is told to those who may see personal data, and asked for by itself."""

    feedback_id: str
    customer_id: str
    wrong_because: str
    wrong_because_name: str
    level: str
    cause: str | None
    has_text: bool
    text: str | None
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """The last word on a customer's warning: it counts for that warning and lower ones that began before it was said."""

    level: str
    on: date  # the local day of the run it was said of

    def covers(self, level: Level, since_on: str) -> bool:
        """Whether a warning of this level, begun on that day, has been answered."""
        return since_on <= self.on.isoformat() and self.level in LEVELS and LEVELS.index(level) <= LEVELS.index(self.level)


def say(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    customer_id: str,
    wrong_because: str,
    *,
    level: str,
    cause: str | None,
    day: date,
    text: str = "",
    language: str = "en",
) -> Feedback:
    """Keep why a warning was wrong; the words go under the customer's own key.

    Raises
    ------
    InvalidInput : a reason that is none of ours, or a text that is too long.
    """
    caller.demand("read_customers")
    caller.demand_shop(shop.shop_id)
    if wrong_because not in WRONG_NAMES:
        raise InvalidInput(
            f"there is no reason '{wrong_because[:40]}'", mend=f"use one of {', '.join(WRONG_NAMES)}", code="bad_reason"
        )
    words = text.strip()
    if len(words) > LONGEST_TEXT:
        raise InvalidInput("the text is too long", mend=f"at most {LONGEST_TEXT:,} characters", code="bad_text")
    made = Feedback(
        feedback_id=new_id("wrong"),
        customer_id=customer_id,
        wrong_because=wrong_because,
        wrong_because_name=word(WRONG_NAMES, wrong_because, language),
        level=level,
        cause=cause,
        has_text=bool(words),
        text=None,
        said_by=(caller.id if caller.kind == "operator" else f"{caller.kind}:{caller.id}")[:128],
        said_at=clock.now(),
    )
    if words:
        assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
        sealed = privacy.Sealed(subject=_subject(made.feedback_id), customer_id=customer_id, text=words)
        privacy.remember_texts(uow, caller.keyring, shop.shop_id, [sealed])
    uow.execute(
        insert(churn_feedback).values(
            feedback_id=made.feedback_id,
            shop_id=shop.shop_id,
            customer_id=customer_id,
            named_as=customer_id,
            wrong_because=wrong_because,
            level=level,
            day=day,
            cause=cause,
            has_text=bool(words),
            said_by=made.said_by,
            said_at=made.said_at,
        )
    )
    audit.record(
        uow, caller, "churn.warning_contested", made.feedback_id, after={"wrong_because": wrong_because}, shop_id=shop.shop_id
    )
    return made


def listing(
    uow: UnitOfWork,
    shop_id: str,
    *,
    customer_id: str | None = None,
    before: datetime | None = None,
    limit: int = 50,
    language: str = "en",
) -> list[Feedback]:
    """What was said, newest first, without the words."""
    asked = select(churn_feedback).where(churn_feedback.c.shop_id == shop_id)
    if customer_id is not None:
        asked = asked.where(churn_feedback.c.customer_id == customer_id)
    if before is not None:
        asked = asked.where(churn_feedback.c.said_at < before)
    rows = uow.rows(asked.order_by(churn_feedback.c.said_at.desc(), churn_feedback.c.feedback_id).limit(limit))
    return [
        Feedback(
            feedback_id=row["feedback_id"],
            customer_id=row["customer_id"],
            wrong_because=row["wrong_because"],
            wrong_because_name=word(WRONG_NAMES, row["wrong_because"], language),
            level=row["level"],
            cause=row["cause"],
            has_text=row["has_text"],
            text=None,
            said_by=row["said_by"],
            said_at=row["said_at"],
        )
        for row in rows
    ]


def words_of(uow: UnitOfWork, caller: Caller, shop_id: str, feedback_ids: Sequence[str]) -> dict[str, str]:
    """The words of these; needs a write transaction, as every look is audited.

    Raises
    ------
    NotAllowed : the caller may not see personal data.
    """
    found = privacy.reveal_texts(uow, caller, shop_id, [_subject(one) for one in feedback_ids])
    return {subject.removeprefix(_subject("")): words for subject, words in found.items()}


def counts(uow: UnitOfWork, shop_id: str) -> dict[str, int]:
    """How often each reason was given."""
    asked = select(churn_feedback.c.wrong_because, func.count().label("n")).where(churn_feedback.c.shop_id == shop_id)
    return {row["wrong_because"]: row["n"] for row in uow.rows(asked.group_by(churn_feedback.c.wrong_because))}


def causes_missed(uow: UnitOfWork, shop_id: str) -> Counter[str]:
    """Of warnings whose reason was wrong, which cause they had named."""
    asked = select(churn_feedback.c.cause).where(churn_feedback.c.shop_id == shop_id, churn_feedback.c.wrong_because == STANDS)
    return Counter(row["cause"] or "rhythm" for row in uow.rows(asked))


def no_customers(uow: UnitOfWork, shop_id: str) -> frozenset[str]:
    """Who is no real customer, as somebody said last."""
    return frozenset(customer for customer, (reason, _) in _last(uow, shop_id).items() if reason == NO_CUSTOMER)


def answered(uow: UnitOfWork, shop_id: str) -> dict[str, Answered]:
    """Whose warnings were answered, and up to what."""
    return {customer: word for customer, (reason, word) in _last(uow, shop_id).items() if reason != STANDS}


def _last(uow: UnitOfWork, shop_id: str) -> dict[str, tuple[str, Answered]]:
    asked = select(churn_feedback).where(churn_feedback.c.shop_id == shop_id).order_by(churn_feedback.c.said_at)
    return {row["customer_id"]: (row["wrong_because"], Answered(row["level"], row["day"])) for row in uow.rows(asked)}


def _subject(feedback_id: str) -> str:
    return f"churn_feedback:{feedback_id}"
