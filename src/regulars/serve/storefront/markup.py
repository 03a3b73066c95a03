"""Lists and finds as HTML that needs no script: every text escaped, every link a plain link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import urlencode

from regulars.serve.storefront.domain.facts import StorefrontItem, StorefrontList, StorefrontSearch
from regulars.serve.storefront.words import said

Link = Callable[[StorefrontItem], str | None]

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--line:#d9dee3;--ground:#fff;--mark:#b42318}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebee;--soft:#a3adb8;--line:#39414a;--ground:#15191d;--mark:#ff9d8f}}
*{box-sizing:border-box}body{margin:0;padding:16px;font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;color:var(--ink);background:var(--ground)}
h1,h2{font-size:1.25rem;margin:0 0 12px}form{display:flex;gap:8px;margin:0 0 16px;max-width:640px}
input[type=search]{flex:1;min-width:0;font:inherit;padding:8px 12px;border:1px solid var(--line);border-radius:8px;background:var(--ground);color:inherit}
button{font:inherit;padding:8px 16px;border:1px solid var(--line);border-radius:8px;background:var(--ground);color:inherit;cursor:pointer}
ul.regulars-items{list-style:none;margin:0;padding:0;display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(150px,1fr))}
.regulars-items a{color:inherit;text-decoration:none;display:block}.regulars-items a:hover .regulars-name{text-decoration:underline}
.regulars-items img,.regulars-noimage{display:block;width:100%;height:auto;aspect-ratio:1;object-fit:contain;background:#8881;border-radius:8px;margin:0 0 8px}
.regulars-name{display:block;overflow-wrap:anywhere}.regulars-price,.regulars-why{display:block;color:var(--soft);font-size:.875rem}.regulars-badge{color:var(--mark);font-size:.875rem}
nav{display:flex;gap:16px;margin:24px 0 0}p{color:var(--soft);margin:0 0 16px}
""".strip()


def page(body: str, *, title: str, language: str, head: str = "") -> str:
    """A whole page around it."""
    code = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title><base target="_top"><style>{STYLE}</style>{head}</head>'
        f"<body>{body}</body></html>"
    )


def fragment(found: StorefrontList, link: Link, *, title: str, language: str) -> str:
    """A list to be put into a page of the shop; nothing at all where the list is empty, so that no bare heading stands there."""
    if not found.items:
        return ""
    name = title or found.title
    listed = items(found.items, link, language)
    return f'<section class="regulars-list" aria-label="{escape(name)}"><h2>{escape(name)}</h2>{listed}</section>'


def items(found: Sequence[StorefrontItem], link: Link, language: str) -> str:
    """Products as a list."""
    return f'<ul class="regulars-items">{"".join(_item(one, link(one), language) for one in found)}</ul>'


def _item(one: StorefrontItem, link: str | None, language: str) -> str:
    picture = '<span class="regulars-noimage"></span>'
    if one.image_url:
        picture = f'<img src="{escape(one.image_url)}" alt="" width="240" height="240" loading="lazy" decoding="async">'
    lines = [f'<span class="regulars-name">{escape(one.name)}</span>']
    if one.badge_text:
        lines.append(f'<span class="regulars-badge">{escape(one.badge_text)}</span> ')
    if one.price_text:
        was = f" <s><span hidden>{said('was', language)} </span>{escape(one.list_price_text)}</s>" if one.list_price_text else ""
        lines.append(f'<span class="regulars-price">{escape(one.price_text)}{was}</span>')
    if one.reason_text:
        lines.append(f'<span class="regulars-why">{escape(one.reason_text)}</span>')
    body = picture + "".join(lines)
    return f'<li><a href="{escape(link)}">{body}</a></li>' if link else f"<li>{body}</li>"


def search_page(
    found: StorefrontSearch,
    link: Link,
    *,
    action: str,
    hidden: dict[str, str],
    shop: str,
    back: str | None,
    begin: int,
    size: int,
    language: str,
) -> str:
    """A form and what it found; `hidden` are the fields that go with every question."""
    fields = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items())
    label = escape(said("search_in", language))
    form = (
        f'<form action="{escape(action)}" method="get" role="search" target="_self">{fields}'
        f'<input type="search" name="q" value="{escape(found.query)}" aria-label="{label}" placeholder="{label}" maxlength="200">'
        f"<button>{escape(said('search', language))}</button></form>"
    )
    home = f'<p><a href="{escape(back)}">{escape(said("back", language))}</a></p>' if back else ""
    told = _told(found, language)
    pages = []
    for name, place in (
        ("before", max(0, begin - size) if begin else None),
        ("after", begin + size if begin + size < found.total else None),
    ):
        if place is not None:
            address = f"{action}?{urlencode({**hidden, 'q': found.query, 'begin': place, 'size': size})}"
            pages.append(f'<a href="{escape(address)}" target="_self">{escape(said(name, language))}</a>')
    listed = items(found.items, link, language) if found.items else ""
    turned = f"<nav>{''.join(pages)}</nav>" if pages else ""
    body = f"<h1>{escape(shop)}</h1>{home}{form}{told}{listed}{turned}"
    return page(body, title=f"{said('search', language)} · {shop}", language=language)


def _told(found: StorefrontSearch, language: str) -> str:
    if found.related:
        told = said("related", language, query=found.query)
    elif found.total:
        told = said("found_one", language) if found.total == 1 else said("found", language, n=f"{found.total:,}")
        if found.corrected:
            told = f"{said('read_as', language, query=found.corrected)} · {told}"
    else:
        told = said("nothing", language, query=found.query)
    return f'<p role="status">{escape(told)}</p>'
