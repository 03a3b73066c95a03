"""Search: how well it orders products by people's judgements beside tantivy and SQLite FTS5, and how fast it answers over 200,000 products.

python -m benchmarks search       # REGULARS_BENCHMARK_DATA names a folder with the data sets
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sqlite3
import statistics
import sys
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.measuring import child, peak_mb
from benchmarks.stores import data_folder

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import Records
    from regulars.warehouse import Warehouse

_SEED, _TIMES = 7, 2_000
_AT, _DEEP = 10, 100
_PRODUCTS, _QUERIES = 200_000, 3_000
HELD = 1.045

Judged = dict[str, dict[str, float]]
Ask = Callable[[str], list[str]]


def measure() -> str:
    """The section of the benchmark page."""
    titles, judged = home_depot()
    asked = {query: gains for query, gains in judged.items() if zlib.crc32(query.encode()) % 10 < 4 and any(gains.values())}
    found: dict[str, list[float]] = {}
    lines = []
    for name, make in (("regulars", ours), ("tantivy, en_stem", tantivy), ("SQLite FTS5, porter, OR", fts5)):
        begun = time.process_time()
        ask = make(titles)
        built = time.process_time() - begun
        scores, recall, spent = [], [], []
        for query, gains in asked.items():
            begun = time.process_time()
            listed = ask(query)
            spent.append((time.process_time() - begun) * 1000)
            scores.append(ndcg([gains.get(one, 0.0) for one in listed], list(gains.values())))
            good = {one for one, gain in gains.items() if gain > 0}
            recall.append(len(good.intersection(listed)) / len(good))
        found[name] = scores
        lines.append(
            f"| {name} | **{statistics.fmean(scores):.4f}** | {statistics.fmean(recall):.3f} | {np.percentile(spent, 50):.2f} / {np.percentile(spent, 99):.2f} | {built:.1f} |"
        )
    own, peer = np.array(found["regulars"]), np.array(found["tantivy, en_stem"])
    low, high = interval(own - peer)
    ratio = own.mean() / peer.mean()
    from regulars.serve.search import estimator

    large = child("benchmarks.search", "large").answer
    return (
        f"{_HEAD.format(titles=len(titles), queries=len(asked))}"
        + "\n".join(lines)
        + f"\n\nregulars / tantivy: **{ratio:.3f}** (held: {HELD}: {'yes' if ratio >= HELD else 'NO'}); difference of NDCG@10, query by query,"
        f" {(own - peer).mean():+.4f}, 95 % interval [{low:+.4f}, {high:+.4f}].\n"
        + _LARGE.format(products=_PRODUCTS, queries=_QUERIES, trees=estimator.TREES, **large)
    )


def home_depot() -> tuple[dict[str, str], Judged]:
    """Titles by product, and for every query what people thought of products, from 0 (not relevant) to 1 (perfect)."""
    raw = gzip.decompress((data_folder() / "home_depot_search/train.csv.gz").read_bytes()).decode("latin-1")
    titles: dict[str, str] = {}
    judged: Judged = defaultdict(dict)
    for row in csv.DictReader(io.StringIO(raw)):
        titles.setdefault(row["product_uid"], row["product_title"])
        judged[row["search_term"]][row["product_uid"]] = (float(row["relevance"]) - 1) / 2
    return titles, judged


def ndcg(listed: Sequence[float], all_gains: Sequence[float]) -> float:
    """NDCG@10: the gains of a list against the best list that the judgements allow."""
    discounts = 1 / np.log2(np.arange(2, _AT + 2))

    def worth(gains: Sequence[float]) -> float:
        return float(np.dot(gains[:_AT], discounts[: len(gains[:_AT])]))

    return worth(listed) / worth(sorted(all_gains, reverse=True))


def interval(differences: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of means of queries drawn again."""
    chance = np.random.default_rng(_SEED)
    means = [differences[chance.integers(0, len(differences), len(differences))].mean() for _ in range(_TIMES)]
    return float(np.percentile(means, 2.5)), float(np.percentile(means, 97.5))


def ours(titles: dict[str, str]) -> Ask:
    """The search of this package, over names alone, without synonyms or rules."""
    from regulars.collect.catalog import Product
    from regulars.serve.search.domain.asking import Synonyms, understand
    from regulars.serve.search.domain.catalogue import Catalogue
    from regulars.serve.search.domain.finding import Filters, Wishes, find

    catalogue = Catalogue.of(Product(number, title) for number, title in titles.items())

    def ask(query: str) -> list[str]:
        asked = understand(query, catalogue.speller, Synonyms())
        return [
            catalogue.entry(place).product.product_id for place in find(catalogue, asked, Filters(), Wishes(), size=_DEEP).places
        ]

    return ask


def tantivy(titles: dict[str, str]) -> Ask:
    """tantivy with its English stemmer; any of the words may be missing."""
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("place", stored=True)
    schema.add_text_field("title", tokenizer_name="en_stem")
    index = tantivy.Index(schema.build())
    writer = index.writer()
    numbers = list(titles)
    for place, title in enumerate(titles.values()):
        writer.add_document(tantivy.Document(place=place, title=title))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ask(query: str) -> list[str]:
        words = " ".join(re.findall(r"\w+", query.lower()))
        if not words:
            return []
        found = searcher.search(index.parse_query(words, ["title"]), _DEEP)
        return [numbers[searcher.doc(address)["place"][0]] for _, address in found.hits]

    return ask


def fts5(titles: dict[str, str]) -> Ask:
    """SQLite's full text search with the Porter stemmer; any of the words may be missing."""
    store = sqlite3.connect(":memory:")
    store.execute("CREATE VIRTUAL TABLE products USING fts5(number UNINDEXED, title, tokenize = 'porter unicode61')")
    store.executemany("INSERT INTO products VALUES (?, ?)", titles.items())

    def ask(query: str) -> list[str]:
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query.lower()))
        if not words:
            return []
        rows = store.execute("SELECT number FROM products WHERE products MATCH ? ORDER BY bm25(products) LIMIT ?", (words, _DEEP))
        return [row[0] for row in rows]

    return ask


def learned_from_chance(records: Records, warehouse: Warehouse, shop: Shop) -> None:
    """Let trees put finds in order that were fitted to numbers drawn by chance."""
    from regulars import registry
    from regulars.registry import Fitted
    from regulars.serve.search import estimator, ranking

    chance = np.random.default_rng(_SEED)
    lists, size = 2_000, 20
    places = np.tile(np.arange(size), lists)
    numbers = chance.integers(0, 5_000, lists * size)
    shown = estimator.Shown(np.arange(0, lists * size + 1, size), numbers, numbers, places, chance.random(lists * size) < 0.1)
    matrix = chance.random((lists * size, len(estimator.FEATURES)), np.float32)
    ranker = estimator.fit(matrix, shown, estimator.looked_at(shown), threads=1)
    fitted = Fitted(
        model=ranking.MODEL, as_of=datetime(2026, 1, 1, tzinfo=UTC), method="lambdarank", settings={}, fingerprint="chance", trained_on=lists,
        body=json.dumps({"trees": ranker.text, "products": {}, "pairs": {}}).encode(), scores={"answers": "learned", "needed": 0},
    )  # fmt: skip
    with records.unit() as uow:
        registry.keep(uow, shop.shop_id, fitted)
    ranking.forget(warehouse, shop.shop_id)


def large() -> dict[str, str]:
    """A shop with many simulated products in a warehouse: what it costs to make, open and ask its index, and to follow a change."""
    from regulars.access import Shop
    from regulars.collect.catalog import products
    from regulars.records import Records
    from regulars.rooms import import_tables
    from regulars.serve.search import service
    from regulars.serve.search.domain.finding import Filters
    from regulars.serve.search.shelf import shelf_of
    from regulars.warehouse import TABLES, Warehouse
    from regulars.warehouse.arrow import arrow_rows

    titles, judged = home_depot()
    chance = np.random.default_rng(_SEED)
    words = list(titles.values())
    rows = []
    for number in range(_PRODUCTS):
        one, other = (words[int(place)].split() for place in chance.integers(0, len(words), 2))
        rows.append(
            {
                "shop_id": "s", "product_id": f"p{number:06d}", "name": " ".join([*one[: len(one) // 2 + 1], *other[len(other) // 2 :]]),
                "category": f"Department {number % 20} > Shelf {number % 300}", "brand": one[0], "price_minor": int(chance.integers(100, 90_000)),
                "currency": "USD", "stock": int(chance.integers(0, 20)), "observed_at": datetime(2026, 1, 1), "load_id": "events",
            }
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        records = Records.open(f"sqlite:///{home}/records.sqlite")
        import_tables()
        records.migrate()
        warehouse = Warehouse.open(f"duckdb:///{home}/warehouse.duckdb")
        warehouse.merge("products", arrow_rows(TABLES["products"], rows))
        shop = Shop(shop_id="s", name="s", timezone="UTC", currency="USD")
        begun = time.process_time()
        shelf_of(warehouse, home).follow("s")
        made = time.process_time() - begun
        queries = [list(judged)[int(place)] for place in chance.integers(0, len(judged), _QUERIES)]
        spent: dict[str, list[float]] = {"plain": [], "full": [], "learned": []}
        for query in queries:
            begun = time.process_time()
            service.search(records, warehouse, home, shop, query)
            spent["plain"].append((time.process_time() - begun) * 1000)
        for query in queries[:1000]:
            begun = time.process_time()
            service.search(records, warehouse, home, shop, query, facets=("brand", "category"), filters=Filters(in_stock=True))
            spent["full"].append((time.process_time() - begun) * 1000)
        learned_from_chance(records, warehouse, shop)
        for query in queries[:1000]:
            begun = time.process_time()
            service.search(records, warehouse, home, shop, query)
            spent["learned"].append((time.process_time() - begun) * 1000)
        shelf_of(warehouse, home).keep_up()
        shown = []
        for number in range(20):
            name = f"zyx{number}wvu"
            changed = [{**rows[number], "name": name}]
            begun = time.perf_counter()
            warehouse.merge("products", arrow_rows(TABLES["products"], changed))
            while not any(hit.name == name for hit in service.search(records, warehouse, home, shop, name).products):
                time.sleep(0.005)
            shown.append(time.perf_counter() - begun)
        service.close(warehouse)
        begun = time.process_time()
        shelf_of(warehouse, home).follow("s")
        opened = time.process_time() - begun
        size = sum(file.stat().st_size for file in (home / "search").iterdir()) / 2**20
        service.close(warehouse)
        assert len(list(products(warehouse, "s", ["p000000"]))) == 1
        warehouse.close()
        records.close()
    return {
        "made": f"{made:.0f}",
        "opened": f"{opened:.1f}",
        "size": f"{size:.0f}",
        "plain": f"{np.percentile(spent['plain'], 50):.2f} / {np.percentile(spent['plain'], 99):.2f}",
        "full": f"{np.percentile(spent['full'], 50):.2f} / {np.percentile(spent['full'], 99):.2f}",
        "learned": f"{np.percentile(spent['learned'], 50):.2f} / {np.percentile(spent['learned'], 99):.2f}",
        "held": "yes" if np.percentile(spent["plain"], 99) < 10 else "NO",
        "shown": f"{statistics.median(shown):.2f} / {max(shown):.2f}",
        "memory": f"{peak_mb():,.0f}",
    }


_HEAD = """## Search

{titles:,} product titles of a building market and what people thought of them (Home Depot Product Search Relevance): {queries:,} queries that no choice
was made on (CRC-32 of the query, modulo 10, below 4). Every product is ranked; one that nobody judged counts as not relevant. Milliseconds are CPU.

| search | NDCG@10 | recall@100 | p50 / p99 ms | build CPU s |
| --- | --- | --- | --- | --- |
"""
_LARGE = """
{products:,} products that are made up of those titles, with categories, brands, prices and stock, in a warehouse; {queries:,} real queries; one process.

| what | figure |
| --- | --- |
| one search, 20 products: CPU ms p50 / p99 (held: under 10 ms: {held}) | **{plain}** |
| with the filter for stock, and brands and categories counted | {full} |
| with the first hundred put in an order by {trees} trees (made from chance: only their cost counts here) | {learned} |
| a changed product is found: seconds after the change began, median / longest of 20 (held: 2 s) | **{shown}** |
| making the index from the warehouse, CPU s | {made} |
| opening it from disk ({size} MB), CPU s | {opened} |
| peak memory of the process, MB | {memory} |
"""

if __name__ == "__main__":
    print(json.dumps(large() if sys.argv[1:] == ["large"] else {}))
