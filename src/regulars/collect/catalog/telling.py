"""Products told through the API: messages of the catalogue in the same journal as all others, so that nothing of them is ever lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from regulars.errors import InvalidInput, Unavailable
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.stream.journal import Journal

MOST_PRODUCTS = 500
#: Of one product's message, which the journal takes up to 32 kB.
_LONGEST = 30_000
#: How far another clock may be ahead of ours.
_AHEAD = timedelta(minutes=5)
#: Nobody looked at these products: the messages belong to no visitor, and are no visit.
_NOBODY = {"anonymousId": "regulars-catalogue", "context": {"userAgent": "regulars catalogue bot"}}


def tell_products(journal: Journal | None, shop_id: str, source_id: str, told: Sequence[Mapping[str, Any]]) -> int:
    """Put what is told of products into the journal; on disk when this returns, and loaded within a second or two.

    Parameters
    ----------
    told : one object each with `product_id`, what is told of it, and `told_at` where it held at another time than now.
        The same product with the same values and `told_at` is one message, however often it is sent.

    Raises
    ------
    InvalidInput : too many at once, or one that is too large.
    Unavailable : nothing takes events in this process.
    """
    from regulars.collect import track

    if len(told) > MOST_PRODUCTS:
        raise InvalidInput(f"{len(told)} products at once", mend=f"send at most {MOST_PRODUCTS}", code="too_many_products")
    if journal is None:
        raise Unavailable("products are not taken by this process", mend="start it with `regulars serve`", code="no_stream")
    taken: int = track.accept(journal, shop_id, source_id, [_message("Product Updated", one) for one in told])
    return taken


def tell_gone(journal: Journal | None, shop_id: str, source_id: str, product_id: str) -> None:
    """Tell that a product is not in the catalogue any more."""
    from regulars.collect import track

    if journal is None:
        raise Unavailable("products are not taken by this process", mend="start it with `regulars serve`", code="no_stream")
    track.accept(journal, shop_id, source_id, [_message("Product Deleted", {"product_id": product_id})])


def _message(event: str, told: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in told.items() if name != "told_at"}
    text = json.dumps(own, sort_keys=True, ensure_ascii=False, default=str)
    if len(text.encode()) > _LONGEST:
        raise InvalidInput(
            f"product '{str(told['product_id'])[:100]}' is larger than {_LONGEST // 1000} kB",
            mend="shorten its description, or tell its variants as products with a parent_id",
            code="product_too_large",
        )
    at: datetime = (told.get("told_at") or clock.now()).astimezone(UTC)
    if at > clock.now() + _AHEAD:
        raise InvalidInput("what is told of a product holds in the future", mend="tell it when it holds", code="told_too_early")
    moment = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    digest = hashlib.sha256(f"{event}\x1f{text}".encode()).hexdigest()[:24]
    return {
        "type": "track",
        "event": event,
        "messageId": f"catalogue:{digest}:{moment}",
        "timestamp": moment,
        "properties": own,
        **_NOBODY,
    }
