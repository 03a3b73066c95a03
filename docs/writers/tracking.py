"""The page of the tracking plan: which behaviour events there are, and what each is expected to tell."""

from __future__ import annotations

from docs.writers.markdown import code, page, table
from regulars.events.ecommerce import PRODUCT, SUBJECTS
from regulars.events.specs import EventSpec, PropertySpec

_TYPES_ZH = {
    "string": "文本",
    "number": "数字",
    "money": "金额",
    "integer": "整数",
    "boolean": "布尔",
    "datetime": "时间",
    "products": "商品列表",
    "list": "列表",
}


def tracking_plan(language: str = "en") -> str:
    """Every behaviour event of the catalogue with its properties."""
    zh = language == "zh"
    parts = []
    for subject in SUBJECTS:
        parts.append(f"## {subject.title_zh if zh else subject.title}\n")
        parts += [_event(spec, zh) for spec in subject.events]
    head = "## 商品列表中的商品" if zh else "## A product in a list"
    says = "`products` 的每一项。" if zh else "What each item of `products` tells."
    parts.append(f"{head}\n\n{says}\n\n{_properties(PRODUCT, zh)}")
    intro = (
        "目录中的行为事件：Segment 电商事件（v2）与本系统页面追踪器的事件。名称不区分大小写、空格与符号：`product_viewed`、`productViewed` 都是 Product Viewed。"
        '其他事件照样接收。金额可为数字或文本（`1234.5`、`"1,234.50"`），单位为该事件币种的主单位。标有“列”的属性进入分析库 '
        "[`events`](../../reference/warehouse.md#events) 表的同名列；不符合的内容不会使事件被拒，而是记在 `schema_problems` 列。"
        if zh
        else "The behaviour events of the catalogue: the Segment e-commerce events (v2) and those of our own page tracker. Names are recognised "
        "without regard to case, blanks and signs: `product_viewed` and `productViewed` are Product Viewed. Any other event is taken too. "
        'Amounts are numbers or texts (`1234.5`, `"1,234.50"`) in major units of the event\'s currency. A property with a column feeds '
        "that column of the warehouse table [`events`](warehouse.md#events); what breaks the schema does not refuse the event, it is noted in "
        "`schema_problems`."
    )
    return page("行为事件目录" if zh else "Tracking plan", intro, "src/regulars/events/ecommerce/", parts, language)


def _event(spec: EventSpec, zh: bool) -> str:
    return f"### {spec.name}\n\n{spec.meaning_zh if zh else spec.meaning}\n\n{_properties(spec.properties, zh)}"


def _properties(properties: tuple[PropertySpec, ...], zh: bool) -> str:
    head = (
        ("属性", "类型", "含义", "必需", "列", "也写作") if zh else ("property", "type", "meaning", "needed", "column", "also as")
    )
    return table(head, [_row(prop, zh) for prop in properties])


def _row(prop: PropertySpec, zh: bool) -> tuple[str, ...]:
    kind = _TYPES_ZH[prop.type] if zh else prop.type
    unit = f" ({prop.unit})" if prop.unit and prop.unit != "major units" else ""
    return (
        code(prop.name),
        kind + unit,
        prop.meaning_zh if zh else prop.meaning,
        _needed(prop, zh),
        code(prop.column) if prop.column else "",
        ", ".join(map(code, prop.aliases)),
    )


def _needed(prop: PropertySpec, zh: bool) -> str:
    if not prop.required:
        return ""
    if not prop.instead:
        return "是" if zh else "yes"
    others = ("、" if zh else " or ").join(map(code, prop.instead))
    return f"是，或 {others}" if zh else f"yes, or {others}"
