"""Addresses of a Spark warehouse, and what is said where it cannot be used; no Spark is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.app import House
from regulars.errors import InvalidInput, RegularsError, StorageFull, Unavailable
from regulars.settings import Settings
from regulars.warehouse import Warehouse, capabilities_of
from regulars.warehouse.engines.spark_faults import explain
from regulars.warehouse.engines.spark_sessions import Address
from tests.support.server import free_port


@pytest.mark.parametrize(
    ("url", "master", "folder"),
    [
        ("spark://host/mnt/tables", "spark://host:7077", "/mnt/tables"),
        ("spark://host:7078//mnt/my%20tables", "spark://host:7078", "/mnt/my tables"),
        ("spark+local://2/mnt/tables", "local[2]", "/mnt/tables"),
        ("spark+local:///mnt/tables", "local[3]", "/mnt/tables"),
    ],
)
def test_an_address_names_the_master_and_the_folder(url: str, master: str, folder: str) -> None:
    address = Address.parse(url, memory_limit="2GB", threads=3)

    assert (address.master, address.folder) == (master, Path(folder))


def test_settings_of_sparks_come_with_the_address_and_win() -> None:
    plain = Address.parse("spark+local://2/mnt/t", memory_limit="2GB")
    told = Address.parse("spark+local://2/mnt/t?spark.driver.memory=5g&spark.sql.shuffle.partitions=4", memory_limit="2GB")

    assert plain.settings["spark.driver.memory"] == "2g"
    assert (told.settings["spark.driver.memory"], told.settings["spark.sql.shuffle.partitions"]) == ("5g", "4")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("spark://host:7077", "names no folder"),
        ("spark:///mnt/tables", "names no master"),
        ("spark+local://two/mnt/tables", "no number of cores"),
        ("spark://host/mnt/tables?memory=4g", "no setting of Spark's"),
    ],
)
def test_an_address_that_lacks_something_says_what(url: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Address.parse(url)


@pytest.mark.spark
def test_a_master_that_is_away_is_told_in_seconds(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        Warehouse.open(f"spark://127.0.0.1:{free_port()}/{tmp_path}/tables")


def test_a_house_that_is_served_is_not_opened_on_an_engine_for_reports(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_WAREHOUSE_URL", "spark://127.0.0.1:1/mnt/tables")

    with pytest.raises(InvalidInput, match="Keep warehouse_url on duckdb"):
        House.open(Settings.load())

    assert not capabilities_of("spark://host/mnt/tables").small_writes
    assert capabilities_of("duckdb:////mnt/w.duckdb").small_writes


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("[SPARK_JOB_CANCELLED] Job 3 cancelled part of cancelled job group", Unavailable, "interrupted"),
        ("org.apache.spark.SparkException\nCaused by: java.io.IOException: No space left on device", StorageFull, "storage_full"),
        ("Total size of results is bigger than spark.driver.maxResultSize", Unavailable, "spark_memory"),
        ("Cannot call methods on a stopped SparkContext.", Unavailable, "spark_lost"),
        ("[FAILED_READ_FILE.FILE_NOT_EXIST] Encountered error", Unavailable, "files_gone"),
        ("[UNRESOLVED_COLUMN] a column named cancelled\nin a plan: Job 3 cancelled", RegularsError, "spark_refused"),
    ],
)
def test_faults_are_told_in_our_words(text: str, kind: type[RegularsError], code: str) -> None:
    told = explain(RuntimeError(text), "answering a question")

    assert isinstance(told, kind)
    assert (told.code, bool(told.mend)) == (code, True)  # type: ignore[attr-defined]
