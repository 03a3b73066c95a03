"""The mail server of an installation, as the composition root connects it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from regulars.access.keys import Keyring
from regulars.errors import InvalidInput
from regulars.work.mail import MailServer


@dataclass(frozen=True, slots=True)
class Post:
    """Where mail is handed over, the key that opens operators' addresses, and where the console is."""

    server: MailServer
    keyring: Keyring
    console_url: str


_connected: dict[Path, Post] = {}


def connect_post(home: Path, post: Post | None) -> None:
    """Say where an installation's mail goes; None: nowhere. Called by the composition root."""
    if post is None:
        _connected.pop(home.resolve(), None)
    else:
        _connected[home.resolve()] = post


def post_of(home: Path) -> Post:
    """Where mail goes.

    Raises
    ------
    InvalidInput : no mail server is set.
    """
    try:
        return _connected[home.resolve()]
    except KeyError:
        raise InvalidInput(
            "no mail server is set", mend="set REGULARS_SMTP_URL and start the server again", code="no_mail_server"
        ) from None
