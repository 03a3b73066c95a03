"""The reference page of features, written from the catalogue."""

from __future__ import annotations

from regulars.predict.snapshots.catalogue import FEATURES, GROUPS
from regulars.predict.snapshots.domain import Feature
from regulars.predict.snapshots.words import GROUPS_ZH, MEANINGS_ZH, UNITS_ZH

_SOURCES = {"told": "events, event_log", "deliveries": "orders"}
_ABOUT = {
    "en": (
        "Features",
        "What is known of a customer at a cut-off, made from rows before it only (a feature that reads past it is refused). A shop that "
        "has no rows of a source is predicted without its features. A value is empty where it cannot be said, such as the gap of "
        "somebody who ordered once.",
        "| feature | unit | from | meaning |",
    ),
    "zh": (
        "特征",
        "某个截止时刻所知道的客户情况，只用该时刻之前的记录（读取之后记录的特征会被拒绝）。店铺没有某类记录时，预测就不用相应的特征。说不出来的值为空，例如只下过一单的客户的间隔。",
        "| 特征 | 单位 | 来源 | 含义 |",
    ),
}


def reference_page(language: str = "en") -> str:
    """Markdown: every feature by group, with unit, source and meaning."""
    title, about, head = _ABOUT[language]
    parts = [f"# {title}\n", f"{about}\n"]
    for group, meaning in GROUPS.items():
        listed = [feature for feature in FEATURES if feature.group == group]
        if not listed:
            continue
        name, line = (group.capitalize(), f"{meaning[0].upper()}{meaning[1:]}.")
        if language == "zh":
            name, line = GROUPS_ZH[group][0], f"{GROUPS_ZH[group][1]}。"
        parts += [f"## {name}\n", f"{line}\n", head, "| --- | --- | --- | --- |"]
        parts += [_row(feature, language) for feature in listed]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _row(feature: Feature, language: str) -> str:
    unit = UNITS_ZH[feature.unit] if language == "zh" else feature.unit
    meaning = MEANINGS_ZH[feature.name] if language == "zh" else feature.meaning
    return f"| `{feature.name}` | {unit} | {_SOURCES.get(feature.source, feature.source)} | {meaning} |"
