"""The registry keeps what was fitted, says which one answers, and brings the one before back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from regulars import registry
from regulars.errors import Conflict, InvalidInput, NotFound, Unavailable
from regulars.records import Records
from regulars.registry.shelf import BODIES_KEPT
from regulars.registry.tables import model_version

AS_OF = datetime(2011, 9, 9, tzinfo=UTC)


def fitted(body: bytes = b"trees", *, model: str = "churn", seed: int = 1) -> registry.Fitted:
    return registry.Fitted(
        model=model,
        as_of=AS_OF,
        method="blend",
        settings={"horizon_days": 90, "seed": seed},
        fingerprint="f" * 64,
        trained_on=12_000,
        scores={"auc": 0.741},
        folds=[{"as_of": AS_OF, "auc": 0.75}],
        card={"features": 93},
        body=body,
    )


def test_the_first_version_answers_and_later_ones_wait(any_records: Records) -> None:
    with any_records.unit() as uow:
        first = registry.keep(uow, "main", fitted(b"one"))
        second = registry.keep(uow, "main", fitted(b"two"))
        other = registry.keep(uow, "main", fitted(b"one", model="lifetime_value"))

    assert (first.number, first.state) == (1, "champion")
    assert (second.number, second.state) == (2, "challenger")
    assert (other.number, other.state) == (1, "champion")
    with any_records.reading() as uow:
        assert registry.body(uow, "main", "churn", 2) == b"two"
        assert [one.model for one in registry.models(uow, "main")] == ["churn", "lifetime_value"]
        assert registry.champion(uow, "elsewhere", "churn") is None
        assert registry.version(uow, "main", "churn", 1).folds == [{"as_of": "2011-09-09T00:00:00Z", "auc": 0.75}]


def test_the_same_model_again_is_the_version_that_is_there(any_records: Records) -> None:
    with any_records.unit() as uow:
        once = registry.keep(uow, "main", fitted())
        again = registry.keep(uow, "main", fitted())
        seeded = registry.keep(uow, "main", fitted(seed=2))

        assert again == once
        assert seeded.number == 2
        assert len(registry.changes(uow, "main", "churn")) == 1


def test_champions_come_back_one_by_one(any_records: Records) -> None:
    with any_records.unit() as uow:
        for body in (b"one", b"two", b"three"):
            registry.keep(uow, "main", fitted(body))
        registry.promote(uow, "main", "churn", 2, by="operator_1", why="Brier .20 against .21")
        registry.promote(uow, "main", "churn", 3, by="operator_1", why="Brier .19 against .20")

        back = registry.roll_back(uow, "main", "churn", by="operator_1", why="too many warnings")
        assert (back.number, back.state) == (2, "champion")
        assert registry.roll_back(uow, "main", "churn", by="operator_1").number == 1
        with pytest.raises(NotFound, match="no champion of 'churn' before version 1"):
            registry.roll_back(uow, "main", "churn", by="operator_1")

        registry.promote(uow, "main", "churn", 3, by="operator_1", why="once more")
        assert registry.roll_back(uow, "main", "churn", by="operator_1").number == 1
        assert [one.state for one in registry.versions(uow, "main", "churn")] == ["retired", "retired", "champion"]
        newest = registry.changes(uow, "main", "churn")[0]
        assert (newest.act, newest.number, newest.before, newest.by) == ("rolled_back", 1, 3, "operator_1")


def test_promoting_the_champion_changes_nothing(any_records: Records) -> None:
    with any_records.unit() as uow:
        registry.keep(uow, "main", fitted())
        registry.promote(uow, "main", "churn", 1, by="operator_1", why="")

        assert [one.act for one in registry.changes(uow, "main", "churn")] == ["first"]


def test_of_old_versions_only_the_card_is_kept(any_records: Records) -> None:
    with any_records.unit() as uow:
        for number in range(BODIES_KEPT + 3):
            registry.keep(uow, "main", fitted(f"body {number}".encode()))

        assert registry.body(uow, "main", "churn", 1) == b"body 0"  # the champion
        assert registry.version(uow, "main", "churn", 2).body_bytes == 0
        with pytest.raises(NotFound, match="only the card"):
            registry.body(uow, "main", "churn", 2)
        with pytest.raises(Conflict, match="only the card"):
            registry.promote(uow, "main", "churn", 2, by="operator_1", why="")


def test_a_damaged_body_is_told_and_never_used(any_records: Records) -> None:
    with any_records.unit() as uow:
        registry.keep(uow, "main", fitted())
        uow.execute(update(model_version).values(body=b"treez"))

        with pytest.raises(Unavailable, match="version 1 of 'churn' is damaged"):
            registry.body(uow, "main", "churn", 1)


def test_what_is_seen_of_a_version_is_kept_once_a_day(any_records: Records) -> None:
    with any_records.unit() as uow:
        registry.keep(uow, "main", fitted())
        registry.note(uow, "main", "churn", 1, date(2026, 1, 1), {"psi": 0.05})
        registry.note(uow, "main", "churn", 1, date(2026, 1, 2), {"psi": 0.2})
        registry.note(uow, "main", "churn", 1, date(2026, 1, 2), {"psi": 0.1})

        assert [(one.day, one.figures) for one in registry.checks(uow, "main", "churn")] == [
            (date(2026, 1, 2), {"psi": 0.1}),
            (date(2026, 1, 1), {"psi": 0.05}),
        ]


def test_a_model_without_cut_off_or_body_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no body"):
        fitted(b"")
    with pytest.raises(InvalidInput, match="time zone"):
        registry.Fitted(
            model="churn",
            as_of=AS_OF.replace(tzinfo=None),
            method="blend",
            settings={},
            fingerprint="",
            trained_on=1,
            body=b"x",
        )
