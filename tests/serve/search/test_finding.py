"""What is found for a query, in which order, and inside which filters: on catalogues of a few products."""

from __future__ import annotations

from typing import Any

import pytest

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
