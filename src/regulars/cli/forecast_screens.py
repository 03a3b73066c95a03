"""Forecasts and alarms on one screen of a terminal."""

from __future__ import annotations

from regulars.cli.printing import Printer, safe
from regulars.cli.screens import value
from regulars.console import numbers as n
from regulars.predict.anomalies import AnomalyList, RootCause
from regulars.predict.forecast import ForecastAnswer, title_of
from regulars.understand.metrics import METRICS


def forecast(out: Printer, answer: ForecastAnswer) -> None:
    """One line a day, the total, and how right such forecasts were."""
    language = "zh" if out.language == "zh" else "en"
    title = METRICS[answer.metric].title[language]
    out.head(
        out.t("Forecast", "预测"), title, f"{answer.days[0].day} – {answer.days[-1].day}", f"{answer.timezone}, {answer.currency}"
    )
    rows = [
        [
            str(one.day),
            value(out, answer.metric, one.expected),
            value(out, answer.metric, one.low),
            value(out, answer.metric, one.high),
            title_of(answer.calendar, one.holiday)[language] if one.holiday else "",  # type: ignore[arg-type]
        ]
        for one in answer.days
    ]
    if answer.total is not None:
        total = answer.total
        rows.append(
            [out.t("all", "合计"), *(value(out, answer.metric, each) for each in (total.expected, total.low, total.high)), ""]
        )
    out.table(
        [out.t("day", "日期"), out.t("expected", "预计"), out.t("at least", "至少"), out.t("at most", "至多"), ""], rows, wide=(4,)
    )
    score = answer.score
    out.line()
    out.line(
        out.t(
            f"{answer.share:.0%} of days are to lie inside. Checked {score.folds} times over {score.days} days: error "
            f"{n.share(score.wape)}, against last week's {n.count(score.mase)} (naive {n.count(score.naive_mase)}), "
            f"inside {n.share(score.coverage)}.",
            f"区间应包含 {answer.share:.0%} 的日子。回测 {score.folds} 次、每次 {score.days} 天：误差 {n.share(score.wape)}，"
            f"相对上周同日 {n.count(score.mase)}（朴素法 {n.count(score.naive_mase)}），落入区间 {n.share(score.coverage)}。",
        ),
        "dim",
    )


def anomalies(out: Printer, answer: AnomalyList) -> None:
    """One line an alarm, then why."""
    language = "zh" if out.language == "zh" else "en"
    if not answer.anomalies:
        out.line(out.t("no alarms", "没有异常"))
        return
    for one in answer.anomalies:
        title = METRICS[one.metric].title[language]
        shown = [value(out, one.metric, each) for each in (one.value, one.expected)]
        out.head(
            f"{one.day}  {title}",
            out.t(f"{shown[0]}, expected {shown[1]}", f"{shown[0]}，预计 {shown[1]}"),
            out.t(f"worth {n.money(one.effect)}", f"影响 {n.money(one.effect)}"),
            one.state,
        )
        for line in one.causes.get(language, ()):
            out.line(f"  {safe(line)}")


_FINDINGS = {"found": ("found", "成立"), "not_found": ("not found", "不成立"), "no_data": ("no data", "无数据")}


def root_cause(out: Printer, answer: RootCause) -> None:
    """The answer in sentences, then every explanation with its finding."""
    language = "zh" if out.language == "zh" else "en"
    out.head(
        METRICS[answer.metric].title[language],
        f"{answer.period.start_on} – {answer.period.last_on}",
        f"{answer.before.start_on} – {answer.before.last_on}",
    )
    for line in answer.text[language]:
        out.line(safe(line))
    out.line()
    out.table(["", ""], [[out.t(*_FINDINGS[one.finding]), safe(one.text[language])] for one in answer.hypotheses], wide=(1,))
