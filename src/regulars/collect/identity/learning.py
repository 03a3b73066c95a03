"""Learning from messages who is who: only what is new is written, and only what it touches is settled again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import func, select

from regulars.collect.identity import rows
from regulars.collect.identity.applying import note_changes
from regulars.collect.identity.domain import IdentityMessage, Kind, Learned, Pair, pair_of
from regulars.collect.identity.settling import settle
from regulars.collect.identity.tables import identity_claim, identity_known, identity_refusal
from regulars.guard import privacy
from regulars.values import clock

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

_RECENT_KEPT = 400_000
#: So many refused ids of one placeholder are kept one by one; a broken page that sends `undefined` for everybody fills no disk.
_REFUSALS_KEPT = 1000

Told = tuple[datetime, str, Kind]
First = tuple[datetime, str]  # when, and by which message


@dataclass
class _Recent:
    """What was learned lately in this process and is in the records for sure: known ids and pairs, with their first times."""

    known: dict[str, datetime] = field(default_factory=dict)
    pairs: dict[Pair, First] = field(default_factory=dict)
    aliases: dict[Pair, First] = field(default_factory=dict)  # previous and user, as told

    def add(self, known: dict[str, datetime], pairs: dict[Pair, First], aliases: dict[Pair, First]) -> None:
        """Keep these too; the older half goes once there are too many."""
        self.known.update(known)
        self.pairs.update(pairs)
        self.aliases.update(aliases)
        for kept in (self.known, self.pairs, self.aliases):
            if len(kept) > _RECENT_KEPT:
                for name in list(kept)[: _RECENT_KEPT // 2]:
                    del kept[name]  # type: ignore[arg-type]


_RECENT: WeakKeyDictionary[Engine, dict[str, _Recent]] = WeakKeyDictionary()


def forget_recent(uow: UnitOfWork, shop_id: str) -> None:
    """Read from the records again: an erasure or a restored backup took something away."""
    _RECENT.get(uow.connection.engine, {}).pop(shop_id, None)


def learn(uow: UnitOfWork, keyring: Keyring, shop_id: str, messages: Iterable[IdentityMessage]) -> Learned:
    """Learn from messages of one shop who is who; the same messages again, in any order and in any parts, change nothing.

    Some millions of messages a second that bring nothing new, some ten thousand new claims a second. Needs a write transaction; the
    warehouse follows with `apply` (what changed is written down here, so that a crash in between loses nothing).
    """
    recent = _RECENT.setdefault(uow.connection.engine, {}).setdefault(shop_id, _Recent())
    news = _gather(recent, messages)
    if not (news.known or news.named or news.told or news.refused):
        return Learned()
    rows.one_at_a_time(uow, shop_id)
    erased = _leave_out_erased(uow, keyring, shop_id, news)
    refused = _write_refusals(uow, shop_id, news.refused)
    seen = _write_known(uow, shop_id, news)
    touched = rows.claims_touching(uow, shop_id, seen.new) if seen.new else {}
    dirty, claims, more_refused = _write_claims(uow, shop_id, news.told)
    loose = {one for pair in (*dirty, *touched) for one in pair[: 1 if pair[0].startswith(privacy.VISITOR) else 2]} | seen.named
    known = {one for pair in (*dirty, *touched) if not pair[0].startswith(privacy.VISITOR) for one in pair} | seen.earlier
    if touched:
        known |= rows.alias_rows(uow, shop_id, seen.new).keys()
    changed = settle(uow, shop_id, known=known, loose=loose)
    note_changes(uow, shop_id, changed)
    uow.after_commit(lambda: recent.add(*news.certain()))
    return Learned(claims=claims, refused=refused + more_refused, changed=changed, erased=erased)


@dataclass
class _News:
    """What messages said that was not known for sure."""

    known: dict[str, datetime] = field(default_factory=dict)  # told as userId
    named: dict[str, datetime] = field(default_factory=dict)  # told as the userId of an alias
    told: dict[Pair, Told] = field(default_factory=dict)
    aliases: dict[Pair, First] = field(default_factory=dict)
    refused: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)

    def claim(self, one: str, other: str, at: datetime, message_id: str, kind: Kind) -> None:
        """Of several tellings of one claim the earliest counts, ties by message."""
        pair, told = pair_of(one, other), (at, message_id, kind)
        if pair not in self.told or told < self.told[pair]:
            self.told[pair] = told

    def certain(self) -> tuple[dict[str, datetime], dict[Pair, First], dict[Pair, First]]:
        """What is in the records once the transaction holds."""
        return self.known, {pair: told[:2] for pair, told in self.told.items() if told[2] == "identify"}, self.aliases


def _gather(recent: _Recent, messages: Iterable[IdentityMessage]) -> _News:
    """What is new in the messages; the common case is that a message brings nothing, which takes two look-ups."""
    news = _News()
    known_before, pairs_before, known = recent.known, recent.pairs, news.known
    for message in messages:
        if message.illegal:
            _refuse(news, message)
        user, at = message.user_id, message.timestamp
        if message.type == "alias":
            first = recent.aliases.get((message.previous_id or "", user or ""))
            if first is None or (at, message.message_id) < first:
                _alias(news, message)
        elif user is not None:
            before = known_before.get(user)
            if before is None or at < before:
                before = known.get(user)
                if before is None or at < before:
                    known[user] = at
        if user is not None and message.anonymous_id is not None:
            seen = pairs_before.get((message.anonymous_id, user))
            if seen is None or at < seen[0] or (at == seen[0] and message.message_id < seen[1]):
                news.claim(message.anonymous_id, user, at, message.message_id, "identify")
    return news


def _alias(news: _News, message: IdentityMessage) -> None:
    """That two names are one; each may be a user's or a visitor's, so that its two forms are tied together too."""
    user, previous, at = message.user_id, message.previous_id, message.timestamp
    if user is not None and user != previous and (user not in news.named or at < news.named[user]):
        news.named[user] = at
    if user is None or previous is None or user == previous:
        return
    told = (at, message.message_id)
    news.aliases[previous, user] = min(told, news.aliases.get((previous, user), told))
    news.claim(previous, user, at, message.message_id, "alias")
    for known, visitor in ((user, message.user_as_visitor), (previous, message.previous_as_visitor)):
        if visitor is not None:
            news.claim(visitor, known, at, message.message_id, "same_name")


def _refuse(news: _News, message: IdentityMessage) -> None:
    """One line for each placeholder and for whom it would have been joined to."""
    others = (message.user_id, message.anonymous_id, message.previous_id)
    other = next((one for one in others if one is not None), "")
    for illegal in message.illegal:
        told = (message.timestamp, message.message_id)
        key = (illegal.value, other)
        if key not in news.refused or told < news.refused[key]:
            news.refused[key] = told


def _leave_out_erased(uow: UnitOfWork, keyring: Keyring, shop_id: str, news: _News) -> dict[str, str]:
    """Nothing is learned about customers who were erased."""
    ids = {*news.known, *news.named, *(one for pair in news.told for one in pair)}
    gone = privacy.erased(uow, keyring, shop_id, sorted(ids))
    for one in gone:
        news.known.pop(one, None)
        news.named.pop(one, None)
    if gone:
        news.aliases.clear()
        news.told = {pair: told for pair, told in news.told.items() if pair[0] not in gone and pair[1] not in gone}
        news.refused = {key: told for key, told in news.refused.items() if key[1] not in gone}
    return gone


@dataclass
class _Seen:
    """What `_write_known` found: new known ids, merged ones seen earlier than thought, names only an alias has told."""

    new: set[str] = field(default_factory=set)
    earlier: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)


def _write_known(uow: UnitOfWork, shop_id: str, news: _News) -> _Seen:
    """Known ids with their first times. A user's first time is that of messages other than aliases."""
    stored = rows.known_rows(uow, shop_id, {*news.known, *news.named})
    seen, written = _Seen(), []
    for one in {**news.named, **news.known}:
        row, as_user = stored.get(one), one in news.known
        at = news.known[one] if as_user else news.named[one]
        if row is not None and row["as_user"] and not as_user:
            continue
        if row is not None and row["as_user"] == as_user and at >= row["first_at"]:
            if as_user:
                news.known[one] = row["first_at"]
            continue
        if not as_user:
            seen.named.add(one)
        elif row is None or not row["as_user"]:
            seen.new.add(one)
        elif row["merged"]:
            seen.earlier.add(one)
        merged = bool(row["merged"]) if row is not None else False
        written.append({"shop_id": shop_id, "id": one, "first_at": at, "as_user": as_user, "merged": merged})
    rows.upsert(uow, identity_known, written)
    return seen


def _write_claims(uow: UnitOfWork, shop_id: str, told: dict[Pair, Told]) -> tuple[list[Pair], int, int]:
    """Claims that are new or were told earlier than thought; returns those to settle, how many were new, how many refused."""
    stored = rows.claims_of_pairs(uow, shop_id, told)
    news: dict[Pair, Told] = {}
    for pair, one in told.items():
        row = stored.get(pair)
        if row is None or row["first_at"] is None or one < (row["first_at"], row["message_id"], row["kind"]):
            news[pair] = one
        else:
            told[pair] = (row["first_at"], row["message_id"], one[2])
    if not news:
        return [], 0, 0
    now, dirty, refused = clock.now(), list[Pair](), 0
    settled = _settled_already(uow, shop_id, news)
    written = []
    for pair, (at, message_id, kind) in news.items():
        row = stored.get(pair)
        outcome = settled.get(pair)
        if outcome is None:
            dirty.append(pair)
        elif outcome == "refused" and row is None:
            refused += 1
        decision = None if row is None else row["decision"]
        written.append(
            {
                "shop_id": shop_id,
                "left_id": pair[0],
                "right_id": pair[1],
                "kind": kind if decision is None or row is None else row["kind"],
                "first_at": at,
                "message_id": message_id,
                "outcome": outcome or ("held" if row is None else row["outcome"]),
                "decision": decision,
                "decided_by": "" if row is None else row["decided_by"],
                "decided_at": None if row is None else row["decided_at"],
                "learned_at": now if row is None else row["learned_at"],
            }
        )
    rows.upsert(uow, identity_claim, written)
    return dirty, sum(pair not in stored for pair in news), refused


def _settled_already(uow: UnitOfWork, shop_id: str, news: dict[Pair, Told]) -> dict[Pair, str]:
    """Claims of devices that belong to somebody by an earlier claim and are touched by nothing else: they change nothing.

    Without this, a device that thousands sign in on would be worked out anew with all its claims at each of them.
    """
    devices: dict[str, list[Pair]] = {}
    for pair, told in news.items():
        if told[2] == "identify":
            devices.setdefault(pair[0], []).append(pair)
        else:
            devices.setdefault(pair[0], []).append(("", ""))  # touched by an alias: settle it
    belonging = {one: row for one, row in rows.alias_rows(uow, shop_id, devices).items() if row["alone"] and row["since"]}
    known = {pair[1] for one in belonging for pair in devices[one] if pair[1]}
    as_user = {one for one, row in rows.known_rows(uow, shop_id, known).items() if row["as_user"]}
    customers = rows.alias_rows(uow, shop_id, as_user)
    found: dict[Pair, str] = {}
    for one, row in belonging.items():
        pairs = devices[one]
        later = all(pair[1] in as_user and (news[pair][0], pair[1]) > (row["since"], row["via"]) for pair in pairs if pair[1])
        if later and all(pair[1] for pair in pairs):
            for pair in pairs:
                customer_id = customers[pair[1]]["customer_id"] if pair[1] in customers else pair[1]
                found[pair] = "held" if customer_id == row["customer_id"] else "refused"
    return found


def _write_refusals(uow: UnitOfWork, shop_id: str, refused: dict[tuple[str, str], tuple[datetime, str]]) -> int:
    """Ids that name nobody, each with whom it would have been joined to."""
    if not refused:
        return 0
    c = identity_refusal.c
    counted = select(c.value, func.count().label("n")).where(c.shop_id == shop_id, c.value.in_({value for value, _ in refused}))
    counts = {str(found["value"]): int(found["n"]) for found in uow.rows(counted.group_by(c.value))}
    stored, by_shop = {}, rows.by_index(uow, identity_refusal, shop_id)
    for some in rows.some_of({other for _, other in refused}):
        for found in uow.rows(select(identity_refusal).where(by_shop, rows.among(uow, c.other_id, some))):
            stored[found["value"], found["other_id"]] = found
    new, written, now = 0, [], clock.now()
    for (value, other), told in refused.items():
        row = stored.get((value, other))
        if row is None:
            counts[value] = counts.get(value, 0) + 1
            if counts[value] > _REFUSALS_KEPT:
                continue
            new += 1
        elif told >= (row["first_at"], row["message_id"]):
            continue
        seen = now if row is None else row["learned_at"]
        key = {"shop_id": shop_id, "value": value, "other_id": other}
        written.append({**key, "first_at": told[0], "message_id": told[1], "learned_at": seen})
    rows.upsert(uow, identity_refusal, written)
    return new
