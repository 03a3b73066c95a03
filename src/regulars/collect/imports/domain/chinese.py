"""What a load report says, in Chinese: English sentences are recognised by their form, and said anew with the same names and numbers.

Reports keep English sentences and codes, as they are stored and go out over HTTP; the shell and the console pass each sentence through
`say` before they show it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from regulars.collect.imports.domain.chinese_sentences import SENTENCES, WORDS
from regulars.collect.imports.domain.fields import FIELDS, Kind
from regulars.collect.imports.domain.rules import RULES

_ROWS = r"[\d,]+ (?:rows?|different values?)"

#: What may stand at a placeholder, by its name without a number at its end; names not listed here take any text.
_KINDS = {
    "count": _ROWS,
    "n": r"[\d,]+",
    "sign": "a point|a comma",
    "order": "(?:day|month|year)/(?:day|month|year)/(?:day|month|year)",
    "place": "first|second",
    "field": "[a-z ]+",
    "encoding": r"[\w-]+",
    "shares": rf".+? in {_ROWS}(?:, .+? in {_ROWS})*",
    "words": ".+",
}


def say(sentence: str, language: str) -> str:
    """A sentence of a load report in the reader's language.

    Parameters
    ----------
    sentence : English, as the report holds it. Several, joined by semicolons, are said one by one.
    language : "zh"; in any other, and where nobody has put the sentence into Chinese, it comes back as it is.
    """
    return _chinese(sentence) if language == "zh" else sentence


def field_word(kind: Kind, name: str, language: str) -> str:
    """A field as a reader may type it after `--map`, with its meaning in front where that is not English."""
    field = FIELDS[kind].get(name) if language == "zh" else None
    return f"{field.meaning_zh}（{name}）" if field else name


@lru_cache(maxsize=4096)
def _chinese(sentence: str) -> str:
    if sentence in _whole():
        return _whole()[sentence]
    if ", " in sentence and _is_form(sentence):
        return "，".join(_chinese(part) for part in _form_parts(sentence))
    for pattern, template in _patterns():
        if match := pattern.fullmatch(sentence):
            return template.format(**{name: _filling(name, text) for name, text in match.groupdict().items()})
    if "; " in sentence:
        parts = sentence.split("; ")
        said = [_chinese(part) for part in parts]
        return "；".join(said) if said != parts else sentence
    return sentence


def _filling(placeholder: str, text: str) -> str:
    """What a placeholder of the Chinese sentence is filled with."""
    match placeholder.rstrip("0123456789"):
        case "count":
            number, _, unit = text.partition(" ")
            return f"{number} 行" if unit.startswith("row") else f"{number} 个不同的值"
        case "sign" | "order" | "place":
            return WORDS[text]
        case "field":
            field = FIELDS["orders"].get(text.replace(" ", "_"))
            return field.meaning_zh if field else text
        case "shares":
            return "、".join(_share(part) for part in re.findall(rf"(.+?) in ({_ROWS})(?:, |$)", text))
        case "words":
            return _chinese(text)
        case "names":
            return text.replace(", ", "、")
        case _:
            return text


def _share(part: tuple[str, str]) -> str:
    what, rows = part
    return f"{WORDS.get(what, what)}（{_filling('count', rows)}）"


def _is_form(text: str) -> bool:
    """Whether it is the form of a file, such as `CSV, semicolon, GB18030, gzip`."""
    return _form_parts(text)[0] in (
        "CSV",
        "JSON",
        "JSON lines",
        "PARQUET",
        "Parquet",
        "XLSX",
        "XLS",
        "text in blank-separated columns",
    )


def _form_parts(text: str) -> list[str]:
    """Its parts; the name of a sheet may hold commas."""
    start, mark, rest = text.partition(", sheet '")
    if not mark:
        return start.split(", ")
    name, _, end = rest.rpartition("'")
    return [*start.split(", "), f"sheet '{name}'", *(part for part in end.split(", ") if part)]


@cache
def _whole() -> dict[str, str]:
    """Sentences without anything to fill in."""
    rules = {says: chinese for rule in RULES.values() for says, chinese in ((rule.says, rule.says_zh), (rule.mend, rule.mend_zh))}
    return rules | WORDS | {english: chinese for english, chinese in SENTENCES if "{" not in english}


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Sentences with names and numbers in them, as patterns with a group for each placeholder."""
    return [(_pattern(english), chinese) for english, chinese in SENTENCES if "{" in english]


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    written = [
        re.escape(part) if place % 2 == 0 else f"(?P<{part}>{_KINDS.get(part.rstrip('0123456789'), '.+?')})"
        for place, part in enumerate(parts)
    ]
    return re.compile("".join(written), re.DOTALL)
