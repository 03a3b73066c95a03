"""Taking personal data out of what a client told, before it reaches the warehouse: by the names of properties and in any text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.guard.privacy.domain import Person
from regulars.guard.privacy.personal_words import PERSONAL, Class, raw_pattern, word_class

EMAIL, PHONE, ID_CARD, REFUSED, TAKEN = "[email]", "[phone]", "[id_card]", "[refused]", "[personal]"
_DEEPEST = 16
_CLASSES_KEPT = 20_000

#: Where a text may hold something personal at all; everything below looks closer.
_SUSPECT = re.compile(r"[@＠０-９]|%40|\+[1-9]|%2[Bb][1-9]|1[3-9][0-9][ \-]?[0-9]{4}|[1-9][0-9]{16}")
_EMAIL = re.compile(r"[A-Za-z0-9._+\-]{1,64}(?:@|%40)[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){0,4}\.[A-Za-z]{2,24}")
_FOREIGN_EMAIL = re.compile(r"[\w.+\-]{1,64}(?:@|%40)[\w\-]{1,63}(?:\.[\w\-]{1,63}){0,4}\.[^\W\d_]{2,24}")
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:(?:%2[Bb]|\+)?(?:00)?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}(?![0-9A-Za-z])")
_FOREIGN_PHONE = re.compile(r"(?<![\w+])(?:\+|%2[Bb])[1-9](?:[ ().\-]{0,2}[0-9]){7,14}(?![0-9])")
_ID_CARD = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9A-Za-z])"
)
_PARAMETER = re.compile(r"(?<=[?&;])([^=&#?;\s]{1,60})=([^&#;\s]*)")
_PARAMETER_NAMES = re.compile(r"[?&;]([^=&#?;\s]{1,60})=")
_ID_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WIDE = str.maketrans("０１２３４５６７８９＠．＋", "0123456789@.+")

_RAW = raw_pattern()
_OF_NOBODY: tuple[Class, ...] = ("plain", "thing", "id")
_MOST_PLAIN = 12_999_999_999
_classes: dict[str, Class] = {}


def scrub(
    properties: Mapping[str, Any], *, traits: bool = False, allowed: Collection[str] = (), whole: bool = False
) -> tuple[dict[str, Any], dict[str, str]]:
    """The properties without what names a person, and what was taken out, by its place (`customer.email`).

    Properties that are clean come back as they are, in about a microsecond.

    Parameters
    ----------
    traits : the properties are a person's (the traits of identify): their `name` is a person's name, not a product's or a page's.
    allowed : names that this shop has decided to keep although they are refused by default (see `is_sensitive`).
    whole : tell of texts in which something was replaced too, as they were (`note`, `tags.0`).

    Returns
    -------
    The clean properties: what is personal by its name is left out; e-mails, phones and identity card numbers inside of other texts,
    links and searches included, are replaced by `[email]`, `[phone]`, `[id_card]`; what is refused by its name (passwords, cards,
    religion, health ...) is kept nowhere and shows as `[refused]`.
    """
    if not traits and _clean(properties):
        return properties if isinstance(properties, dict) else dict(properties), {}
    personal: dict[str, str] = _Whole() if whole else {}
    return _scrubbed(properties, "", traits, frozenset(allowed), personal, 0), personal


class _Whole(dict[str, str]):
    """What was taken out, with texts in which something was replaced."""


def scrub_text(text: str) -> str:
    """A free text, link or search with `[email]`, `[phone]` and `[id_card]` in the place of what it held."""
    if _text_is_clean(text):
        return text
    plain = text.translate(_WIDE)
    changed = plain
    if "@" in plain or "%40" in plain:
        changed = _EMAIL.sub(EMAIL, changed)
        if "@" in changed or "%40" in changed:
            changed = _FOREIGN_EMAIL.sub(EMAIL, changed)
    changed = _ID_CARD.sub(_id_card_mark, changed)
    changed = _MOBILE.sub(PHONE, changed)
    if "+" in changed or "%2" in changed:
        changed = _FOREIGN_PHONE.sub(PHONE, changed)
    if "=" in changed:
        changed = _PARAMETER.sub(_parameter, changed)
    return text if changed == plain else changed


def personal_text(text: str) -> str:
    """The text where `scrub_text` takes something personal out of it, without what is refused by its name; else "" (nothing to keep)."""
    if _text_is_clean(text):
        return ""
    kept, clean = _without_refused(text), scrub_text(text)
    return kept if kept != clean else ""


def may_hold_personal(raws: Sequence[bytes] | pa.Array) -> pa.BooleanArray:
    """Which of these raw JSON texts may hold anything that `scrub` would take out: for loaders that read JSON in columns.

    False is certain for JSON as clients write it; True means: look closer. One pass of RE2, some 0.5 GB/s, and 6 ms a call for
    making its automaton: ask for thousands at once. Who has the properties decoded asks `scrub`, which is as quick.
    """
    texts = raws if isinstance(raws, pa.Array) else pa.array(raws, pa.binary())
    return pc.match_substring_regex(texts.cast(pa.binary()), _RAW)


def person_of(customer_id: str, traits: Mapping[str, Any]) -> Person | None:
    """The personal side of a customer as an identify call tells it; None when the traits name nobody.

    `traits` are traits as told, or what `scrub(traits, traits=True)` took out of them.
    """
    taken = _scrubbed_personal(traits)
    if not taken:
        return None
    fields: dict[str, str] = {}
    names: dict[str, str] = {}
    other: dict[str, str] = {}
    for place, text in taken.items():
        last = place.rsplit(".", 1)[-1]
        kind = "name" if last == "name" and "." not in place else _class(last)
        plain = last.replace("_", "").lower()
        if kind == "name" and plain in ("firstname", "givenname", "forename", "lastname", "familyname", "surname", "middlename"):
            names["last" if plain in ("lastname", "familyname", "surname") else "middle" if plain == "middlename" else "first"] = (
                text
            )
        elif kind in ("name", "email", "phone", "address", "account") and kind not in fields:
            fields[kind] = text
        else:
            other[place] = text
    if names and "name" not in fields:
        fields["name"] = " ".join(names[part] for part in ("first", "middle", "last") if part in names)
    return Person(customer_id=customer_id, other=other, **fields)


def _scrubbed_personal(traits: Mapping[str, Any]) -> dict[str, str]:
    personal: dict[str, str] = {}
    _scrubbed(traits, "", True, frozenset(), personal, 0)
    return personal


def _class(name: str) -> Class:
    """`word_class`, remembered; a name that holds an e-mail or a phone itself is `holds_one`."""
    known = _classes.get(name)
    if known is None:
        known = word_class(name)
        if known in ("plain", "id") and "=" not in name and scrub_text(name) != name:
            known = "holds_one"
        if len(_classes) >= _CLASSES_KEPT:
            _classes.clear()
        _classes[name] = known
    return known


def _clean(properties: Mapping[str, Any]) -> bool:
    """Whether nothing in the properties asks for a closer look; written out flat, as every event passes here."""
    for name, value in properties.items():
        kind = _classes.get(name) or _class(name)
        if kind == "id" and value.__class__ is not list and value.__class__ is not dict:
            if value.__class__ is str and ("@" in value or "%40" in value or "＠" in value):
                return False
        elif kind in _OF_NOBODY or (kind == "person" and value.__class__ is not dict and value.__class__ is not list):
            if value.__class__ is str:
                if _SUSPECT.search(value) or ("=" in value and not _parameters_are_clean(value)):
                    return False
            elif value.__class__ is int:
                if value > _MOST_PLAIN:
                    return False
            elif value.__class__ is dict:
                if not _clean(value):
                    return False
            elif value.__class__ is list:
                for one in value:
                    if one.__class__ is dict:
                        if not _clean(one):
                            return False
                    elif one.__class__ is not str or not _text_is_clean(one):
                        return False
        elif value is not None and (kind == "refused" or value.__class__ is not bool):
            return False
    return True


def _text_is_clean(text: str) -> bool:
    return not _SUSPECT.search(text) and ("=" not in text or _parameters_are_clean(text))


def _parameters_are_clean(text: str) -> bool:
    """Whether no parameter of a link is personal by its name."""
    for name in _PARAMETER_NAMES.findall(text):
        kind = _classes.get(name) or _class(name)
        if kind in PERSONAL or kind == "refused":
            return False
    return True


def _scrubbed(
    properties: Mapping[str, Any], place: str, of_person: bool, allowed: frozenset[str], personal: dict[str, str], depth: int
) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    for name, value in properties.items():
        kind = _class(name)
        where = f"{place}.{name}" if place else name
        if kind == "holds_one":
            name = scrub_text(name)
        elif kind == "plain" and of_person and name.lower() == "name":
            kind = "name"
        if value is None:
            clean[name] = None
        elif kind == "refused" and name not in allowed:
            clean[name] = REFUSED
        elif kind in PERSONAL and not isinstance(value, bool):
            if text := _words(value):
                personal[where] = text
        else:
            clean[name] = _value(
                value, kind, where, kind == "person" or (of_person and kind != "thing"), allowed, personal, depth + 1
            )
    return clean


def _value(
    value: Any, kind: Class, where: str, of_person: bool, allowed: frozenset[str], personal: dict[str, str], depth: int
) -> Any:
    if depth > _DEEPEST:
        return REFUSED
    if isinstance(value, str):
        if kind == "id":
            clean = _EMAIL.sub(EMAIL, value.translate(_WIDE)) if "@" in value or "%40" in value or "＠" in value else value
        else:
            clean = scrub_text(value)
        if clean != value and isinstance(personal, _Whole) and (kept := _without_refused(value)) != clean:
            personal[where] = kept
        return clean
    if isinstance(value, Mapping):
        return _scrubbed(value, where, of_person, allowed, personal, depth)
    if isinstance(value, list | tuple):
        numbered = isinstance(personal, _Whole)  # else the last of a list stands for all
        return [
            _value(one, kind, f"{where}.{place}" if numbered else where, of_person, allowed, personal, depth + 1)
            for place, one in enumerate(value)
        ]
    if isinstance(value, int) and not isinstance(value, bool) and kind != "id" and _is_mobile(value):
        if isinstance(personal, _Whole):
            personal[where] = str(value)
        return PHONE
    return value


def _words(value: Any) -> str:
    """A personal value as text; an address object as its parts."""
    if isinstance(value, Mapping):
        return ", ".join(text for one in value.values() if (text := _words(one)))
    if isinstance(value, list | tuple):
        return ", ".join(text for one in value if (text := _words(one)))
    return "" if value is None or isinstance(value, bool) else str(value).strip()


def _is_mobile(number: int) -> bool:
    return 13_000_000_000 <= number <= 19_999_999_999 or 8_613_000_000_000 <= number <= 8_619_999_999_999


def _id_card_mark(match: re.Match[str]) -> str:
    """The mark, where the check digit is right (GB 11643); else it is some other number."""
    text = match[0]
    total = sum(int(digit) * weight for digit, weight in zip(text, _ID_CARD_WEIGHTS, strict=False))
    return ID_CARD if "10X98765432"[total % 11] == text[-1].upper() else text


def _without_refused(text: str) -> str:
    """The text without the values of parameters that are refused (`password=`): those are kept nowhere, sealed or not."""
    return _PARAMETER.sub(_refused_parameter, text) if "=" in text else text


def _refused_parameter(match: re.Match[str]) -> str:
    return f"{match[1]}={REFUSED}" if match[2] and _class(match[1]) == "refused" else match[0]


def _parameter(match: re.Match[str]) -> str:
    """A parameter of a link without its value, where its name says that it is personal."""
    kind = _class(match[1])
    if kind in PERSONAL and match[2]:
        return f"{match[1]}={match[2] if match[2].startswith('[') else TAKEN}"
    return f"{match[1]}={REFUSED}" if kind == "refused" and match[2] else match[0]
