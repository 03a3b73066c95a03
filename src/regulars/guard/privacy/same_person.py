"""Who is the same customer: whichever room merges ids says so here, and looking up, exporting and erasing reach all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

#: fn(uow, shop_id, ids) -> for each id the customer it belongs to by now, followed by every id merged into that customer.
SAME_PERSON: list[Callable[[UnitOfWork, str, Sequence[str]], Mapping[str, Sequence[str]]]] = []


def ids_of(uow: UnitOfWork, shop_id: str, customer_id: str) -> list[str]:
    """Every id of the customer that this id belongs to, the id itself first."""
    found = dict.fromkeys([customer_id])
    for same in SAME_PERSON:
        found.update(dict.fromkeys(same(uow, shop_id, [customer_id]).get(customer_id, ())))
    return list(found)


def customers_of(uow: UnitOfWork, shop_id: str, ids: Iterable[str]) -> dict[str, str]:
    """The customer each id belongs to by now."""
    found = {one: one for one in ids}
    for same in SAME_PERSON:
        for one, all_of_them in same(uow, shop_id, list(found)).items():
            if all_of_them:
                found[one] = all_of_them[0]
    return found
