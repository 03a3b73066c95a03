"""Pages about what words mean: metrics, cleaning rules, layouts and fields, events, the warehouse's tables."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterable
from typing import get_type_hints

from docs.writers.markdown import code, notice, page, table
from regulars.collect.imports.domain import FIELDS, LAYOUTS, REQUIRED, RULES
from regulars.events.base import Event, catalogue
from regulars.predict.snapshots import reference_page as features_page
from regulars.understand.metrics import reference_page
from regulars.understand.metrics.domain import Language
from regulars.understand.rfm import SEGMENTS, VALUE_TYPES
from regulars.understand.rfm.words import words as segment_words
from regulars.understand.traits import reference_page as traits_page
from regulars.warehouse import TABLES, schema

_OUTCOMES = {
    "quarantined": (
        "Quarantined",
        "The row is kept with its reason. Repair it and load it again.",
        "隔离",
        "保留该行与原因，修复后可再次导入。",
    ),
    "duplicate": ("Duplicate", "The row says what another one said already.", "重复", "与其他行内容相同。"),
    "set_aside": ("Set aside", "The row is understood, and is not a sale.", "不计入", "能看懂，但不是销售。"),
    "loaded": (
        "Loaded, and flagged",
        "The row counts; the flag tells what was assumed.",
        "已导入并标注",
        "该行计入统计，并注明处理方式。",
    ),
}


def metrics(language: Language = "en") -> str:
    """Every metric with its definition, as the metrics room writes it."""
    source = "src/regulars/understand/metrics/catalogue.py"
    return f"{notice(source, language)}\n\n{reference_page(language)}"


def traits(language: str = "en") -> str:
    """Every trait with its definition, as the traits room writes it."""
    source = "src/regulars/understand/traits/catalogue.py"
    return f"{notice(source, language)}\n\n{traits_page(language)}"


def features(language: str = "en") -> str:
    """Every feature of a snapshot, as the snapshots room writes it."""
    source = "src/regulars/predict/snapshots/catalogue.py"
    return f"{notice(source, language)}\n\n{features_page(language)}"


def cleaning_rules(language: str = "en") -> str:
    """Every rule of cleaning with where a row ends and how to mend it."""
    zh = language == "zh"
    intro = (
        "导入时每一行都有且只有一个去向，任何一行都不会悄悄消失。规则按权重排列，第一条成立的规则决定该行的去向。"
        if zh
        else "Every row of a loaded file ends with exactly one outcome, and none is dropped in silence. Rules stand in order "
        "of weight: the first one that holds decides the row. The report of a load counts the rows of each rule and shows examples."
    )
    parts = []
    for outcome, (name, says, name_zh, says_zh) in _OUTCOMES.items():
        parts.append(f"## {name_zh if zh else name}\n\n{says_zh if zh else says}\n")
        rows = [
            (code(rule.id), rule.says_zh if zh else rule.says, rule.mend_zh if zh else rule.mend)
            for rule in RULES.values()
            if rule.outcome == outcome
        ]
        parts.append(table(("规则", "含义", "如何处理") if zh else ("rule", "says", "how to mend it"), rows))
    return page("清洗规则" if zh else "Cleaning rules", intro, "src/regulars/collect/imports/domain/rules.py", parts, language)


def segments(language: str = "en") -> str:
    """Every RFM segment and value type: who they are and what to do."""
    zh = language == "zh"
    head = ("代码", "名称", "是谁", "怎么做") if zh else ("code", "name", "who they are", "what to do")

    def listed(codes: Iterable[str]) -> str:
        said = [(each, segment_words(each, language)) for each in codes]
        return table(head, [(code(each), one.name, one.explanation, one.handling) for each, one in said])

    parts = [
        f"## {'十个分层（R × F）' if zh else 'Ten segments (recency x frequency)'}\n",
        listed(SEGMENTS),
        f"## {'八类价值（R、F、M）' if zh else 'Eight value types (recency, frequency, monetary value)'}\n",
        listed(VALUE_TYPES.values()),
    ]
    intro = (
        "打分与分层方法见 [RFM 分层](../concepts/rfm.md)。"
        if zh
        else "How scores and segments are made: [RFM](../concepts/rfm.md)."
    )
    return page("RFM 分层" if zh else "RFM segments", intro, "src/regulars/understand/rfm/words.py", parts, language)


def layouts() -> str:
    """The exports that are recognised by their headers, and the fields a column can be."""
    parts = ["## Known exports\n"]
    parts.append(
        table(
            ("layout", "export", "kind", "recognised by these headers", "taken for granted"),
            [
                (
                    code(each.name),
                    each.title,
                    each.kind,
                    ", ".join([*map(code, each.signature), *(" or ".join(map(code, group)) for group in each.either)]),
                    "; ".join(each.assumptions),
                )
                for each in LAYOUTS
            ],
        )
    )
    parts.append(
        "Headers are compared without regard to case, underscores and blanks. A file in any other layout is matched by the "
        "words in its headers "
        "(English, Chinese and several more), a list without headers by what stands in its columns, and what is left by "
        "`--map field=Column`.\n"
    )
    for kind, fields in FIELDS.items():
        needed = " and ".join(" or ".join(map(code, group)) for group in REQUIRED[kind])
        parts.append(f"## Fields of {kind}\n\nNeeded: {needed}.\n")
        parts.append(
            table(
                ("field", "meaning", "含义", "read as"),
                [(code(name), field.meaning, field.meaning_zh, field.reading) for name, field in fields.items()],
            )
        )
    intro = (
        "What `regulars load` recognises by itself, and the names to use with `--map`. `personal` cells are never kept as they "
        "are: "
        "they become a pseudonym in the warehouse and encrypted text in the records."
    )
    return page("Layouts and fields of files", intro, "src/regulars/collect/imports/domain/", parts)


def events() -> str:
    """Every kind of event with its properties."""
    envelope = {field.name for field in dataclasses.fields(Event)}
    parts = []
    for name, kind in catalogue().items():
        parts.append(f"## {name}\n\n{kind.meaning} Version {kind.schema_version}.\n")
        hints = get_type_hints(kind)
        rows = [(code(field.name), _type(hints[field.name])) for field in dataclasses.fields(kind) if field.name not in envelope]
        if rows:
            parts.append(table(("property", "type"), rows))
    intro = (
        "What rooms tell each other, and what stands in the warehouse table `event_log`. Every event also has `message_id` "
        "(unique: the "
        "de-duplication key), `event` (its name), `shop_id`, `customer_id` (or null), `timestamp` (when it happened, UTC), "
        "`received_at`, "
        "`source`, `schema_version`."
    )
    return page("Events", intro, "src/regulars/events/", parts)


def warehouse() -> str:
    """Every table of the warehouse."""
    remarks = _remarks()
    parts = []
    for spec in TABLES.values():
        note = " Derived: made anew from the other tables after each load." if spec.derived else ""
        parts.append(f"## {spec.name}\n\nA row is {spec.row}.{note} Key: {', '.join(map(code, spec.key))}.\n")
        rows = [
            (code(name), kind.lstrip("!"), "" if kind.startswith("!") else "yes", remarks.get((spec.name, name), ""))
            for name, kind in spec.columns.items()
        ]
        parts.append(table(("column", "type", "may be null", ""), rows))
    intro = (
        "The analytical store. Instants are UTC without zone mark, money is integer minor units of the row's `currency`, "
        "`shop_id` comes first everywhere. It holds pseudonyms only: no names, addresses, e-mails, phone numbers or free text. "
        "You may read the file with DuckDB while no server has it open; the tables may change between releases."
    )
    return page("Tables of the warehouse", intro, "src/regulars/warehouse/schema.py", parts)


def _remarks() -> dict[tuple[str, str], str]:
    """What the schema's own comments say about its columns."""
    found, name = {}, ""
    for line in inspect.getsource(schema).splitlines():
        if opened := re.fullmatch(r'    "(\w+)",', line):
            name = opened[1]
        elif remark := re.match(r'        "(\w+)": "[^"]+",  # (.+)$', line):
            found[name, remark[1]] = remark[2]
    return found


def _type(hint: object) -> str:
    return (
        getattr(hint, "__name__", str(hint))
        if not hasattr(hint, "__args__")
        else str(hint).replace("datetime.datetime", "datetime")
    )
