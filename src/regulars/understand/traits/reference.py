"""The reference page of traits, written from the declared list."""

from __future__ import annotations

from regulars.understand.traits.catalogue import FAMILIES, TRAITS, WINDOWS

_INTRO = {
    "en": (
        "# Traits\n\nOne definition per trait, the same in the console, over HTTP (`GET /v1/traits`), at the command line (`regulars show traits`) and as "
        "customer properties of [questions](../concepts/traits.md). All are computed after each load and merge and once a day, up to the "
        "[end of the data](../concepts/as-of.md). A trait has no value where the data for it is not there; the last column says when that is."
    ),
    "zh": (
        "# 特征口径\n\n每个特征只有一个定义，控制台、接口（`GET /v1/traits`）、命令行（`regulars show traits`）以及分析条件中的[客户属性](../concepts/traits.md)完全一致。"
        "每次导入或合并之后及每天计算一次，截至[数据末尾](../concepts/as-of.md)。没有相应数据时不给出数值，最后一列说明原因。"
    ),
}
_HEADS = {
    "en": ("Trait", "Name", "How it is computed", "Unit", "From", "Window", "None where"),
    "zh": ("特征", "名称", "计算方法", "单位", "来源", "窗口", "何时没有"),
}
_UNITS = {
    "money": "金额", "days": "天", "count": "数量", "share": "占比", "ratio": "比值", "score": "分", "hour": "小时", "years": "岁",
    "stars": "星", "text": "文字",
}  # fmt: skip


def reference_page(language: str = "en") -> str:
    """The page as Markdown."""
    zh = "zh" if language == "zh" else "en"
    parts = [_INTRO[zh]]
    for family, names in FAMILIES.items():
        rows = [f"| {' | '.join(_HEADS[zh])} |", f"|{' --- |' * len(_HEADS[zh])}"]
        for trait in TRAITS.values():
            if trait.family == family:
                unit = _UNITS[trait.unit] if zh == "zh" else trait.unit
                sources = ", ".join(f"`{one}`" for one in trait.sources)
                cells = (
                    f"`{trait.name}`", trait.label[zh], trait.formula[zh].replace("|", "\\|"), unit, sources,
                    WINDOWS[trait.window][zh], trait.none[zh],
                )  # fmt: skip
                rows.append(f"| {' | '.join(cells)} |")
        parts.append(f"## {names[zh]}\n\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"
