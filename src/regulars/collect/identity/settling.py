"""Settling: after claims changed, what of the outcome changes with them; only what is touched is worked out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import update

from regulars.collect.identity import rows
from regulars.collect.identity.domain import Belonging, Claim, Pair, customers_of_known, share_out
from regulars.collect.identity.tables import identity_known
from regulars.guard.privacy.naming import is_visitor

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def settle(uow: UnitOfWork, shop_id: str, *, known: Iterable[str] = (), loose: Iterable[str] = ()) -> dict[str, str]:
    """Work out again to whom ids belong; returns the ids whose customer is another one now, with that customer.

    Parameters
    ----------
    known : used as userIds: an explicit claim between them changed, or when they were first seen, or they are new.
    loose : the others: a claim that touches them changed.
    """
    work = _Settling(uow, shop_id)
    work.known(set(known))
    work.loose(set(loose))
    return work.changed


class _Settling:
    def __init__(self, uow: UnitOfWork, shop_id: str) -> None:
        self.uow = uow
        self.shop_id = shop_id
        self.changed: dict[str, str] = {}
        self._first_seen: dict[str, datetime | None] = {}  # of known ids; None: looked up, and loose
        self._told: dict[str, datetime] = {}  # loose ids that an alias told as its userId
        self._again: set[str] = set()

    # -- known ids ------------------------------------------------------------------------------------------------

    def known(self, dirty: set[str]) -> None:
        """Customers of known ids, through explicit claims, and what belongs to customers by them."""
        self._look_up(dirty)
        dirty = {one for one in dirty if self._first_seen.get(one) is not None}
        if not dirty:
            return
        explicit = self._explicit(dirty)
        members = dirty | {one for pair in explicit for one in pair}
        joined = [pair for pair, claim in explicit.items() if claim.decision != "cut"]
        customer_of = customers_of_known({one: seen for one in members if (seen := self._first_seen[one]) is not None}, joined)
        before = rows.alias_rows(self.uow, self.shop_id, members)
        old = {one: before[one]["customer_id"] if one in before else one for one in members}
        belongs: dict[str, Belonging | None] = {}
        for one, customer_id in customer_of.items():
            if one in before or customer_id != one:
                belongs[one] = None if customer_id == one else Belonging(customer_id, one, None, False)
            if customer_id != old[one]:
                self.changed[one] = customer_id
        moved = any(customer_of[one] != old[one] for one in members)
        if moved:
            for row in rows.ids_of_customers(self.uow, self.shop_id, {*old.values()}):
                if row["id"] not in members and row["via"] in members and customer_of[row["via"]] != row["customer_id"]:
                    belongs[row["id"]] = Belonging(customer_of[row["via"]], row["via"], row["since"], row["alone"])
                    self.changed[row["id"]] = customer_of[row["via"]]
        rows.write_belonging(self.uow, self.shop_id, belongs)
        ended = {pair: "cut" if claim.decision == "cut" else "held" for pair, claim in explicit.items()}
        rows.write_outcomes(self.uow, self.shop_id, {pair: now for pair, now in ended.items() if now != explicit[pair].outcome})  # type: ignore[misc]
        self._mark_merged({one for pair in joined for one in pair})
        if moved:
            self._judge_again(customer_of)

    def _explicit(self, dirty: set[str]) -> dict[Pair, Claim]:
        """The explicit claims between known ids that hang together with these; cut ones are returned and not followed."""
        found: dict[Pair, Claim] = {}
        seen, frontier = set(dirty), set(dirty)
        while frontier:
            claims = rows.claims_touching(self.uow, self.shop_id, frontier, explicit=True)
            self._look_up(one for pair in claims for one in pair)
            frontier = set()
            for pair, claim in claims.items():
                if any(is_visitor(one) or self._first_seen.get(one) is None for one in pair):
                    continue
                found[pair] = claim
                if claim.decision != "cut":
                    frontier.update(one for one in pair if one not in seen)
            seen |= frontier
        return {pair: claim for pair, claim in found.items() if claim.decision != "cut" or (pair[0] in seen and pair[1] in seen)}

    def _mark_merged(self, ids: set[str]) -> None:
        for some in rows.some_of(ids):
            these = rows.among(self.uow, identity_known.c.id, some)
            here = (identity_known.c.shop_id == self.shop_id) & these & identity_known.c.merged.is_(False)
            self.uow.execute(update(identity_known).where(here).values(merged=True))

    def _judge_again(self, customer_of: Mapping[str, str]) -> None:
        """Loose ids whose claims end otherwise now that customers of known ids changed.

        One that only known ids claim belongs to the first of them; its other claims hold where they are of the same customer.
        """
        claims = rows.claims_touching(self.uow, self.shop_id, customer_of)
        others = {one for pair in claims for one in pair if one not in customer_of}
        belongs = rows.alias_rows(self.uow, self.shop_id, others)
        for pair, claim in claims.items():
            for one, known in (pair, pair[::-1]):
                if one in customer_of or known not in customer_of:
                    continue
                row = belongs.get(one)
                same = (row["customer_id"] if row is not None else one) == customer_of[known]
                if row is None or not row["alone"] or same != (claim.outcome == "held"):
                    self._again.add(one)

    # -- loose ids ------------------------------------------------------------------------------------------------

    def loose(self, dirty: set[str]) -> None:
        """To whom loose ids belong, with all that hang together with them."""
        nodes, claims = self._group(dirty | self._again)
        if not nodes:
            return
        known = {one for pair in claims for one in pair if one not in nodes}
        of = rows.alias_rows(self.uow, self.shop_id, known)
        customer_of = {one: of[one]["customer_id"] if one in of else one for one in known}
        shares = share_out(sorted(nodes), list(claims.values()), customer_of, self._told)
        before = rows.alias_rows(self.uow, self.shop_id, nodes)
        belongs: dict[str, Belonging | None] = {}
        for one in nodes:
            then, now = before.get(one), shares.belongs.get(one)
            if now is None:
                if then is not None:
                    belongs[one] = None
                    self.changed[one] = one
            elif then is None or now != Belonging(then["customer_id"], then["via"], then["since"], then["alone"]):
                belongs[one] = now
                if then is None or then["customer_id"] != now.customer_id:
                    self.changed[one] = now.customer_id
        rows.write_belonging(self.uow, self.shop_id, belongs)
        ended = {pair: now for pair, now in shares.outcomes.items() if claims[pair].outcome != now}
        rows.write_outcomes(self.uow, self.shop_id, ended)

    def _group(self, dirty: set[str]) -> tuple[set[str], dict[Pair, Claim]]:
        """The loose ids that hang together with these through claims between loose ids, and every claim that touches them."""
        self._look_up(dirty)
        frontier = {one for one in dirty if self._is_loose(one)}
        nodes: set[str] = set()
        claims: dict[Pair, Claim] = {}
        while frontier:
            nodes |= frontier
            found = rows.claims_touching(self.uow, self.shop_id, frontier)
            claims.update(found)
            others = {one for pair in found for one in pair if one not in nodes}
            self._look_up(others)
            frontier = {one for one in others if self._is_loose(one)}
        return nodes, claims

    def _is_loose(self, one: str) -> bool:
        return is_visitor(one) or self._first_seen.get(one) is None

    def _look_up(self, ids: Iterable[str]) -> None:
        """When ids were first seen as a userId."""
        missing = {one for one in ids if not is_visitor(one) and one not in self._first_seen}
        found = rows.known_rows(self.uow, self.shop_id, missing)
        for one in missing:
            row = found.get(one)
            self._first_seen[one] = row["first_at"] if row is not None and row["as_user"] else None
            if row is not None and not row["as_user"]:
                self._told[one] = row["first_at"]
