"""What is told about identities: one customer's ids, merges, refused merges, and what learning changed."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from regulars.collect.identity.domain.clusters import Kind, Pair
from regulars.errors import NotFound

RefusedBecause = Literal["belongs_to_another", "illegal_id"]


@dataclass(frozen=True, slots=True)
class Learned:
    """What messages taught: claims that were new, ids whose customer is another one now, and ids of erased customers.

    `changed` maps a stored id (user or visitor) to its customer now; `erased` maps an erased customer's id to the random pseudonym
    that took its place: events that name it are kept under that.
    """

    claims: int = 0
    refused: int = 0
    changed: dict[str, str] = field(default_factory=dict)
    erased: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneId:
    """One id of a customer: a user's or a visitor's, since when, by which merge (empty: it is the customer's own)."""

    id: str
    kind: Literal["user", "visitor"]
    first_at: datetime | None
    merge_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A customer with every id merged into it."""

    shop_id: str
    customer_id: str
    is_known: bool
    ids: list[OneId]
    more: int  # ids beyond those shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """That two ids are one customer: since when, why, who said so.

    `kind` is `identify` (a message named both), `alias`, or `operator` (decided by hand). `customer_id` is whose ids they are now.
    `at` is the time of the first message that said so; `recorded_at` when it became known here.
    """

    merge_id: str
    from_id: str
    to_id: str
    customer_id: str
    kind: Kind
    at: datetime | None
    message_id: str
    recorded_at: datetime
    decided_by: str
    decided_at: datetime | None
    undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedMerge:
    """A merge that was not made: the id belongs to another customer already, or one of the ids names nobody."""

    merge_id: str
    from_id: str
    to_id: str
    reason: RefusedBecause
    belongs_to: str
    illegal: str
    at: datetime | None
    message_id: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What an operator's decision did: the merge, how many ids changed customer, and whether both are one now.

    After an undo `still_together` is true where another merge joins the two: undo that one as well.
    """

    merge: Merge
    changed: int
    still_together: bool


def merge_id_of(pair: Pair) -> str:
    """The name of a merge: the two ids, opaque."""
    return base64.urlsafe_b64encode(json.dumps(pair, ensure_ascii=False, separators=(",", ":")).encode()).decode().rstrip("=")


def pair_of_merge(merge_id: str) -> Pair:
    """The two ids of a merge.

    Raises
    ------
    NotFound : the name is not one of ours.
    """
    try:
        found = json.loads(base64.b64decode(merge_id + "=" * (-len(merge_id) % 4), altchars=b"-_", validate=True))
        left, right = found
    except (ValueError, TypeError, binascii.Error, RecursionError):
        left = right = None
    if not (isinstance(left, str) and isinstance(right, str)):
        raise NotFound("there is no such merge", mend="take the merge_id from the list of merges", code="no_such_merge") from None
    return left, right
