"""A page that shows one component and nothing else, for the console: no tracker is on it, so it tells no events."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from regulars.serve.storefront import snippets

POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src http: https: data:; style-src 'self' 'unsafe-inline'; "
    "form-action 'self'; base-uri 'self'"
)


def page(base: str, key: str, *, placement: str | None, items: Sequence[str], title: str, theme: str, language: str) -> str:
    """The component in the language and colours of whoever looks."""
    component = snippets.carousel(placement, items=items, title=title) if placement else "<regulars-search></regulars-search>"
    code = "zh-CN" if language == "zh" else "en"
    ground, ink = ("#15191d", "#e8ebee") if theme == "dark" else ("#ffffff", "#1b1f24")
    attributes = f'data-key="{escape(key)}" data-quiet'
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title or placement or "search")}</title><base target="_blank">'
        f"<style>:root{{color-scheme:{theme}}}body{{margin:0;padding:16px;font:15px/1.5 system-ui,sans-serif;background:{ground};color:{ink}}}</style>"
        f'<script async src="/v1/storefront/widgets.js" {attributes}></script></head>'
        f"<body>{component.replace('>', f' theme={theme} lang={code}>', 1)}</body></html>"
    )
