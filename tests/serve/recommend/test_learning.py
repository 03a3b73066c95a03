"""Learning by night: trees answer only where they won the replay, settings are chosen on some buyers, and the table tells it all."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from regulars import registry
from regulars.access import Caller, Keyring, Shop, shops
from regulars.records import Records
from regulars.serve.recommend import learning
from regulars.serve.recommend.domain.baskets import Histories
from regulars.serve.recommend.estimator import Clicked, Sources, implicit_peer, learn
from regulars.serve.recommend.estimator.ranker import Replay, held_out
from regulars.serve.recommend.live import BASKETS, SESSIONS
from regulars.warehouse import Warehouse
from tests.support.rows import put

NOW = datetime(2026, 5, 1, 12, 0)


def visits(count: int, seed: int) -> list[list[int]]:
    """Walks along a ring of 60 products, with steps back to what was seen: what trees can learn and neighbours weigh too little."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        walk = [int(chance.integers(60))]
        for _ in range(int(chance.integers(1, 6))):
            walk.append(walk[0] if chance.random() < 0.5 else int(walk[-1] + chance.integers(1, 9)) % 60)
        found.append(walk)
    return found


def arrays(told: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lengths = [len(one) for one in told]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return np.array([item for one in told for item in one], np.int64), starts, np.linspace(0, 60, len(told))


def test_trees_that_order_better_win_the_replay_and_nothing_is_learned_from_too_few_lists() -> None:
    items, starts, ended = arrays(visits(6_000, 3))

    ranker, replay = learn(items, starts, ended, 60, threads=1, fewest=50)
    none, plain = learn(items, starts, ended, 60, threads=1, fewest=5_000)

    assert ranker is not None
    assert replay.methods["regulars"]["mrr"] > replay.methods["v_stan"]["mrr"] > replay.methods["popularity"]["mrr"]
    assert replay.won
    assert sum(ranker.gains().values()) == pytest.approx(1.0)
    assert none is None
    assert not plain.won
    assert "regulars" not in plain.methods


def test_clicks_are_learned_from_only_where_they_lie_between_sources_and_judges() -> None:
    items, starts, ended = arrays(visits(6_000, 3))
    first, lists = held_out(items, starts, ended, seed=7)
    begin, until = float(ended[first - 1]), float(lists.at[int(len(lists.nexts) * 0.8)])

    def given(at: list[float], weight: float = 1.0) -> set[str]:
        clicked = [Clicked([n % 60], (n + 3) % 60, moment, weight) for n, moment in enumerate(at)]
        _, found = learn(items, starts, ended, 60, threads=1, fewest=50, clicked=clicked)
        return set(found.methods)

    inside = np.linspace(begin + 1e-6, until - 1e-6, 250).tolist()

    assert "clicks" in given(inside)
    assert "clicks" in given(inside, weight=4.0)
    assert "clicks" not in given(inside[:150])  # too few
    assert "clicks" not in given([begin - 1.0] * 250)  # what the sources were made from
    assert "clicks" not in given([until + 1e-6] * 250)  # what judges


def test_trees_with_clicks_are_offered_only_where_they_are_better() -> None:
    def told(clicks: tuple[float, float]) -> Replay:
        rows = {"v_stan": (0.5, 0.2), "regulars": (0.5, 0.3), "clicks": clicks}
        return Replay(10, {name: {"hr": hr, "mrr": mrr} for name, (hr, mrr) in rows.items()})

    assert (told((0.6, 0.4)).offered, told((0.6, 0.4)).won) == ("clicks", True)
    assert told((0.4, 0.4)).offered == "regulars"
    assert told((0.6, 0.3)).offered == "regulars"


def test_implicit_finds_what_is_seen_together_and_bought_by_others() -> None:
    """Sessions 0-1 and 2-3; buyers 0 and 1 bought 0 and 1, buyer 2 only 0."""
    items, starts, _ = arrays([[0, 1], [0, 1], [2, 3], [2, 3]])

    asked = implicit_peer.next_item(items, starts, 4, 2)
    baskets = Histories.of([[[0, 1]], [[0, 1]], [[0]], [[2, 3]]], 4)
    lists = implicit_peer.next_basket(baskets, np.array([2]), 3, [3, 2, 1, 0])

    assert set(asked([0])) == {0, 1}
    assert set(asked([3, 9])) == {2, 3}
    assert asked([]) == []
    assert lists[0][:2] in ([0, 1], [1, 0])
    assert len(set(lists[0])) == 3


def test_lists_are_made_from_what_was_before_them() -> None:
    items, starts, ended = arrays(visits(1_000, 4))

    first, lists = held_out(items, starts, ended, seed=1)

    assert first == 940
    assert (np.diff(lists.at) >= 0).all()
    assert lists.at.min() > ended[first - 1]
    for prefix, target, at in zip(lists.prefixes, lists.nexts, lists.at, strict=True):
        session = int(np.flatnonzero(ended == at)[0])
        whole = items[starts[session] : starts[session + 1]].tolist()
        assert whole[: len(prefix) + 1] == [*prefix, target]
    ids, matrix = Sources.of(items, starts, ended, 60).candidates([3, 9, 3], 61.0)
    assert {3, 9} <= set(ids.tolist())
    assert np.isfinite(matrix).all()


def test_a_night_keeps_what_won_and_tells_how_all_did(records: Records, warehouse: Warehouse, home: object) -> None:
    shell = Caller.system("test", Keyring.open(home))  # type: ignore[arg-type]
    with records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="shop_1", name="Tea", timezone="UTC", currency="CNY")
    put(warehouse, "events", list(_events(shop, visits(2_500, 5))))
    put(warehouse, "order_lines", list(_lines(shop)))

    first = learning.learn_all(records, warehouse, shop, fewest=50, threads=1)
    again = learning.learn_all(records, warehouse, shop, fewest=50, threads=1)

    assert first.ranking == "trees"
    assert {one.method for one in first.sessions} == {"popularity", "co_views", "implicit", "v_stan", "regulars"}
    assert {one.method for one in first.baskets} == {"popularity", "implicit", "frequency", "tifu_knn", "up_cf", "regulars"}
    for one in (*first.sessions, *first.baskets):
        for name, (low, high) in one.intervals.items():
            assert low <= one.figures[name] <= high
    assert set(first.sessions[0].intervals) == {"hr", "mrr"}
    assert first.clicked_lists == 0
    assert {one.method for one in again.sessions} - {one.method for one in first.sessions} == {"champion"}
    with records.reading() as uow:
        assert [one.state for one in registry.versions(uow, shop.shop_id, SESSIONS)] == [
            "champion"
        ]  # the same data, the same trees
        assert registry.champion(uow, shop.shop_id, BASKETS) is not None


def _events(shop: Shop, told: list[list[int]]):  # type: ignore[no-untyped-def]
    for number, visit in enumerate(told):
        for step, item in enumerate(visit):
            at = NOW - timedelta(hours=len(told) - number, minutes=-step)
            yield {
                "shop_id": shop.shop_id, "source_id": "s", "message_id": f"{number}-{step}", "event_key": 100 * number + step, "type": "track",
                "event": "Product Viewed", "customer_id": f"v_{number:020d}", "timestamp": at, "received_at": at, "product_id": f"p{item}",
                "properties": "{}", "part_id": "p",
            }  # fmt: skip


def _lines(shop: Shop):  # type: ignore[no-untyped-def]
    chance = np.random.default_rng(8)
    for buyer in range(120):
        own = chance.choice(60, 6, replace=False)
        for place in range(6):
            for line, item in enumerate(chance.choice(own, 3, replace=False)):
                yield {
                    "shop_id": shop.shop_id, "order_id": f"o{buyer}-{place}", "line_key": line, "customer_id": f"c{buyer}",
                    "ordered_at": NOW - timedelta(days=70 - 10 * place), "status": "placed", "kind": "product", "product_id": f"p{item}",
                    "quantity": Decimal(1), "unit_price": Decimal(9), "amount_minor": 900, "currency": "CNY", "load_id": "l",
                }  # fmt: skip
