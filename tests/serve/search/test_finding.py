"""What is found for a query, in which order, and inside which filters: on catalogues of a few products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.collect.catalog import Product, Variant
from regulars.serve.search.domain.asking import Synonyms, key_of, understand
from regulars.serve.search.domain.catalogue import Catalogue
from regulars.serve.search.domain.finding import Filters, Found, Push, Wishes, find
from regulars.serve.search.domain.suggesting import completions, suggestions
from regulars.serve.search.domain.text import folded, tokens


def shop(*names: str, **more: Any) -> Catalogue:
    return Catalogue.of(Product(str(number), name, **more) for number, name in enumerate(names))


def asked(catalogue: Catalogue, query: str, filters: Filters | None = None, wishes: Wishes | None = None, **more: Any) -> Found:
    read = understand(query, catalogue.speller, more.pop("synonyms", Synonyms()))
    return find(catalogue, read, filters or Filters(), wishes or Wishes(), **more)


def names(catalogue: Catalogue, found: Found) -> list[str | None]:
    return [catalogue.entry(place).product.name for place in found.places]


CHINESE = shop(
    "测试工具箱",
    "中国农业发展银行",
    "国际论坛",
    "花瓶",
    "售后和服务",
    "和服 女",
    "招商 公司",
    "招商 银行",
    "简单生活 水杯",
    "5米 卷尺",
)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("工具箱", "测试工具箱"),
        ("农业", "中国农业发展银行"),
        ("國際論壇", "国际论坛"),
        ("花", "花瓶"),
        ("和服", "和服 女"),
        ("简单", "简单生活 水杯"),
        ("招商 -公司", "招商 银行"),
        ("５米", "5米 卷尺"),
        ("5 m", "5米 卷尺"),
    ],
)
def test_chinese_is_found_by_parts_by_single_signs_and_in_both_scripts(query: str, first: str) -> None:
    assert names(CHINESE, asked(CHINESE, query))[0] == first


def test_refused_words_are_nowhere_in_what_is_found() -> None:
    assert names(CHINESE, asked(CHINESE, "招商 -公司")) == ["招商 银行"]
    drills = shop("Cordless Drill", "Corded drill", "Drill bits")
    assert names(drills, asked(drills, "drill -cordless -bit")) == ["Corded drill"]


def test_a_phrase_is_found_only_as_it_stands() -> None:
    kettles = shop("Tea kettle red", "Kettle for tea", "Red tea kettle")

    assert sorted(map(str, names(kettles, asked(kettles, '"tea kettle"')))) == ["Red tea kettle", "Tea kettle red"]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("drlil", "Cordless drill 18-Volt"),
        ("screwdrivr", "Screwdriver set"),
        ("sdrewdriver", "Screwdriver set"),
        ("screw driver", "Screwdriver set"),
        ("shopvac", "Shop vac 5 gal."),
        ("18v drills", "Cordless drill 18-Volt"),
        ("5 gallon vac", "Shop vac 5 gal."),
        ("5 in pipe", "Pipe 5 in. x 10 ft."),
        ('5" pipe', "Pipe 5 in. x 10 ft."),
    ],
)
def test_slips_units_and_words_run_together_are_understood(query: str, first: str) -> None:
    tools = shop(
        "Cordless drill 18-Volt",
        "Screwdriver set",
        "Shop vac 5 gal.",
        "Shop light",
        "Pipe 5 in. x 10 ft.",
        "Pipe 10 in. x 5 ft.",
        "Vac bags",
    )

    assert names(tools, asked(tools, query))[0] == first


def test_numbers_and_model_codes_are_not_mended() -> None:
    speller = shop("Filter 1234567", "Pump AB1234").speller

    assert speller.mended("1234568") == ["1234568"]
    assert speller.mended("ab1235") == ["ab1235"]
    assert understand("filtr", speller, Synonyms()).corrected == "filter"
    assert understand("filters", speller, Synonyms()).corrected is None


def test_who_types_the_number_of_a_product_or_variant_finds_that_one() -> None:
    catalogue = Catalogue.of(
        [Product("A-100", "Lamp", variants=(Variant("v1", sku="LMP 7"),)), Product("B", "Lamp 100"), Product("C", "A lamp 7")]
    )

    assert names(catalogue, asked(catalogue, "a-100"))[0] == "Lamp"
    assert names(catalogue, asked(catalogue, "lmp 7"))[0] == "Lamp"


def test_synonyms_find_each_other_also_when_they_are_several_words() -> None:
    catalogue = shop("Television set 40 in", "TV stand", "Set of knives", "电视机", "彩电")
    synonyms = Synonyms({key_of("tv"): ("television set",), key_of("电视"): ("彩电",)})

    found = names(catalogue, asked(catalogue, "tv", synonyms=synonyms))

    assert found == ["TV stand", "Television set 40 in"]
    assert set(names(catalogue, asked(catalogue, "电视", synonyms=synonyms))) == {"电视机", "彩电"}


ROOM = [
    Product("1", "Red chair", "Furniture > Chairs", "Oak", price_minor=5_000, stock=3, attributes={"color": "red"}),
    Product("2", "Blue chair", "Furniture > Chairs", "Elm", price_minor=9_000, stock=0, attributes={"color": ["blue", "navy"]}),
    Product("3", "Red table", "Furniture > Tables", "Oak", price_minor=20_000, markets=("CN",)),
    Product("4", "Chair cushion", "Textiles", "Elm", attributes={"color": "red"}),
]


def test_filters_hold_for_everything_and_facets_count_what_is_found() -> None:
    catalogue = Catalogue.of(ROOM)

    chairs = asked(catalogue, "chair", facets=("*",))
    assert names(catalogue, chairs) == ["Red chair", "Chair cushion", "Blue chair"]  # the last is sold out
    assert {one.value: one.count for one in chairs.facets["category"]} == {"Furniture": 2, "Furniture > Chairs": 2, "Textiles": 1}
    assert {one.value: one.count for one in chairs.facets["color"]} == {"red": 2, "blue": 1, "navy": 1}
    assert (chairs.total, chairs.price_from_minor, chairs.price_to_minor) == (3, 5_000, 9_000)
    assert names(catalogue, asked(catalogue, "chair", Filters({"brand": ["Elm"]}, in_stock=True))) == ["Chair cushion"]
    assert names(catalogue, asked(catalogue, "", Filters(price_from_minor=6_000, price_to_minor=20_000), sort="price")) == [
        "Blue chair",
        "Red table",
    ]
    assert "Red table" not in names(catalogue, asked(catalogue, "red", Filters(market="DE")))
    assert names(catalogue, asked(catalogue, "", Filters({"category": ["Furniture"], "color": ["navy", "red"]}), sort="name")) == [
        "Blue chair",
        "Red chair",
    ]


def test_operators_pin_raise_lower_and_hide_but_never_past_a_filter() -> None:
    catalogue = Catalogue.of(ROOM)

    assert names(catalogue, asked(catalogue, "chair", wishes=Wishes(pins={0: "3", 1: "2"})))[:2] == ["Red table", "Blue chair"]
    assert "Red table" not in names(catalogue, asked(catalogue, "chair", Filters(market="DE"), Wishes(pins={0: "3"})))
    assert names(catalogue, asked(catalogue, "chair", wishes=Wishes(pushes=(Push(5.0, product_ids=("4",)),))))[0] == "Chair cushion"
    assert (
        names(catalogue, asked(catalogue, "chair", wishes=Wishes(pushes=(Push(0.1, facet="brand", value="Oak"),))))[-1]
        == "Red chair"
    )
    assert "Red chair" not in names(catalogue, asked(catalogue, "chair", wishes=Wishes(hidden=frozenset({"1"}))))


def test_pages_follow_each_other_without_gaps_or_repeats() -> None:
    catalogue = shop(*[f"Cup {number % 3}" for number in range(200)])

    pages = [asked(catalogue, "cup", begin=begin, size=7).places for begin in range(0, 210, 7)]

    assert [place for page in pages for place in page] == list(asked(catalogue, "cup", size=200).places)


@pytest.mark.parametrize("query", ["", " ", "-", '"', "-x", "the", "\x00", "的", "💡", "a" * 5000, '"" -', "x*y", "[", "\ud800"])
def test_any_text_is_answered(query: str) -> None:
    for catalogue in (Catalogue.empty(), shop("One lamp"), CHINESE):
        first, again = asked(catalogue, query, facets=("*",)), asked(catalogue, query, facets=("*",))

        assert first == again


def test_a_changed_catalogue_answers_like_one_made_anew_and_the_old_one_stays_as_it_was() -> None:
    old = Catalogue.of(ROOM)
    fresh = Product("1", "Green stool", "Furniture > Stools", "Ash", price_minor=700)

    new = old.changed([fresh, Product("9", "Chair lift", brand="Ash")], gone=["4"])
    anew = Catalogue.of([*ROOM[1:3], fresh, Product("9", "Chair lift", brand="Ash")])

    for query in ("chair", "green stool", "lift", "chiar", ""):
        for one in (new, new.compacted(), new.compacted().changed([], [])):
            left, right = asked(one, query, facets=("*",)), asked(anew, query, facets=("*",))
            assert set(names(one, left)) == set(names(anew, right))
            assert left.facets == right.facets
    assert names(old, asked(old, "chair"))[0] == "Red chair"
    assert len(new) == 4


def test_many_changes_are_taken_into_the_main_part() -> None:
    catalogue = shop(*[f"Cup {number}" for number in range(50)])

    for begin in range(0, 3_000, 1_000):
        catalogue = catalogue.changed([Product(str(number), f"Mug {number}") for number in range(begin, begin + 1_000)], [])

    assert len(catalogue) == 3_000
    assert len(catalogue.recent.entries) < 2_001
    assert asked(catalogue, "cup").total == 0
    assert asked(catalogue, "mug 2999").places


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("gongjuxiang", "测试工具箱"),
        ("gjx", "测试工具箱"),
        ("gongjx", "测试工具箱"),
        ("gong ju xiang", "测试工具箱"),
        ("ceshi gjx", "测试工具箱"),
        ("nongye", "中国农业发展银行"),
        ("zgny", "中国农业发展银行"),
        ("shuibei", "简单生活 水杯"),
        ("huap", "花瓶"),
    ],
)
def test_chinese_is_found_by_how_it_is_typed(query: str, first: str) -> None:
    read = understand(query, CHINESE.speller, Synonyms(), sounds=CHINESE.sounds)

    assert names(CHINESE, find(CHINESE, read, Filters(), Wishes()))[0] == first
    assert read.corrected is not None


def test_letters_that_the_catalogue_or_a_synonym_knows_are_no_pinyin() -> None:
    catalogue = shop("TV stand", "GJX drill bit", "工具箱", "电视")
    tv = Synonyms({key_of("ds"): ("电视",)})

    assert understand("gjx", catalogue.speller, Synonyms(), sounds=catalogue.sounds).corrected is None
    assert understand("ds", catalogue.speller, tv, sounds=catalogue.sounds).corrected is None
    assert understand("ds", catalogue.speller, Synonyms(), sounds=catalogue.sounds).corrected == "电视"
    assert understand("gongjuxiang", catalogue.speller, Synonyms(), sounds=catalogue.sounds, mend=False).corrected is None


def test_a_chinese_word_stands_above_signs_that_only_happen_to_be_beside_each_other() -> None:
    catalogue = shop("售后和服务", "售后和服务 和服务", "和服 女装 夏季 新款 印花 长袖", "和服腰带")

    assert set(names(catalogue, asked(catalogue, "和服"))[:2]) == {"和服 女装 夏季 新款 印花 长袖", "和服腰带"}


def test_suggestions_are_given_while_pinyin_is_typed() -> None:
    catalogue = shop("不锈钢水壶", "水壶", "Shutter")

    assert [one.query for one in suggestions(catalogue, "shuih", ["水壶 大"], 5)] == ["水壶"]
    assert [one.query for one in suggestions(catalogue, "bxg", [], 5)] == ["不锈钢", "不锈钢水壶"]
    assert suggestions(catalogue, "sh", ["水壶", "lamp"], 1)[0].query == "水壶"
    changed = catalogue.changed([Product("9", "绿茶")], [])
    assert [one.query for one in suggestions(changed, "lvc", [], 5)] == ["绿茶"]


SHIRTS = [
    Product("s", "Shirt"),
    Product("s-red", "Shirt red", price_minor=900, parent_id="s", attributes={"color": "red", "length": "70 cm"}),
    Product("s-blue", "Shirt blue", price_minor=700, parent_id="s", attributes={"color": "blue", "length": "75 cm"}),
    Product("t", "Shirt of linen", price_minor=800, attributes={"color": "red", "length": "1,070.5 mm"}),
    Product("u-1", "Shirt striped", price_minor=100, parent_id="u", stock=0, attributes={"color": "red"}),
]


def test_variants_of_one_product_are_one_hit_and_count_once() -> None:
    catalogue = Catalogue.of(SHIRTS)

    found = asked(catalogue, "shirt", facets=("color",))

    assert [catalogue.entry(place).product.product_id for place in found.places] == ["s", "t", "u-1"]
    assert (found.total, found.variants) == (3, {0: 3})
    assert {one.value: one.count for one in found.facets["color"]} == {"red": 3, "blue": 1}
    alone = asked(catalogue, "shirt", grouped=False, facets=("color",))
    assert (alone.total, alone.variants, len(alone.places)) == (5, {}, 5)
    assert names(catalogue, asked(catalogue, "", Filters({"color": ["blue"]}))) == ["Shirt blue"]
    assert names(catalogue, asked(catalogue, "shirt", sort="price"))[:2] == ["Shirt striped", "Shirt blue"]
    pinned = asked(catalogue, "shirt", wishes=Wishes(pins={1: "s-red"}))
    assert names(catalogue, pinned) == ["Shirt of linen", "Shirt red", "Shirt striped"]
    assert pinned.total == 3


def test_a_parent_that_comes_after_its_variants_joins_them() -> None:
    catalogue = Catalogue.of(SHIRTS).changed([Product("u", "Shirt with stripes"), Product("t-1", "Shirt t", parent_id="t")], [])

    for one in (catalogue, catalogue.compacted()):
        assert asked(one, "shirt").total == 3
        pages = [asked(one, "shirt", begin=begin, size=1).places[0] for begin in range(3)]
        assert pages == list(asked(one, "shirt", size=3).places)


def test_ranges_hold_for_values_that_begin_with_a_number() -> None:
    catalogue = Catalogue.of(SHIRTS)

    def within(lowest: float | None, highest: float | None) -> list[str | None]:
        return names(catalogue, asked(catalogue, "", Filters(ranges={"length": (lowest, highest)}), grouped=False, sort="name"))

    assert within(70, 75) == ["Shirt blue", "Shirt red"]
    assert within(71, None) == ["Shirt blue", "Shirt of linen"]
    assert within(None, 70) == ["Shirt red"]
    assert asked(catalogue, "", Filters(ranges={"color": (0, None)})).total == 0


def test_orders_by_what_sells_and_pleases_fall_back_on_relevance() -> None:
    catalogue = Catalogue.of(SHIRTS)
    sold = np.array([0, 0, 0, 9, 4], np.float32)

    assert names(catalogue, asked(catalogue, "shirt", sort="best_sellers", by=sold)) == ["Shirt of linen", "Shirt striped", "Shirt"]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from("ab"), st.integers(1, 9), st.booleans(), st.sampled_from(["", "CN", "DE"])),
        max_size=25,
    ),
    st.sampled_from(["", "cup", "cup a", "cpu", "杯"]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_nothing_passes_by_a_filter_whatever_else_is_wished(goods: list[Any], query: str, grouped: bool) -> None:
    products = [
        Product(
            str(number), f"Cup {color} 杯", price_minor=price, stock=int(stock), parent_id=f"p{parent}" if parent else None,
            markets=(market,) if market else (), attributes={"color": color, "size": f"{price} cm"},
        )
        for number, (parent, color, price, stock, market) in enumerate(goods)
    ]  # fmt: skip
    catalogue = Catalogue.of(products[:15]).changed(products[15:], [])
    filters = Filters({"color": ["a"]}, 2, 8, True, "CN", {"size": (3, None)})
    everything = {pin: str(pin) for pin in range(25)}
    wishes = Wishes(pins=everything, pushes=(Push(50.0, facet="color", value="b"),), hidden=frozenset({"1"}))

    found = asked(catalogue, query, filters, wishes, grouped=grouped, size=50, learned=lambda places, points: points[::-1])

    shown = [catalogue.entry(place).product for place in found.places]
    assert len({one.product_id for one in shown}) == len(shown)
    for one in shown:
        assert one.attributes["color"] == "a"
        assert 3 <= (one.price_minor or 0) <= 8
        assert one.in_stock
        assert one.product_id != "1"
        assert one.markets in ((), ("CN",))


def test_suggestions_are_popular_completed_and_corrected() -> None:
    catalogue = shop("Red kettle", "Kettle", "Key ring", "水壶 不锈钢")

    assert [one.query for one in suggestions(catalogue, "ke", ["keyboard", "lamp"], 5)] == ["keyboard", "kettle", "key"]
    assert [(one.query, one.kind) for one in suggestions(catalogue, "red kettel", [], 5)] == [("red kettle", "corrected")]
    assert [one.query for one in suggestions(catalogue, "不", [], 5)] == ["不锈钢"]
    assert [one.query for one in suggestions(catalogue, "", ["lamp"], 5)] == ["lamp"]
    assert completions(catalogue, "zz", 3) == []


def test_words_are_folded_in_width_case_script_and_form() -> None:
    assert folded("ＤＲＩＬＬ　國際") == "drill 国际"
    assert [one.term for one in tokens("AirPods iPhone 14 men's 1½ in. x 4 cu. ft.")] == [
        "air",
        "pod",
        "iphon",
        "14",
        "men",
        "1",
        "1/2",
        "inch",
        "4",
        "cu",
        "foot",
    ]
