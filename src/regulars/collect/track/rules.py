"""What shaping asks of the records: shops, sources, id forms and consent, read anew at most once a second."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from regulars.access import shops
from regulars.collect import orders
from regulars.collect.track import shapes
from regulars.collect.track.domain.ids import Ids
from regulars.collect.track.domain.shaping import Message
from regulars.collect.track.tables import source
from regulars.events.ecommerce import problems_of
from regulars.guard import consent, privacy

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.access.keys import Keyring
    from regulars.guard.privacy import Person
    from regulars.records import Records

_READ_EVERY_SECONDS = 1.0


class Rules:
    """The rules of an installation, kept for a moment."""

    def __init__(self, records: Records, keyring: Keyring) -> None:
        self._records = records
        self._keyring = keyring
        self._shops: dict[str, shapes.ShopRules] = {}
        self._whole: dict[str, Shop] = {}
        self._rates: dict[str, orders.Rates] = {}
        self._sources: dict[str, shapes.SourceRules] = {}
        self._read_at = -_READ_EVERY_SECONDS

    def refresh(self) -> None:
        """Read what an operator may have changed."""
        if time.monotonic() - self._read_at < _READ_EVERY_SECONDS:
            return
        with self._records.reading() as uow:
            for shop in shops.list_all(uow):
                kept = self._shops.get(shop.shop_id)
                ids = kept.ids if kept else self._ids(shop.shop_id)
                self._shops[shop.shop_id] = shapes.ShopRules(
                    shop.currency, ids, partial(_cleaned, frozenset(consent.policy(uow, shop.shop_id).allowed_names))
                )
                self._whole[shop.shop_id] = shop
                self._rates[shop.shop_id] = orders.rates_of(uow, shop)
            self._sources = {
                row["source_id"]: shapes.SourceRules(row["enforce_schema"])
                for row in uow.rows(select(source.c.source_id, source.c.enforce_schema))
            }
        self._read_at = time.monotonic()

    def shop(self, shop_id: str) -> Shop | None:
        """One shop as it was last read."""
        return self._whole.get(shop_id)

    def currency(self, shop_id: str) -> str:
        """The currency of a shop; "" of one that is gone."""
        found = self._whole.get(shop_id)
        return found.currency if found else ""

    def rates(self, shop_id: str) -> orders.Rates | None:
        """What other currencies are worth in a shop."""
        return self._rates.get(shop_id)

    def shops(self) -> list[Shop]:
        """Every shop as it was last read."""
        return list(self._whole.values())

    def tools(self) -> shapes.Tools:
        """What shaping is given."""
        return shapes.Tools(
            shop=self._shops.get,
            source=lambda source_id: self._sources.get(source_id, shapes.SourceRules(False)),
            problems=problems_of,
        )

    @staticmethod
    def person_of(customer_id: str, traits: Message) -> Person | None:
        """Who a customer is, as the traits of an identify tell; None where they tell nothing personal."""
        return privacy.person_of(customer_id, traits)

    def _ids(self, shop_id: str) -> Ids:
        return Ids(partial(privacy.known_id, self._keyring, shop_id), partial(privacy.visitor_id, self._keyring, shop_id))


def _cleaned(allowed: frozenset[str], properties: Message, traits: bool) -> tuple[Message, dict[str, str]]:
    return privacy.scrub(properties, traits=traits, allowed=allowed, whole=True)
