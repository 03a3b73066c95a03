"""The catalogue of behaviour events: the Segment e-commerce events (v2) and our tracker's own, by subject.

`spec_of` finds an event's specification however a client spells its name; `problems` says what breaks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.events.ecommerce.browsing import BROWSING
from regulars.events.ecommerce.buying import BUYING
from regulars.events.ecommerce.checking import columns, problems
from regulars.events.ecommerce.helping import SERVICE
from regulars.events.ecommerce.orders import ORDERS, order_value
from regulars.events.ecommerce.pages import PAGES
from regulars.events.ecommerce.vocabulary import PRODUCT
from regulars.events.ecommerce.wishing import COUPONS, WISHING
from regulars.events.specs import EventSpec

__all__ = ["PRODUCT", "SPECS", "SUBJECTS", "columns", "folded", "order_value", "problems", "problems_of", "spec_of"]

SUBJECTS = (BROWSING, BUYING, ORDERS, COUPONS, WISHING, SERVICE, PAGES)

#: Every specification by the event's name.
SPECS: dict[str, EventSpec] = {spec.name: spec for subject in SUBJECTS for spec in subject.events}

#: Spellings seen that are longer than any of ours are not folded, and not so many are remembered that memory grows.
_LONGEST_NAME = 64
_SPELLINGS_KEPT = 4096


def folded(name: str) -> str:
    """A name without case, blanks and signs: what `product_viewed`, `productViewed` and `Product-Viewed` have in common."""
    return "".join(filter(str.isalnum, name)).lower()


_BY_FOLDED = {folded(name): spec for name, spec in SPECS.items()}
_SPELLINGS: dict[str, EventSpec | None] = dict(SPECS)


def spec_of(event_name: str) -> EventSpec | None:
    """The specification of an event, by its name in any spelling; None for events that are a shop's own."""
    try:
        return _SPELLINGS[event_name]
    except KeyError:
        pass
    if len(event_name) > _LONGEST_NAME:
        return None
    found = _BY_FOLDED.get(folded(event_name))
    if len(_SPELLINGS) < _SPELLINGS_KEPT:
        _SPELLINGS[event_name] = found
    return found


def problems_of(event_name: str, properties: Mapping[str, Any]) -> list[str]:
    """What breaks an event's schema, by its name in any spelling; nothing breaks that of a shop's own events."""
    spec = spec_of(event_name)
    return problems(spec, properties) if spec is not None else []
