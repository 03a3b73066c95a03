"""Identity: 100,000 merges in random orders come to the same customers, and how fast learning is beside a bare union-find.

    python -m benchmarks identity
    python -m benchmarks.identity 20000        # fewer merges, for a quick look

Simulated: users with one to four devices each, one device in ten shared by two users, one user in fifty merged with another.
"""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from sqlalchemy import select

from regulars.access import Keyring
from regulars.collect import identity
from regulars.collect.identity import IdentityMessage
from regulars.collect.identity.tables import identity_alias, identity_claim
from regulars.records import Records
from regulars.rooms import import_tables

SHOP = "simulated"
KEYS = Keyring(b"b" * 32)
ORDERS = 3
PART = 5_000
T0 = datetime(2025, 1, 1, tzinfo=UTC)


def measure(merges: int = 100_000) -> str:
    """The section of the benchmark page."""
    messages = simulated(merges)
    peer = min(bare_union_find(messages) for _ in range(3))
    outcomes, seconds = [], []
    import_tables()
    for order in range(ORDERS):
        mixed = list(messages)
        random.Random(order).shuffle(mixed)
        with tempfile.TemporaryDirectory() as folder:
            records = Records.open(f"sqlite:///{Path(folder)}/records.sqlite")
            records.migrate()
            seconds.append(told(records, mixed, part=PART if order else len(mixed)))
            outcomes.append(outcome(records))
            again = told(records, mixed, part=PART)
            records.close()
        print(f"order {order + 1}: {seconds[-1]:.1f} s, {outcomes[-1][2]:,} refused, told again in {again:.2f} s", flush=True)
    same = len({one[0] for one in outcomes}) == 1
    if not same:
        raise AssertionError("two orders of the same messages gave different customers")
    best = min(seconds[1:] or seconds)
    return (
        f"## {len(messages):,} merges of identities\n\n"
        f"Simulated, {outcomes[0][1]:,} ids that belong to another one afterwards, {outcomes[0][2]:,} merges refused; SQLite, parts of {PART:,} messages.\n"
        f"{ORDERS} random orders (one told at once, the others in parts) came to the same customers, owners and refusals: {'yes' if same else 'no'}.\n\n"
        "| | messages a CPU second | ratio |\n| --- | ---: | ---: |\n"
        f"| union-find in memory, nothing kept, nothing refused | {len(messages) / peer:,.0f} | 1 |\n"
        f"| learn, every claim new, settled and written durably | {len(messages) / best:,.0f} | {peer / best:.3f} |\n"
        f"| learn, the same messages again | {len(messages) / again:,.0f} | {peer / again:.2f} |\n"
    )


def simulated(merges: int) -> list[IdentityMessage]:
    """So many messages that each claim something new."""
    dice, messages, number = random.Random(7), list[IdentityMessage](), 0
    while len(messages) < merges:
        number += 1
        user = f"u{number}"
        for device in range(dice.randint(1, 4)):
            shared = dice.random() < 0.1 and number > 1
            owner = f"{dice.randint(1, number - 1)}-0" if shared else f"{number}-{device}"
            visitor = "v_" + hashlib.blake2b(owner.encode(), digest_size=10).hexdigest()
            at = T0 + timedelta(seconds=dice.randint(0, 86_400 * 90))
            messages.append(IdentityMessage("identify", at, f"m{len(messages)}", user, visitor))
        if dice.random() < 0.02 and number > 1:
            other = f"u{dice.randint(1, number - 1)}"
            at = T0 + timedelta(seconds=dice.randint(0, 86_400 * 90))
            forms = ["v_" + hashlib.blake2b(one.encode(), digest_size=10).hexdigest() for one in (user, other)]
            messages.append(IdentityMessage("alias", at, f"m{len(messages)}", user, None, other, *forms))
    return messages[:merges]


def told(records: Records, messages: Sequence[IdentityMessage], *, part: int) -> float:
    """CPU seconds to learn them all, in parts."""
    started = process_time()
    for start in range(0, len(messages), part):
        with records.unit() as uow:
            identity.learn(uow, KEYS, SHOP, messages[start : start + part])
    return process_time() - started


def outcome(records: Records) -> tuple[str, int, int]:
    """A digest of everything that may not depend on the order, how many ids belong to others, how many claims were refused."""
    a, c = identity_alias.c, identity_claim.c
    digest = hashlib.sha256()
    with records.reading() as uow:
        aliases = uow.execute(select(a.id, a.customer_id, a.via, a.since, a.alone).order_by(a.id)).all()
        claims = uow.execute(
            select(c.left_id, c.right_id, c.kind, c.first_at, c.message_id, c.outcome).order_by(c.left_id, c.right_id)
        ).all()
    for row in (*aliases, *claims):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest(), len(aliases), sum(row.outcome == "refused" for row in claims)


def bare_union_find(messages: Sequence[IdentityMessage]) -> float:
    """CPU seconds to join the same pairs in a dictionary."""
    started = process_time()
    parent: dict[str, str] = {}

    def find(one: str) -> str:
        while (up := parent.setdefault(one, one)) != one:
            parent[one] = parent[up]
            one = up
        return one

    for message in messages:
        one, other = find(message.user_id or ""), find(message.anonymous_id or message.previous_id or "")
        if one != other:
            parent[one] = other
    return process_time() - started


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
