"""When the indexes are opened: as a server starts, so that no shopper waits for the first answer; and when synonyms are looked for."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import shops
from regulars.access.domain import Caller
from regulars.access.keys import Keyring
from regulars.serve.search import learning
from regulars.serve.search.shelf import shelf_of
from regulars.work import JobContext, Schedule

OPEN, LEARN = "search.open", "search.learn"


def open_index(context: JobContext) -> None:
    """Open the shop's index, and follow the catalogue from now on."""
    shelf = shelf_of(context.warehouse, context.home)
    shelf.follow(context.shop_id)
    shelf.keep_up()


def learn(context: JobContext) -> None:
    """Propose synonyms that shoppers' rewordings tell of."""
    with context.records.reading() as uow:
        shop = shops.get(uow, context.shop_id)
    caller = Caller.system("worker", Keyring.open(context.home))
    learning.propose(context.records, context.warehouse, context.home, caller, shop)


JOBS = {OPEN: open_index, LEARN: learn}
AT_START = [OPEN]
UNHURRIED = [LEARN]
SCHEDULES = [Schedule(LEARN, timedelta(days=1))]
