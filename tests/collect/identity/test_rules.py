"""Who is one customer: what joins ids, what never does, and that the order of arrival plays no part."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.collect import identity
from regulars.records import Records
from tests.collect.identity.telling import SHOP, Town, alias, identify, track


@pytest.fixture
def town(any_records: Records) -> Town:
    return Town(any_records)


def one_customer(town: Town, *raws: str) -> bool:
    return len({town.customer(raw) for raw in raws}) == 1


def refused(town: Town) -> list[identity.RefusedMerge]:
    with town.records.reading() as uow:
        return identity.refused_merges(uow, town.shop_id)


def test_identify_gives_the_device_to_the_user(town: Town) -> None:
    learned = town.tell(track(0, anonymous="an1"), identify(5, "u1", "an1"))

    assert town.customer("an1") == "u1"
    assert learned.changed == {town.reader.visitor("an1"): "u1"}


def test_any_message_with_both_ids_gives_the_device_to_the_user(town: Town) -> None:
    town.tell(track(0, user="u1", anonymous="an1"))

    assert town.customer("an1") == "u1"


def test_a_shared_device_belongs_to_who_claimed_it_first_and_joins_nobody(town: Town) -> None:
    town.tell(identify(9, "u2", "tablet"), identify(5, "u1", "tablet"), identify(7, "u3", "tablet"))

    assert town.customer("tablet") == "u1"
    assert not one_customer(town, "u1", "u2") and not one_customer(town, "u1", "u3")
    assert {(one.from_id, one.to_id, one.belongs_to) for one in refused(town)} == {
        (town.reader.visitor("tablet"), "u2", "u1"),
        (town.reader.visitor("tablet"), "u3", "u1"),
    }


def test_of_two_claims_at_one_time_the_smaller_id_counts(town: Town) -> None:
    town.tell(identify(5, "u2", "tablet"))
    town.tell(identify(5, "u1", "tablet"))

    assert town.customer("tablet") == "u1"


def test_one_user_on_several_devices_is_one_customer(town: Town) -> None:
    town.tell(identify(1, "u1", "phone"), identify(2, "u1", "laptop"), track(3, anonymous="phone"))

    assert one_customer(town, "phone", "laptop", "u1")


@pytest.mark.parametrize("turned", [False, True])
def test_an_alias_joins_a_device_whichever_side_it_stands_on(town: Town, turned: bool) -> None:
    pair = ("u1", "an1") if turned else ("an1", "u1")
    town.tell(track(0, anonymous="an1"), track(1, user="u1"), alias(2, *pair))

    assert town.customer("an1") == "u1"
    assert town.clusters(["an1", "u1"]) == {frozenset({"u:an1", "a:an1", "u:u1", "a:u1"})}


def test_an_alias_alone_lets_orders_under_that_name_meet_the_device(town: Town) -> None:
    town.tell(track(0, anonymous="an1"), alias(1, "an1", "u1"))

    assert town.customer("an1") == "u1"


def test_an_alias_of_two_devices_joins_them_and_one_sign_in_names_both(town: Town) -> None:
    town.tell(track(0, anonymous="phone1"), track(0, anonymous="laptop1"), alias(1, "phone1", "laptop1"))
    assert one_customer(town, "phone1", "laptop1")

    town.tell(identify(2, "u1", "laptop1"))

    assert town.customer("phone1") == "u1"
    assert town.customer("laptop1") == "u1"


def test_an_alias_of_two_known_ids_merges_them_under_the_one_first_seen(town: Town) -> None:
    town.tell(track(3, user="new1"), track(1, user="old1"), identify(4, "new1", "phone"), alias(5, "old1", "new1"))

    assert town.customer("new1") == "old1"
    assert town.customer("phone") == "old1"


def test_an_earlier_message_of_a_merged_user_makes_it_the_customer(town: Town) -> None:
    town.tell(track(2, user="a1"), track(3, user="b1"), identify(3, "b1", "phone"), alias(5, "a1", "b1"))
    assert town.customer("phone") == "a1"

    learned = town.tell(track(1, user="b1"))

    assert {town.customer(raw) for raw in ("a1", "b1", "phone")} == {"b1"}
    assert learned.changed.items() >= {"a1": "b1", "b1": "b1", town.reader.visitor("phone"): "b1"}.items()


def test_claims_refused_before_hold_once_the_two_customers_are_one(town: Town) -> None:
    town.tell(identify(1, "u1", "tablet"), identify(2, "u2", "tablet"))
    assert len(refused(town)) == 1

    town.tell(alias(3, "u1", "u2"))

    assert refused(town) == []
    assert one_customer(town, "u1", "u2", "tablet")


def test_an_alias_of_a_device_that_belongs_to_somebody_is_refused(town: Town) -> None:
    town.tell(identify(1, "u1", "an1"), track(1, user="u2"), alias(2, "an1", "u2"))

    assert town.customer("an1") == "u1"
    assert not one_customer(town, "u1", "u2")
    assert [one.to_id for one in refused(town)] == ["u2"]


def test_a_name_that_turns_out_to_be_a_user_is_judged_as_one_at_once(town: Town) -> None:
    town.tell(identify(1, "u2", "an2"), identify(5, "u2", "an1"), alias(2, "an1", "u3"))

    town.tell(identify(3, "an1", "an2"))

    assert (town.reader.visitor("an2"), "an1") in {(one.from_id, one.to_id) for one in refused(town)}


def test_an_alias_to_oneself_says_nothing(town: Town) -> None:
    learned = town.tell(track(0, user="u1"), alias(1, "u1", "u1"))

    assert learned.claims == 0
    assert refused(town) == []


@pytest.mark.parametrize(
    "illegal",
    ["null", "undefined", "None", "NIL", "NaN", 0, "0", "[object Object]", True, "false", "guest", "Anonymous", "UNKNOWN", "anon", "", "   ",
     "-1", "00000000-0000-0000-0000-000000000000", "x" * 201, '"undefined"', {"id": 1}, "a\x00b"],
)  # fmt: skip
def test_an_id_that_names_nobody_joins_nobody_and_is_listed(town: Town, illegal: Any) -> None:
    town.tell(identify(1, illegal, "an1"), identify(2, illegal, "an2"), identify(3, "u1", illegal), identify(4, "u2", illegal))
    town.tell(track(5, user="u1"), alias(6, illegal, "u1"), alias(7, "u2", illegal))

    assert len({town.customer(raw) for raw in ("an1", "an2", "u1", "u2")}) == 4
    assert {one.reason for one in refused(town)} == {"illegal_id"}
    assert {one.to_id for one in refused(town)} >= {town.reader.visitor("an1"), town.reader.visitor("an2"), "u1", "u2"}


def test_what_a_refused_id_said_is_not_kept_unless_it_is_a_placeholder(town: Town) -> None:
    town.tell(identify(1, "mei@example.com " + "x" * 300, "an1"), identify(1, "NULL", "an2"))

    assert {one.illegal for one in refused(town)} == {"(too long)", "NULL"}


def test_a_broken_page_fills_no_disk_with_refusals(records: Records) -> None:
    town = Town(records)
    town.tell(*[identify(1, "undefined", f"an{number}") for number in range(1500)])

    with records.reading() as uow:
        assert len(identity.refused_merges(uow, SHOP, limit=5000)) == 1000


def test_ids_of_groups_are_no_customers(town: Town) -> None:
    message = town.reader.read({"type": "group", "userId": "$store_g1"}, timedelta(0) + track_time())

    assert message.names_nobody
    assert message.illegal == ()


def track_time() -> Any:
    from tests.collect.identity.telling import T0

    return T0


def test_ids_of_one_shop_say_nothing_about_another(any_records: Records) -> None:
    tea, coffee = Town(any_records), Town(any_records, shop_id="coffee")
    tea.tell(identify(1, "u1", "an1"))

    assert coffee.customer("an1") == coffee.reader.visitor("an1")
    assert coffee.reader.visitor("an1") != tea.reader.visitor("an1")


def test_the_same_messages_again_bring_nothing(town: Town) -> None:
    messages = [track(0, anonymous="an1"), identify(5, "u1", "an1"), identify(6, "u2", "an1"), alias(7, "u3", "u2")]
    town.tell(*messages)
    before = town.outcome()

    again = town.tell(*messages)

    assert (again.claims, again.changed, again.refused) == (0, {}, 0)
    assert town.outcome() == before


def test_a_device_thousands_sign_in_on_is_not_worked_out_anew_for_each(records: Records) -> None:
    town = Town(records)
    town.tell(*[identify(number, f"u{number}", "kiosk") for number in range(1, 3000)])
    from regulars.collect.identity import rows

    asked: list[int] = []
    original = rows.claims_touching
    try:
        rows.claims_touching = lambda *a, **k: asked.append(len(found := original(*a, **k))) or found  # type: ignore[assignment]
        town.tell(identify(5000, "u9999", "kiosk"), identify(5001, "u9998", "phone9"))
    finally:
        rows.claims_touching = original

    assert max(asked, default=0) < 10
    assert town.customer("kiosk") == "u1"
    assert town.customer("phone9") == "u9998"


# -- the order of arrival -----------------------------------------------------------------------------------------------

RAWS = ["u1", "u2", "u3", "an1", "an2", "an3"]
IDS = st.sampled_from(RAWS)
USERS = st.sampled_from(["u1", "u2", "u3", "an1", "an2", "undefined"])
DEVICES = st.sampled_from(["an1", "an2", "an3", "u1", "null"])
MINUTES = st.integers(0, 4)
MESSAGES = st.one_of(
    st.builds(lambda m, u, a: track(m, user=u, anonymous=a), MINUTES, st.none() | USERS, st.none() | DEVICES),
    st.builds(identify, MINUTES, USERS, st.none() | DEVICES),
    st.builds(alias, MINUTES, IDS, IDS),
    st.builds(lambda m, p, u, a: {**alias(m, p, u), "anonymousId": a}, MINUTES, IDS, IDS, DEVICES),
)
_SHOPS = itertools.count()


def told_in_parts(records: Records, messages: list[dict[str, Any]], cuts: list[int]) -> Town:
    """A shop of its own that is told the messages in these parts (all shops' ids are made equal by one keyring and one name)."""
    town = Town(records, shop_id=f"shop-{next(_SHOPS)}")
    town.reader._shop_id = SHOP  # so that stored ids are the same in every one
    places = sorted({0, len(messages), *(cut % (len(messages) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(places):
        town.tell(*messages[start:end])
    return town


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(MESSAGES, min_size=1, max_size=12),
    shuffle=st.randoms(use_true_random=False),
    cuts=st.lists(st.integers(0, 12), max_size=5),
)
def test_any_order_and_any_parts_give_the_same_customers_and_refusals(
    records: Records, messages: list[dict[str, Any]], shuffle: random.Random, cuts: list[int]
) -> None:
    whole = told_in_parts(records, sorted(messages, key=lambda one: (one["timestamp"], one["messageId"])), [])

    mixed = list(messages)
    shuffle.shuffle(mixed)
    parts = told_in_parts(records, mixed, cuts)

    assert parts.outcome() == whole.outcome()
    assert parts.clusters(RAWS) == whole.clusters(RAWS)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(MESSAGES, min_size=1, max_size=10), shuffle=st.randoms(use_true_random=False))
def test_the_order_plays_no_part_on_either_database(
    any_records: Records, messages: list[dict[str, Any]], shuffle: random.Random
) -> None:
    whole = told_in_parts(any_records, messages, [])

    mixed = list(messages)
    shuffle.shuffle(mixed)

    assert told_in_parts(any_records, mixed, [3, 6]).outcome() == whole.outcome()
