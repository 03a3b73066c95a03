"""What is searched for, told into the stream as the event `Products Searched`, so that nobody's program has to."""

from __future__ import annotations

import logging
from datetime import UTC
from typing import TYPE_CHECKING, Any

from regulars.collect import track
from regulars.errors import RegularsError
from regulars.serve.search.domain.finding import Filters, Sort
from regulars.serve.search.queries import SEARCHED
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.serve.search.service import SearchAnswer
    from regulars.stream.journal import Journal

log = logging.getLogger(__name__)

#: Who searches without a name: the messages belong to no visitor, and are no visit.
_NOBODY = {"anonymousId": "regulars-search", "context": {"userAgent": "regulars search bot"}}


def tell(
    journal: Journal | None,
    shop_id: str,
    source_id: str,
    answer: SearchAnswer,
    *,
    filters: Filters,
    sort: Sort,
    begin: int,
    size: int,
    customer: str | None = None,
    visitor: str | None = None,
) -> None:
    """Put a search that was answered into the stream, once by its `search_id`. An answer is never lost because this fails.

    Parameters
    ----------
    customer, visitor : whose search it was, as the shop and as the page's tracker name them; neither: nobody's.
    """
    if journal is None or not answer.query.strip():
        return
    moment = clock.now().astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    who: dict[str, Any] = {}
    if customer:
        who["userId"] = customer
    if visitor:
        who["anonymousId"] = visitor
    message = {
        "type": "track",
        "event": SEARCHED,
        "messageId": answer.search_id,
        "timestamp": moment,
        "properties": {
            "query": answer.query,
            "search_id": answer.search_id,
            "results": answer.total,
            "page": begin // size + 1,
            "sort": sort,
            "filters": written(filters),
            "corrected": answer.corrected,
            "rescue": answer.rescue,
            "products": [{"product_id": hit.product_id, "position": hit.position} for hit in answer.products],
        },
        **(who or _NOBODY),
    }
    try:
        track.accept(journal, shop_id, source_id, [message])
    except RegularsError as error:
        log.warning("a search could not be told into the stream: %s", error, extra={"shop_id": shop_id})


def written(filters: Filters) -> list[dict[str, str]]:
    """Filters as events name them."""
    found = [{"type": facet, "value": value} for facet, values in filters.values.items() for value in values]
    for facet, ends in filters.ranges.items():
        found.append({"type": facet, "value": "..".join("" if one is None else f"{one:g}" for one in ends)})
    if filters.price_from_minor is not None or filters.price_to_minor is not None:
        prices = (filters.price_from_minor, filters.price_to_minor)
        found.append({"type": "price_minor", "value": "..".join("" if one is None else str(one) for one in prices)})
    if filters.in_stock:
        found.append({"type": "in_stock", "value": "true"})
    if filters.market is not None:
        found.append({"type": "market", "value": filters.market})
    return found
