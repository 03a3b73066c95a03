"""The region of an event, out of a database that the test writes; the address itself stays nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from starlette.testclient import TestClient

from regulars.access import shops
from regulars.access.domain import Caller
from regulars.app import House, examine
from regulars.collect.track import sources
from regulars.collect.track.places import Places, region_in
from regulars.errors import InvalidInput
from regulars.settings import Settings

SHANGHAI = {"country": {"iso_code": "CN"}, "subdivisions": [{"iso_code": "31"}]}
BROWSER = {"user-agent": "Mozilla/5.0 (Macintosh) Version/17.0 Safari/605.1"}


def database(file: Path, **more: Any) -> Path:
    """A real, small database: a network in Shanghai, one in France, one of each kind of address."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Tea-City")
    writer.insert_network(IPSet(["203.0.113.0/24"]), SHANGHAI)
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"country": {"iso_code": "FR"}} | more)
    writer.insert_network(IPSet(["2001:db8:5::/48"]), {"country": "JP"})
    writer.to_db_file(str(file))
    return file


@contextmanager
def shop_with(home: Path, **settings: str) -> Iterator[tuple[House, str]]:
    told = {f"REGULARS_{name.upper()}": value for name, value in settings.items()}
    house = House.open(Settings.load({"REGULARS_HOME": str(home), **told}))
    caller = Caller.system("test", house.keyring)
    with house.records.unit() as uow:
        shops.create(uow, caller, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
        made = sources.create(uow, caller, shop_id="tea", name="Web", kind="browser")
    yield house, made.write_key
    house.close()


def regions(house: House, key: str, *peers: tuple[str, dict[str, str]]) -> list[str | None]:
    """What regions the events of these peers get, in turn."""
    app = house.http()
    for number, (peer, headers) in enumerate(peers):
        client = TestClient(app, client=(peer, 40_000))
        body = {"anonymousId": "a", "event": "A", "messageId": f"m{number}", "writeKey": key, "context": {"ip": peer}}
        assert client.post("/v1/track", json=body, headers={**BROWSER, **headers}).status_code == 200
    house.loader.run_once()
    events = house.warehouse.table("events")
    return [row["region"] for row in house.warehouse.rows(events.order_by("message_id").select("region"))]


def test_an_event_gets_the_region_of_its_sender_in_either_kind_of_address(home: Path) -> None:
    with shop_with(home, geo_database=str(database(home / "networks.mmdb"))) as (house, key):
        found = regions(
            house,
            key,
            ("203.0.113.9", {}),
            ("198.51.100.7", {}),
            ("2001:db8:5::1", {}),
            ("::ffff:203.0.113.9", {}),
            ("192.0.2.1", {}),
        )
        kept = house.warehouse.rows(house.warehouse.table("events"))

    assert found == ["CN-31", "FR", "JP", "CN-31", None]
    assert "203.0.113" not in repr(kept)
    assert [
        path for path in home.rglob("*") if path.is_file() and path.suffix != ".mmdb" and b"203.0.113" in path.read_bytes()
    ] == []


def test_what_a_proxy_forwards_counts_only_where_the_proxy_is_trusted(home: Path) -> None:
    forwarded = {"x-forwarded-for": "198.51.100.7, 203.0.113.9"}
    with shop_with(home, geo_database=str(database(home / "networks.mmdb")), proxy="10.0.0.0/8") as (house, key):
        found = regions(house, key, ("10.1.2.3", forwarded), ("198.51.100.1", forwarded))

    assert found == ["CN-31", "FR"]


def test_without_a_database_regions_are_unknown(home: Path) -> None:
    with shop_with(home) as (house, key):
        assert regions(house, key, ("203.0.113.9", {})) == [None]
        assert examine(house).ok


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda file: file.unlink(), "is not there"),
        (lambda file: file.write_bytes(b"no database"), "damaged"),
        (lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]), "damaged"),
        (lambda file: file.write_bytes(b""), "damaged"),
    ],
)
def test_a_missing_or_damaged_database_is_named_at_start_and_by_the_doctor(
    home: Path, damage: Callable[[Path], object], says: str
) -> None:
    damage(database(home / "networks.mmdb"))
    with shop_with(home, geo_database="networks.mmdb") as (house, _):
        with pytest.raises(InvalidInput, match=says):
            house.http()
        [found] = [check for check in examine(house).checks if not check.ok]

    assert says in found.findings[0].what


def test_a_newer_file_is_read_and_a_broken_one_is_not(home: Path) -> None:
    file = database(home / "networks.mmdb")
    places = Places(file)
    assert places.region_of("198.51.100.7") == "FR"

    os.replace(database(home / "newer.mmdb", subdivisions=[{"iso_code": "IDF"}]), file)
    places._look_again()
    assert places.region_of("198.51.100.7") == "FR-IDF"

    file.write_bytes(b"broken")
    places._look_again()
    assert places.region_of("198.51.100.7") == "FR-IDF"


@pytest.mark.parametrize(
    ("record", "region"),
    [
        (None, None),
        ("CN", None),
        ({"country": "us", "region": "California"}, "US"),
        ({"country_code": "JP", "region_code": "13"}, "JP-13"),
        ({"registered_country": {"iso_code": "AU"}}, "AU"),
        ({"country": {"iso_code": "United States"}}, None),
        ({"country": {"iso_code": "CN"}, "subdivisions": [{"names": {"en": "Shanghai"}}]}, "CN"),
    ],
)
def test_records_of_the_common_databases_are_understood(record: object, region: str | None) -> None:
    assert region_in(record) == region
