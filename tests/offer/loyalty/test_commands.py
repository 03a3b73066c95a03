"""`regulars ledger`: what a customer has, given by hand, printed and counted again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regulars.access import shops
from regulars.access.domain import Caller
from regulars.app import House
from regulars.cli.main import perform
from regulars.offer.loyalty import service
from regulars.settings import Settings


@pytest.fixture
def shop(home: Path) -> Path:
    """A house with a shop that has tiers."""
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    shell = Caller.system("test", house.keyring)
    tiers = (
        service.Tier(tier_id="member", name="Member", name_zh="会员", threshold=0),
        service.Tier(tier_id="silver", name="Silver", name_zh="银卡", threshold=50_000),
    )
    with house.records.unit() as uow:
        made = shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
        service.save_program(uow, shell, made, service.TierProgram(tiers=tiers))
    house.close()
    return home


def test_points_are_given_shown_and_counted_again(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert perform(["ledger", "correct", "17850", "200", "--reason", "goodwill", "--note", "late parcel"]) == 0
    assert "+200" in capsys.readouterr().out
    assert perform(["ledger", "correct", "17850", "5000"]) == 0
    assert "waits for approval" in capsys.readouterr().out

    assert perform(["ledger", "correct", "17850", "-50"]) == 0
    capsys.readouterr()
    assert perform(["ledger", "balance", "17850", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["balance"] == 150
    for words in (["overview"], ["balance", "17850"], ["statement", "17850"], ["tier", "17850"]):
        assert perform(["ledger", *words, "--lang", "zh"]) == 0, words
        assert capsys.readouterr().out

    assert perform(["ledger", "rebuild", "--only-compare", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []
    assert perform(["ledger", "correct", "17850", "5", "--reason", "weather"]) == 1
    assert "--reason weather is not known" in capsys.readouterr().err
