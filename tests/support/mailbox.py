"""A real SMTP server on a free port, which keeps what it takes and can be told to refuse or to break the line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.server import free_port


@dataclass
class Mailbox:
    """What arrived. `moods` are answers to the next messages: a code to say, or `break` to cut the line after taking it."""

    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    moods: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What to set REGULARS_SMTP_URL to."""
        return f"smtp://127.0.0.1:{self.port}?from=reports@example.com&tls=no"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by the server for each message."""
        mood = self.moods.pop(0) if self.moods else ""
        if mood and mood != "break":
            return mood
        content: Any = envelope.content
        message: Any = message_from_bytes(content, policy=policy.default)
        self.taken += [(str(to), message) for to in envelope.rcpt_tos]
        if mood == "break":
            assert server.transport is not None
            server.transport.close()
        return "250 taken"


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """The server, until the block ends."""
    box = Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
