"""Who is one customer, as a function of the set of claims: the order in which they arrived plays no part.

A *claim* joins two ids. Ids used as a userId are *known*; the others (devices, and names only an alias has used) are *loose*.

1. Known ids are joined by explicit claims only (an alias, an operator). Their customer is the one first seen, ties by id.
2. Loose ids are joined in order of time: operators' decisions first, then claims by (first told, known id, other id). A claim that
   would join the ids of two customers is refused. So a device belongs to the known id that claimed it first, and never joins two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from regulars.guard.privacy.naming import is_visitor

Kind = Literal["identify", "alias", "same_name", "operator"]
Outcome = Literal["held", "refused", "cut"]
Pair = tuple[str, str]

_EVER = datetime.min.replace(tzinfo=UTC)


def pair_of(one: str, other: str) -> Pair:
    """The two ids of a claim in their stored order: a visitor first, else by id."""
    if is_visitor(one) != is_visitor(other):
        return (one, other) if is_visitor(one) else (other, one)
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True, slots=True)
class Claim:
    """That two ids are one: first told when, or decided by an operator (`merge` joins before all others, `cut` never joins)."""

    pair: Pair
    kind: Kind
    first_at: datetime | None
    decision: Literal["merge", "cut"] | None = None
    outcome: Outcome = "held"


@dataclass(frozen=True, slots=True)
class Belonging:
    """To which customer a loose id belongs, by which known id, since which claim; `alone`: only claims of known ids touch it."""

    customer_id: str
    via: str
    since: datetime | None
    alone: bool


@dataclass(frozen=True, slots=True)
class Shares:
    """Where each loose id belongs (missing: to itself), and how each claim ended."""

    belongs: dict[str, Belonging]
    outcomes: dict[Pair, Outcome]


class Union:
    """Disjoint sets of ids (path halving, by size)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._size: dict[str, int] = {}

    def find(self, one: str) -> str:
        """The set's present head."""
        parent = self._parent
        if one not in parent:
            parent[one] = one
            self._size[one] = 1
            return one
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    def join(self, one: str, other: str) -> str:
        """Make one set of two; returns its head."""
        a, b = self.find(one), self.find(other)
        if a == b:
            return a
        if self._size[a] < self._size[b]:
            a, b = b, a
        self._parent[b] = a
        self._size[a] += self._size[b]
        return a

    def sets(self, ids: Iterable[str]) -> list[list[str]]:
        """The ids, set by set."""
        found: dict[str, list[str]] = {}
        for one in ids:
            found.setdefault(self.find(one), []).append(one)
        return list(found.values())


def customers_of_known(first_seen: Mapping[str, datetime], joined: Iterable[Pair]) -> dict[str, str]:
    """The customer of each known id: of those joined, the one first seen, ties by id."""
    union = Union()
    for left, right in joined:
        union.join(left, right)
    found = {}
    for members in union.sets(first_seen):
        customer_id = min(members, key=lambda one: (first_seen[one], one))
        found.update(dict.fromkeys(members, customer_id))
    return found


def share_out(
    loose: Iterable[str], claims: Sequence[Claim], customer_of: Mapping[str, str], told_as_user: Mapping[str, datetime]
) -> Shares:
    """To whom loose ids belong.

    Parameters
    ----------
    loose : every id that is joined to another of them by a claim must be among them.
    claims : all claims that touch them.
    customer_of : the customers of the known ids that claim them; what is not in it is loose.
    told_as_user : when loose ids were first told as the userId of an alias: without a known id, such a one gives its name.
    """
    nodes = list(loose)
    union = Union()
    labels: dict[str, tuple[str, str, datetime]] = {}  # by head: customer, known id, since
    outcomes: dict[Pair, Outcome] = {}
    among: set[str] = set()  # loose ids joined to loose ones, or decided about
    for claim in sorted(claims, key=lambda one: _precedence(one, customer_of)):
        left, right = claim.pair
        known = left if left in customer_of else right if right in customer_of else None
        if claim.decision is not None or known is None:
            among.update(claim.pair)
        if claim.decision == "cut":
            outcomes[claim.pair] = "cut"
            continue
        at = claim.first_at or _EVER
        if known is not None:
            head = union.find(right if known == left else left)
            owner = labels.setdefault(head, (customer_of[known], known, at))
            outcomes[claim.pair] = "held" if owner[0] == customer_of[known] else "refused"
            continue
        one, other = union.find(left), union.find(right)
        mine, theirs = labels.get(one), labels.get(other)
        if mine and theirs and mine[0] != theirs[0]:
            outcomes[claim.pair] = "refused"
            continue
        outcomes[claim.pair] = "held"
        head = union.join(one, other)
        for gone in (one, other):
            labels.pop(gone, None)
        if mine or theirs:
            labels[head] = min((label for label in (mine, theirs) if label), key=lambda label: (label[2], label[1]))
    belongs: dict[str, Belonging] = {}
    for members in union.sets(nodes):
        label: tuple[str, str, datetime] | None = labels.get(union.find(members[0]))
        if label is None and len(members) > 1:
            named = [one for one in members if one in told_as_user]
            name = (
                min(named, key=lambda one: (told_as_user[one], one))
                if named
                else min(members, key=lambda one: (not is_visitor(one), one))
            )
            label = (name, name, _EVER)
        if label is not None:
            for one in members:
                if one != label[0]:
                    belongs[one] = Belonging(label[0], label[1], None if label[2] == _EVER else label[2], one not in among)
    return Shares(belongs, outcomes)


def _precedence(claim: Claim, customer_of: Mapping[str, str]) -> tuple[int, datetime, str, Pair]:
    """Decisions, then the two forms of one loose name, then claims by time, known id and pair."""
    left, right = claim.pair
    known = left if left in customer_of else right if right in customer_of else ""
    rank = 0 if claim.decision == "merge" else 1 if claim.kind == "same_name" and not known else 2
    return (rank, claim.first_at or _EVER, known, claim.pair)
