"""Log lines without e-mails, phones, keys and passwords, whatever the program that wrote them put in."""

from __future__ import annotations

import logging
import re

from regulars.guard.privacy.scrubbing import scrub_text

_SECRETS = (
    (re.compile(r"rg_[a-z]{1,20}_[A-Za-z0-9]{4,16}_[A-Za-z0-9_\-]{8,}"), "[key]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=_.\-]{8,}"), r"\1 [secret]"),
    (re.compile(r"(?<=://)[^/\s:@]{0,64}:[^/\s@]{1,200}@"), "[secret]@"),
    (
        re.compile(
            r"(?i)\b(authorization|password|passwd|secret|api[_-]?key|write[_-]?key|master[_-]?key|token)(\\?[\"']?\s*[:=]\s*\\?[\"']?)[^\s\"',;&)\]}]+"
        ),
        r"\1\2[secret]",
    ),
    (re.compile(r"/welcome/[A-Za-z0-9_\-]{8,}"), "/welcome/[secret]"),
)


def harmless(line: str) -> str:
    """The line with marks in the place of what names people or opens doors."""
    for pattern, mark in _SECRETS:
        line = pattern.sub(mark, line)
    return "\n".join(scrub_text(one) for one in line.split("\n"))


class HarmlessFormatter(logging.Formatter):
    """A formatter whose lines, tracebacks included, are harmless."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it would be, made harmless."""
        return harmless(super().format(record))


def make_harmless(form: str) -> None:
    """Let every handler of the root logger write harmless lines of this form."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(HarmlessFormatter(form))
