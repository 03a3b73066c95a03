"""E-mail through a server named by a URL, handed over so that it is known whether the server has taken it."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as LINES
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from regulars.errors import InvalidInput

_TIMEOUT_SECONDS = 30


class NotSent(Exception):
    """The server has surely not taken the message; `again` tells whether trying later can help."""

    def __init__(self, words: str, *, again: bool) -> None:
        super().__init__(words)
        self.again = again


class Doubtful(Exception):
    """The line broke while the message was being handed over: nobody can know whether it was taken."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over: `smtp://user:password@host:587?from=shop@example.com`, `smtps://` for TLS from the first byte.

    `smtp://` changes to TLS where the server offers it; `?tls=no` keeps it plain, `?tls=must` refuses a server without.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: Literal["at_once", "offered", "must", "no"] = "offered"

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """Read the setting.

        Raises
        ------
        InvalidInput : it is no such URL.
        """
        try:
            parts = urlsplit(url)
            wishes = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            port = parts.port
        except ValueError:
            raise _bad() from None
        sender = wishes.get("from") or (unquote(parts.username) if parts.username and "@" in unquote(parts.username) else "")
        tls = wishes.get("tls", "offered")
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender or tls not in ("offered", "must", "no"):
            raise _bad()
        secure = parts.scheme == "smtps"
        return cls(
            parts.hostname,
            port or (465 if secure else 587),
            sender,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            "at_once" if secure else tls,  # type: ignore[arg-type]
        )

    def hand_over(self, message: EmailMessage, to: str) -> None:
        """Give the message to the server.

        Raises
        ------
        NotSent : it was not taken.
        Doubtful : the line broke after it was sent and before the server said that it has it.
        """
        try:
            line = self._connected()
            try:
                self._asked(line.mail(self.sender), "the sender")
                self._asked(line.rcpt(to), "the address")
                try:
                    self._asked(line.data(message.as_bytes(policy=LINES)), "the message")
                except (smtplib.SMTPServerDisconnected, OSError) as error:
                    raise Doubtful(f"the line broke: {error}") from None
                with suppress(smtplib.SMTPException, OSError):  # the message is theirs already
                    line.quit()
            finally:
                line.close()
        except smtplib.SMTPAuthenticationError:
            raise NotSent("the mail server refuses the user or password", again=True) from None
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"the mail server says {error.smtp_code}", again=error.smtp_code < 500) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(f"the mail server cannot be reached: {error}", again=True) from None

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.tls == "at_once":
            line: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_SECONDS, context=context)
        else:
            line = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_SECONDS)
        try:
            line.ehlo_or_helo_if_needed()
            if self.tls == "must" or (self.tls == "offered" and line.has_extn("starttls")):
                line.starttls(context=context)
                line.ehlo()
            if self.user:
                line.login(self.user, self.password)
        except BaseException:
            line.close()
            raise
        return line

    @staticmethod
    def _asked(answer: tuple[int, bytes], what: str) -> None:
        code, _ = answer
        if not 200 <= code < 300:
            raise NotSent(f"the mail server refuses {what} ({code})", again=code < 500)


def _bad() -> InvalidInput:
    return InvalidInput(
        "the mail server's URL cannot be used",
        mend="write smtp://USER:PASSWORD@HOST:587?from=ADDRESS, or smtps:// for TLS from the start",
        code="bad_smtp_url",
    )
