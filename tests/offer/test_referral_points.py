"""Points that a referral has earned come by themselves: once, noted as given, to the customer the id belongs to."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from regulars.access import Caller, Keyring, Shop, shops
from regulars.offer import loyalty, referrals
from regulars.records import Records
from regulars.rooms import subscriptions
from regulars.stream import Relay
from regulars.warehouse import Warehouse
from tests.offer.conftest import NOON
from tests.offer.test_referrals import arrange, brought, ordered


def test_points_of_a_referral_are_given_once_and_noted(records: Records, warehouse: Warehouse, keyring: Keyring) -> None:
    shell = Caller.system("shell", keyring)
    with time_machine.travel(NOON, tick=False) as clock:
        with records.unit() as uow:
            shop: Shop = shops.create(uow, shell, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
            programme = arrange(uow, shell, shop)
        brought(records, keyring, programme, "u2")
        ordered(warehouse, "u2", "o1", NOON + timedelta(days=2), 12_000)
        clock.move_to(NOON + timedelta(days=17))
        assert referrals.settle(records, warehouse, keyring, shop).rewarded == 1

        mine = [one for one in subscriptions() if one.name == "offer.loyalty"]
        for _ in range(2):
            Relay(records, warehouse, mine).run()

        with records.reading() as uow:
            had = loyalty.balance(uow, shop, "u1")
            rewards = {one.side: one.granted_at is not None for one in referrals.rewards(uow, "tea")}
    assert had.balance == 500
    assert rewards == {"friend": False}  # the points of the other side are given, and no longer on the list
