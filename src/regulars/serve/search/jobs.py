"""When the indexes are opened: as a server starts, so that no shopper waits for the first answer."""

from __future__ import annotations

from regulars.serve.search.shelf import shelf_of
from regulars.work import JobContext

OPEN = "search.open"


def open_index(context: JobContext) -> None:
    """Open the shop's index, and follow the catalogue from now on."""
    shelf = shelf_of(context.warehouse, context.home)
    shelf.follow(context.shop_id)
    shelf.keep_up()


JOBS = {OPEN: open_index}
AT_START = [OPEN]
