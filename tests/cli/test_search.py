"""`regulars search`: the same answers as over HTTP, on one screen or as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regulars.access import Caller, shops
from regulars.app import House
from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from regulars.settings import Settings
from regulars.warehouse import TABLES
from regulars.warehouse.arrow import arrow_rows


def test_products_are_found_and_words_are_made_the_same_at_the_shell(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House.open(Settings.load())
    with house.records.unit() as uow:
        shops.create(
            uow, Caller.system("shell", house.keyring), shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY"
        )
    rows = [
        {
            "shop_id": "tea",
            "product_id": number,
            "name": name,
            "brand": "Hill",
            "price_minor": 500,
            "currency": "CNY",
            "load_id": "load_1",
        }
        for number, name in (("a", "Green tea"), ("b", "绿茶 龙井"), ("c", "Teapot\x1b[31m"))
    ]
    house.warehouse.merge("products", arrow_rows(TABLES["products"], rows))

    def run(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        token = visit.set(Visit(house, tmp_path, {"LANG": "en_GB.UTF-8", "COLUMNS": "140"}, False))
        try:
            assert perform(["search", *words]) == code
        finally:
            visit.reset(token)
        said = capsys.readouterr()
        return said.out if code == 0 else said.err

    assert "Green tea" in run("find", "grean", "--filter", "brand:Hill", "--in-stock")
    assert "read as 'green'" in run("find", "grean")
    assert "\x1b[31m" not in run("find", "teapot")
    run("synonyms", "green tea", "绿茶")
    assert {one["product_id"] for one in json.loads(run("find", "green tea", "--json"))["products"]} >= {"a", "b"}
    assert "green tea = 绿茶" in run("rules")
    assert "0 searches" in run("asked", "--view", "exits")
    (tmp_path / "judged.csv").write_text("query,product_id,grade\ngreen tea,a,3\ngreen tea,c,0\n", encoding="utf-8")
    assert "2 judgements read, 2 new or changed" in run("judge", "judged.csv")
    run("judgements", "--csv", "out.csv")
    assert "0 new or changed" in run("judge", "out.csv")
    assert "green tea" in run("judgements")
    assert json.loads(run("compare", "--on", "judged", "--without", "synonyms", "--json"))["left"]["mrr"] == 1.0
    assert "NDCG@10" in run("compare", "--on", "judged")
    assert "place 1" in run("why", "grean", "a")
    assert "0 of 2,000" in run("learn")
    assert "Green tea" in run("find", "tea", "--sort", "best_sellers", "--variants")
    assert "3 products" in run("rebuild")
    assert "brand:Hill" not in run("find", "x", "--filter", "brand", code=1)
    house.close()
