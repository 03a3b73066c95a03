"""Real files of real shops, where the shared data is at hand (REGULARS_SHARED_DATA, or ../shared/data beside the project)."""

from __future__ import annotations

import gzip
import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.collect.imports.parsing import detect_amounts, detect_dates, detect_ids, detect_numbers, minor
from regulars.collect.imports.readers import read
from tests.collect.imports.readers.conftest import Reader

DATA = Path(os.environ.get("REGULARS_SHARED_DATA") or Path(__file__).parents[5] / "shared/data")
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")


@pytest.mark.parametrize(
    ("file", "rows", "columns"),
    [
        ("cdnow/CDNOW_sample.txt.gz", 6_919, 5),
        ("tmall_double11_cosmetics/cosmetic.csv.gz", 27_598, 7),
        ("retrotech_products/products.csv.gz", 48_194, 5),
        ("olist_excerpt/olist_order_reviews_dataset.csv.gz", 6_123, 7),
        ("olist_excerpt/olist_order_items_dataset.csv.gz", 5_154, 7),
        ("olist_excerpt/product_category_name_translation.csv.gz", 71, 2),
        ("olist_excerpt/olist_order_payments_dataset.parquet", 103_886, 5),
        ("home_depot_search/train.csv.gz", 36_804, 5),
        ("wands_queries/query.csv.gz", 480, 3),
        ("taobao_userbehavior_head/UserBehavior.csv.gz", 4_321, 5),
        ("diginetica/train-purchases.csv.gz", 18_025, 6),
        ("deceptive_opinion_spam/deceptive-opinion.csv.gz", 800, 5),
        ("groceries/groceries.csv.gz", 9_835, 1),
        ("hillstrom/hillstrom.csv.gz", 64_000, 12),
    ],
)
def test_every_row_of_a_real_file_is_read(reader: Reader, file: str, rows: int, columns: int) -> None:
    """Rows and columns as the data's own description counts them; none is bad."""
    if not (DATA / file).exists():
        pytest.skip("this file is not here")

    table = read(DATA / file, reader.bench)

    assert (table.rows, table.bad_rows, len(table.columns)) == (rows, 0, columns)


def test_online_retail_from_csv_and_parquet_comes_to_the_published_sum(reader: Reader) -> None:
    """541,909 rows and 9,747,747.934 in all, as published; the same from a CSV with American dates and from Parquet."""
    source = DATA / "online_retail/online_retail.parquet"
    csv = reader.folder / "online_retail.csv"
    reader.bench.execute(f"COPY (FROM read_parquet('{source}')) TO '{csv}' (HEADER, TIMESTAMPFORMAT '%-m/%-d/%Y %-H:%M')")

    for path in (source, csv):
        table = read(path, reader.bench)
        price, quantity = detect_amounts(reader.bench, "raw", "UnitPrice"), detect_numbers(reader.bench, "raw", "Quantity")
        dates, customers = detect_dates(reader.bench, "raw", "InvoiceDate"), detect_ids(reader.bench, "raw", "CustomerID")
        product = f"CAST({quantity.sql('raw.Quantity')} AS DECIMAL(20,3)) * {price.sql('raw.UnitPrice')}"

        total, cents, buyers = reader.bench.rows(
            f"SELECT sum({product}), sum({minor(product, 2, scale=7)}), count(DISTINCT {customers.sql('raw.CustomerID')}) FROM raw"
        )[0]

        assert (table.rows, table.bad_rows) == (541_909, 0)
        assert total == Decimal("9747747.934")
        assert abs(cents - 974_774_793) <= 50  # each line is rounded by itself
        assert buyers == 4_372
        assert (dates.first, dates.last) == (datetime(2010, 12, 1, 8, 26), datetime(2011, 12, 9, 12, 50))
        assert not dates.ambiguous


def test_half_a_real_file_is_refused(reader: Reader) -> None:
    whole = (DATA / "tmall_double11_cosmetics/cosmetic.csv.gz").read_bytes()

    with pytest.raises(Exception, match="damaged or only half there"):
        reader.read(whole[: len(whole) // 2], "cosmetic.csv.gz")
    assert len(gzip.decompress(whole)) > len(whole)
