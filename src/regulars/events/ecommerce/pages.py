"""What the page tracker tells: pages, how long they were read and how fast they were, consent."""

from __future__ import annotations

from regulars.events.specs import EventSpec, PropertySpec, Subject

_URL = PropertySpec("url", "string", "the page's address; its query is not kept, save the words of a search", "页面地址；不保存查询串，搜索词除外", column="url")  # fmt: skip
_PATH = PropertySpec("path", "string", "the path of the address", "页面路径", column="path")
_TITLE = PropertySpec("title", "string", "the page's title", "页面标题", column="title")
_REFERRER = PropertySpec("referrer", "string", "the page before", "来源页面", column="referrer")
_NAME = PropertySpec("name", "string", "the page's or screen's name", "页面或屏幕名称")
_CATEGORY = PropertySpec("category", "string", "what kind of page it is", "页面类别", column="category")
_SEARCH = PropertySpec("search", "string", "the query of the address", "地址中的查询串")


def _measure(name: str, meaning: str, meaning_zh: str) -> PropertySpec:
    return PropertySpec(name, "number", meaning, meaning_zh, unit="" if name == "cls" else "ms")


PAGES = Subject(
    "Pages",
    "页面",
    (
        EventSpec(
            "Page Viewed",
            "A page was seen (the call `page`).",
            "浏览了页面（page 调用）。",
            (_NAME, _CATEGORY, _URL, _PATH, _TITLE, _REFERRER, _SEARCH),
            "regulars",
        ),
        EventSpec(
            "Screen Viewed",
            "A screen of an app was seen (the call `screen`).",
            "浏览了应用屏幕（screen 调用）。",
            (_NAME, _CATEGORY),
            "regulars",
        ),
        EventSpec(
            "Page Left",
            "A page was left or put aside.",
            "离开或切走页面。",
            (
                PropertySpec(
                    "duration_ms",
                    "integer",
                    "how long the page was in view",
                    "页面可见时长",
                    True,
                    "ms",
                    "duration_ms",
                    ("durationMs", "duration"),
                ),
                _URL,
                _PATH,
                _TITLE,
            ),
            "regulars",
        ),
        EventSpec(
            "Page Performance",
            "How fast a page was for this visitor (web vitals).",
            "页面在该访客处的速度（Web Vitals）。",
            (
                _measure("lcp_ms", "largest contentful paint", "最大内容绘制"),
                _measure("cls", "cumulative layout shift", "累计布局偏移"),
                _measure("inp_ms", "interaction to next paint", "交互到下一次绘制"),
                _measure("fcp_ms", "first contentful paint", "首次内容绘制"),
                _measure("ttfb_ms", "time to first byte", "首字节时间"),
                _URL,
                _PATH,
            ),
            "regulars",
        ),
        EventSpec(
            "Consent Changed",
            "A visitor gave or withdrew consent.",
            "访客给予或撤回同意。",
            (
                PropertySpec("purposes", "list", "the purposes that are allowed now", "当前允许的用途"),
                PropertySpec("wording", "string", "the version of the words that were shown", "所展示文案的版本"),
            ),
            "regulars",
        ),
    ),
)
