"""The catalogue: complete, without leftovers, and with the same blanks to fill in both languages."""

from __future__ import annotations

import re

from regulars.console.texts import catalogue, plural, translate
from regulars.console.words import Words
from regulars.errors import InvalidInput
from tests.console.texts_used import contexts, sentences


def test_every_sentence_on_a_screen_has_its_chinese() -> None:
    known = catalogue("zh")

    assert [f"{where}: {text}" for text, where in sentences().items() if ("", text) not in known] == []


def test_no_entry_of_the_catalogue_is_unused() -> None:
    used, places = sentences(), contexts()

    assert [text for context, text in catalogue("zh") if not context and text not in used] == []
    assert {context for context, _ in catalogue("zh") if context} <= places
    assert {context for context, _ in catalogue("en")} <= places


def test_a_translation_has_the_blanks_of_its_sentence() -> None:
    blank = re.compile(r"\{(\w+)\}")

    for (context, text), words in catalogue("zh").items():
        if not context:
            assert set(blank.findall(words)) == set(blank.findall(text)), text


def test_values_are_filled_in_and_one_is_not_many() -> None:
    assert translate("zh", "Figures up to {day}", day="2011年12月9日") == "数据截至 2011年12月9日"
    assert plural("en", 1, "{n} customer", "{n} customers", n="1") == "1 customer"
    assert plural("en", 2, "{n} customer", "{n} customers", n="2") == "2 customers"
    assert plural("zh", 1, "{n} customer", "{n} customers", n="1") == "1 位客户"


def test_an_error_is_told_in_the_readers_language_with_what_it_quotes() -> None:
    error = InvalidInput("'Mars/Olympus' is not a time zone", mend="give an IANA name", code="bad_timezone")

    assert Words("en", "UTC").error(error) == ("'Mars/Olympus' is not a time zone.", "Give an IANA name.")
    assert Words("zh", "UTC").error(error)[0] == "“Mars/Olympus”不是有效的时区。"


def test_an_error_nobody_translated_is_told_in_english() -> None:
    error = InvalidInput("something rare", mend="look again", code="never_seen")

    assert Words("zh", "UTC").error(error) == ("Something rare.", "Look again.")
