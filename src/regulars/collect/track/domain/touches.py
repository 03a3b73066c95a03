"""Where a visit came from: campaign words, paid click ids, the referrer, and the channel they add up to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlsplit

from regulars.guard.privacy import scrub_text

#: Paid click ids and the source they stand for.
CLICK_IDS = {
    "gclid": "google",
    "gbraid": "google",
    "wbraid": "google",
    "dclid": "google",
    "fbclid": "facebook",
    "msclkid": "bing",
    "ttclid": "tiktok",
    "twclid": "twitter",
    "li_fat_id": "linkedin",
    "yclid": "yandex",
    "bd_vid": "baidu",
    "qz_gdt": "tencent",
    "gdt_vid": "tencent",
    "clickid": "other",
    "irclickid": "impact",
    "epik": "pinterest",
    "rdt_cid": "reddit",
    "sccid": "snapchat",
}
_SEARCH = re.compile(
    r"(?:^|\.)(?:google|bing|baidu|sogou|so|sm|yandex|duckduckgo|yahoo|naver|ecosia|qwant|ask|seznam|daum)\.[a-z.]{2,6}$"
)
_SOCIAL = re.compile(
    r"(?:^|\.)(?:facebook|instagram|t|twitter|x|linkedin|lnkd|pinterest|reddit|youtube|tiktok|douyin|weibo|xiaohongshu|zhihu|douban"
    r"|weixin\.qq|mp\.weixin\.qq|qq|kuaishou|bilibili|vk|snapchat|threads|line|kakao|telegram|whatsapp)\.[a-z]{2,6}$"
)
_MAIL = re.compile(r"(?:^|\.)(?:mail|outlook|webmail|email)\.|mail\.[a-z]+\.[a-z]+$")
_PAID = re.compile(r"cpc|ppc|paid|cpm|cpv|cpa|display|banner|retarget|sem\b|ads?\b|affiliate|信息流|竞价", re.I)
_SEARCH_WORDS = ("q", "query", "s", "search", "keyword", "keywords", "wd", "k")


class Touch(NamedTuple):
    """The traffic source that a page's address and referrer tell."""

    url: str | None
    path: str | None
    referrer: str | None
    referring_domain: str | None
    utm: tuple[str | None, str | None, str | None, str | None, str | None]  # source, medium, campaign, term, content
    click_id: str | None
    channel: str | None  # null: a page inside the visit
    search: str | None  # words of the shop's own search


@lru_cache(maxsize=16384)
def touch_of(url: str, referrer: str, campaign: tuple[str | None, str | None, str | None, str | None, str | None]) -> Touch:
    """Read a page's address and its referrer; `campaign` is what the client read already (source, medium, name, term, content)."""
    parts = _split(url)
    query = dict(parse_qsl(parts.query)) if parts and parts.query else {}
    told = tuple(
        _short(own or query.get(name))
        for own, name in zip(campaign, ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"), strict=True)
    )
    utm = (told[0], told[1], told[2], told[3], told[4])
    click = next((name for name in CLICK_IDS if name in query), None)
    came_from = _split(referrer) if referrer and referrer != "$direct" else None
    domain = (came_from.hostname or "").removeprefix("www.") if came_from else ""
    here = (parts.hostname or "").removeprefix("www.") if parts else ""
    words = next((query[name] for name in _SEARCH_WORDS if query.get(name)), None)
    return Touch(
        _plain(parts),
        scrub_text(parts.path or "/") if parts else None,
        _plain(came_from),
        domain or None,
        utm,
        click,
        _channel(utm, click, domain, here, told=bool(parts)),
        scrub_text(words[:200]) if words else None,
    )


def _channel(utm: tuple[str | None, ...], click: str | None, domain: str, here: str, *, told: bool) -> str | None:
    source, medium = (utm[0] or "").lower(), (utm[1] or "").lower()
    if click or _PAID.search(medium):
        return "paid"
    if medium in ("email", "e-mail", "edm", "newsletter") or source in ("newsletter", "email"):
        return "email"
    if medium == "sms" or source == "sms":
        return "sms"
    if medium == "push":
        return "push"
    if medium in ("social", "social-media", "sm"):
        return "social"
    if medium == "organic":
        return "search"
    if source or medium:
        return "campaign"
    if domain and domain != here:
        if _SEARCH.search(domain):
            return "search"
        if _SOCIAL.search(domain):
            return "social"
        return "email" if _MAIL.search(domain) else "referral"
    if domain or not told:
        return None
    return "direct"


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text[:4096])
        _ = parts.hostname
    except ValueError:
        return None
    return parts if text else None


def _plain(parts: SplitResult | None) -> str | None:
    """The address without its query, its fragment and anything that names a person."""
    if parts is None:
        return None
    host = parts.netloc.rpartition("@")[2]
    return scrub_text(f"{parts.scheme}://{host}{parts.path}" if host else parts.path)[:1000] or None


def _short(text: str | None) -> str | None:
    return scrub_text(text[:200]) if text else None
