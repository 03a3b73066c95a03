"""Synonyms that shoppers teach: who asks one thing in vain and then another with success meant the same. Nothing holds before it is approved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.serve.search import queries, rules
from regulars.serve.search.domain.asking import Synonyms, key_of, understand
from regulars.serve.search.rules import SearchRule, SynonymsBody
from regulars.serve.search.shelf import shelf_of
from regulars.values import clock
from regulars.values.periods import Period

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

DAYS = 90
#: So many customers must have said it, and at most so many rules are proposed at once.
FEWEST, _MOST = 3, 50


def propose(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    caller: Caller,
    shop: Shop,
    unit: Callable[[], AbstractContextManager[UnitOfWork]] | None = None,
) -> list[SearchRule]:
    """Make proposed rules of what shoppers reworded in the last 90 days; those that exist, or that spelling mends, are left out.

    Parameters
    ----------
    unit : opens the transaction to write in, where the caller has one of its own.
    """
    today = clock.today(shop.timezone)
    begin, end = Period.between(today - timedelta(days=DAYS - 1), today).instants(shop.timezone)
    found = warehouse.rows(queries.reworded(shop.shop_id, begin, end))
    rows = sorted(
        (row for row in found if row["customers"] >= FEWEST), key=lambda row: (-row["customers"], row["key"], row["other"])
    )
    if not rows:
        return []
    catalogue = shelf_of(warehouse, home).catalogue(shop.shop_id)
    made = []
    with (unit or records.unit)() as uow:
        known = {
            frozenset({key_of(word), key_of(other)})
            for rule in rules.listing(uow, shop.shop_id, kind="synonyms")
            if rule.synonyms is not None
            for word in rule.synonyms.words
            for other in (*rule.synonyms.words, *rule.synonyms.also)
        }
        for row in rows:
            one, other = key_of(row["key"]), key_of(row["other"])
            if not one or not other or frozenset({one, other}) in known:
                continue
            if set(one) <= set(other) or set(other) <= set(one):
                continue  # asked more or less exactly, not in other words
            if understand(row["key"], catalogue.speller, Synonyms()).corrected == row["other"]:
                continue
            known.add(frozenset({one, other}))
            made.append(
                rules.make(uow, caller, shop.shop_id, SynonymsBody(words=(row["key"],), also=(row["other"],)), state="proposed")
            )
            if len(made) == _MOST:
                break
    return made
