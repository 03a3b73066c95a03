"""When the indexes are opened: as a server starts, so that no shopper waits for the first answer; and what is learned by night."""

from __future__ import annotations

import logging
from datetime import timedelta

from regulars.access import shops
from regulars.access.domain import Caller
from regulars.access.keys import Keyring
from regulars.serve.search import learning, ranking
from regulars.serve.search.shelf import shelf_of
from regulars.work import JobContext, Schedule

log = logging.getLogger(__name__)

OPEN, LEARN = "search.open", "search.learn"


def open_index(context: JobContext) -> None:
    """Open the shop's index, and follow the catalogue from now on."""
    shelf = shelf_of(context.warehouse, context.home)
    catalogue = shelf.follow(context.shop_id).catalogue
    shelf.keep_up()
    catalogue.sounds.read()


def learn(context: JobContext) -> None:
    """Propose synonyms that shoppers' rewordings tell of, and learn the order of finds from what they choose."""
    with context.records.reading() as uow:
        shop = shops.get(uow, context.shop_id)
    caller = Caller.system("worker", Keyring.open(context.home))
    learning.propose(context.records, context.warehouse, context.home, caller, shop)
    found = ranking.learn(context.records, context.warehouse, context.home, shop, threads=1)
    log.info("order of search judged", extra={"shop_id": context.shop_id, "answers": found.answers, "lists": found.lists})
    ranking.forget(context.warehouse, context.shop_id)


JOBS = {OPEN: open_index, LEARN: learn}
AT_START = [OPEN]
UNHURRIED = [LEARN]
SCHEDULES = [Schedule(LEARN, timedelta(days=1))]
