"""What commands about offers take from the shell: amounts in the shop's currency and instants on its clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.access import Caller
    from regulars.cli.show import Ask


def minor(ask: Ask, option: str, amount: str) -> int:
    """An amount in major units of the shop's currency, in its smallest unit."""
    from regulars.errors import InvalidInput
    from regulars.values.money import Money

    try:
        return Money.of(amount, ask.shop.currency).minor
    except ArithmeticError:
        raise InvalidInput(f"{option} {amount} is not an amount", mend="give a number such as 99.00", code="bad_amount") from None


def instant(ask: Ask, option: str, text: str) -> datetime:
    """An instant; without a zone it is the shop's clock."""
    from zoneinfo import ZoneInfo

    from regulars.errors import InvalidInput

    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"{option} {text} is not a date and time", mend="write it as 2026-11-11T20:00", code="bad_instant"
        ) from None
    return told if told.tzinfo else told.replace(tzinfo=ZoneInfo(ask.shop.timezone))


def shell(ask: Ask) -> Caller:
    """Who acts at the shell."""
    from regulars.access import Caller

    return Caller.system("shell", ask.house.keyring)
