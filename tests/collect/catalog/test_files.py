"""Files of products with details: the same products in every form, bad lines named, the rest taken."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.collect import catalog
from regulars.collect.catalog.files import tell_file
from regulars.collect.track import sources
from regulars.errors import InvalidInput, NotFound
from tests.collect.track.conftest import Desk, desk

__all__ = ["desk"]

PRODUCT = {
    "product_id": "a", "name": "Oolong", "price": "12.50", "stock": 3, "attributes": {"leaf": "whole"}, "markets": ["CN", "HK"],
    "variants": [{"variant_id": "a1", "sku": "A-1"}],
}  # fmt: skip


def write(folder: Path, form: str) -> Path:
    path = folder / f"products.{form}"
    plain = {**PRODUCT, "attributes.leaf": "whole", "markets": "CN | HK", "variants": json.dumps(PRODUCT["variants"])}
    del plain["attributes"]
    match form:
        case "jsonl":
            path.write_text(json.dumps(PRODUCT) + '\n\n{"product_id": 7}\nno json\n{"product_id": "b", "colour": "red"}\n')
        case "json":
            path.write_text(json.dumps({"products": [PRODUCT, None]}))
        case "csv":
            head, cells = ",".join(plain), ",".join('"' + str(value).replace('"', '""') + '"' for value in plain.values())
            path.write_text(f"\ufeff{head}\n{cells}\nb,,,many,,,\n", encoding="utf-8")
        case "parquet":
            pq.write_table(pa.Table.from_pylist([plain]), path)
    return path


@pytest.mark.parametrize(("form", "refused"), [("jsonl", 3), ("json", 1), ("csv", 1), ("parquet", 0)])
def test_a_product_is_the_same_from_every_form_of_file(desk: Desk, tmp_path: Path, form: str, refused: int) -> None:
    with desk.house.records.unit() as uow:
        source = sources.source_of_catalogue(uow, desk.caller, "tea")

    answer = tell_file(desk.house.journal, "tea", source, write(tmp_path, form))
    desk.house.loader.run_once()

    assert (answer.taken, answer.refused, len(answer.problems)) == (1, refused, refused)
    (product,) = catalog.products(desk.house.warehouse, "tea")
    assert (product.name, product.price_minor, product.stock) == ("Oolong", 1_250, 3)
    assert (product.attributes, product.markets) == ({"leaf": "whole"}, ("CN", "HK"))
    assert product.variants == (catalog.Variant("a1", sku="A-1"),)


def test_a_file_that_is_missing_or_of_no_known_form_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "products.doc").write_text("x")

    with pytest.raises(NotFound):
        tell_file(desk.house.journal, "tea", "s", tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="no known form"):
        tell_file(desk.house.journal, "tea", "s", tmp_path / "products.doc")
