"""How a command reaches the stores, and how it prints."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.cli.running import visit
from regulars.settings import Settings

if TYPE_CHECKING:
    from regulars.access import Caller, Shop
    from regulars.app import House


#: The warehouse that a command names in the place of the shop's own; empty: none.
elsewhere: ContextVar[str] = ContextVar("elsewhere", default="")


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[House]:
    """The composed house for one command; what the command caused (derived numbers) is done before it ends."""
    from regulars.app import House

    if url := elsewhere.get():
        settings = settings or Settings.load()
        set_up_logging(settings)
        with closing(House.asking(settings, url)) as asked:
            yield asked
        return
    if (here := visit.get()) is not None:
        yield here.house
        here.house.work_off()
        return
    settings = settings or Settings.load()
    set_up_logging(settings)
    house = House.open(settings)
    try:
        yield house
        house.work_off()
    finally:
        house.close()


def the_shop(house: House, shop_id: str | None) -> Shop:
    """The shop a command means: the one named, or the only one.

    Raises
    ------
    NotFound : there is none, or none of that name.
    InvalidInput : there are several and none was named.
    """
    from regulars.access import shops
    from regulars.errors import InvalidInput, NotFound

    with house.records.reading() as view:
        if shop_id:
            return shops.get(view, shop_id)
        known = shops.list_all(view)
    if not known:
        raise NotFound("there is no shop yet", mend="run `regulars init`, or `regulars demo` to look around first", code="no_shop")
    if len(known) > 1:
        names = ", ".join(shop.shop_id for shop in known)
        raise InvalidInput("there are several shops", mend=f"say which one with --shop: {names}", code="which_shop")
    return known[0]


def shell(house: House) -> Caller:
    """Whoever sits at this machine's shell: it may do everything, and the audit trail names it."""
    from regulars.access import Caller

    return Caller.system("shell", house.keyring)


def path(text: str) -> Path:
    """A file a command names, seen from the folder the command was given in."""
    here = visit.get()
    return (here.folder if here else Path.cwd()) / Path(text).expanduser()


def file_text(name: str) -> str:
    """What a text file says that a command names.

    Raises
    ------
    InvalidInput : there is no such file, or it is no text.
    """
    from regulars.errors import InvalidInput

    try:
        return path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{name} cannot be read", mend="name a text file", code="bad_file") from None


def print_json(answer: Any) -> None:
    """The answer as the API gives it."""
    from regulars.values.answers import to_json

    json.dump(to_json(answer), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def shell_language(settings: Settings | None = None) -> str:
    """`zh` or `en` for what is printed: REGULARS_LANGUAGE, else the shell's own."""
    here = visit.get()
    shell = here.environment if here else os.environ
    wishes = (
        shell.get("REGULARS_LANGUAGE"),
        (settings or Settings.load()).language,
        *map(shell.get, ("LC_ALL", "LC_MESSAGES", "LANG")),
    )
    wish = next((each for each in wishes if each), "en")
    return "zh" if wish.lower().startswith("zh") else "en"


def set_up_logging(settings: Settings, *, serves: bool = False) -> None:
    """One line per event on standard error: a server tells the whole story, a command only what needs a look."""
    from regulars.guard.privacy import make_harmless

    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    wished = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    logging.basicConfig(
        level=wished if serves else max(wished, logging.WARNING),
        format=form,
        stream=sys.stderr,
    )
    make_harmless(form)
    logging.getLogger("alembic").setLevel(logging.WARNING)
