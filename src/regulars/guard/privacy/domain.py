"""What is known about a person, and the one right form of an address to look it up by."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["email", "phone", "account", "name"]

#: Digits of the same contact in full width, as Chinese exports have them.
_NOT_PHONE = re.compile(r"[^\d+]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The personal side of one customer, as loaded. Empty fields are unknown; `other` holds any further free fields by name."""

    customer_id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    account: str = ""
    other: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A free text that may name people (the words of a review), by the subject it belongs to.

    `subject` is `review:<review_id>` or the like. `customer_id` is None where the writer is unknown. `at`: since when it counts as
    kept; without it, since now.
    """

    subject: str
    customer_id: str | None
    text: str
    at: datetime | None = None


def normalise(value: str, kind: Kind) -> str:
    """The form in which two spellings of one contact are equal; empty where it is none.

    An e-mail is folded to lower case; a phone keeps its digits and a leading + (00 counts as +, a Chinese mobile gets +86).
    """
    text = unicodedata.normalize("NFKC", value).strip()
    match kind:
        case "email":
            return text.casefold() if "@" in text else ""
        case "phone":
            digits = _NOT_PHONE.sub("", text)
            digits = "+" + digits[2:] if digits.startswith("00") else digits
            if re.fullmatch(r"1[3-9]\d{9}", digits):
                digits = "+86" + digits
            plain = digits[:1].replace("+", "+") + digits[1:].replace("+", "")
            return plain if sum(sign.isdigit() for sign in plain) >= 5 else ""
        case "account" | "name":
            return " ".join(text.casefold().split())
