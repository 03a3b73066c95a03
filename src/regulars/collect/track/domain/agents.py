"""What a User-Agent tells: the kind of device, the system, the browser, and whether a machine looks at the page."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Agent(NamedTuple):
    """What is known of the program that sent an event."""

    device: str  # desktop | mobile | tablet | server | other
    os: str | None
    browser: str | None
    is_bot: bool


_BOT = re.compile(
    r"bot\b|bot[/;_ -]|crawl|spider|slurp|headless|phantomjs|puppeteer|playwright|selenium|lighthouse|pagespeed|pingdom|uptime|monitor"
    r"|facebookexternalhit|preview|scrapy|wget|curl/|python-requests|python-urllib|python-httpx|aiohttp|go-http-client|java/|okhttp/\d+ *$|libwww"
    r"|httpclient|axios/|node-fetch|feedfetcher|mediapartners|google-read-aloud|bytespider|sogou|360spider|yisouspider|baiduspider|bingpreview|ahrefs|semrush|mj12",
    re.I,
)
_OS = (
    ("HarmonyOS", re.compile(r"HarmonyOS|OpenHarmony")),
    ("Windows", re.compile(r"Windows")),
    ("Android", re.compile(r"Android")),
    ("iOS", re.compile(r"iPhone|iPad|iPod|iOS[ /]")),
    ("macOS", re.compile(r"Macintosh|Mac OS X")),
    ("ChromeOS", re.compile(r"CrOS")),
    ("Linux", re.compile(r"Linux|X11")),
)
_BROWSERS = (  # the first that fits; the more special before the more general
    ("WeChat", re.compile(r"MicroMessenger")),
    ("Alipay", re.compile(r"AlipayClient")),
    ("Taobao", re.compile(r"AliApp\(TB|AliApp\(TM")),
    ("Douyin", re.compile(r"aweme|BytedanceWebview", re.I)),
    ("QQ", re.compile(r"MQQBrowser|QQBrowser| QQ/")),
    ("UC Browser", re.compile(r"UCBrowser|UBrowser")),
    ("Baidu", re.compile(r"baiduboxapp|BIDUBrowser", re.I)),
    ("Quark", re.compile(r"Quark/")),
    ("MIUI Browser", re.compile(r"MiuiBrowser")),
    ("Huawei Browser", re.compile(r"HuaweiBrowser")),
    ("Samsung Internet", re.compile(r"SamsungBrowser")),
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Yandex", re.compile(r"YaBrowser")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/|Chromium/")),
    ("Safari", re.compile(r"Version/[\d.]+.*Safari/|Safari/")),
)
_TABLET = re.compile(r"iPad|Tablet|Nexus (?:7|9|10)|SM-T\d|MatePad|Android(?!.*Mobile)")
_MOBILE = re.compile(r"Mobile|iPhone|iPod|Android|HarmonyOS")
_NOBODY = Agent("other", None, None, False)


@lru_cache(maxsize=8192)
def agent_of(text: str) -> Agent:
    """Read a User-Agent; the empty one tells nothing."""
    if not text:
        return _NOBODY
    os = next((name for name, form in _OS if form.search(text)), None)
    browser = next((name for name, form in _BROWSERS if form.search(text)), None)
    is_bot = _BOT.search(text) is not None
    if _TABLET.search(text):
        device = "tablet"
    elif _MOBILE.search(text):
        device = "mobile"
    elif browser is not None and os is not None:
        device = "desktop"
    else:
        device = "other"
    return Agent(device, os, browser, is_bot)
