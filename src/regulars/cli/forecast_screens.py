"""Forecasts and alarms on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from regulars.cli.printing import Printer, safe
from regulars.cli.screens import value
from regulars.console import numbers as n
from regulars.predict.anomalies import AnomalyList, RootCause
from regulars.predict.forecast import ForecastAnswer, title_of
from regulars.understand.metrics import METRICS

if TYPE_CHECKING:
    from regulars.predict.anomalies.receivers import NewReceiver, Receiver


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
        out.line(f"  {one.anomaly_id}", "dim")


#: What a receiver is told by, and the levels of alarms.
_WORDS = {
    "mail": ("e-mail", "邮件"), "webhook": ("webhook", "Webhook"), "yellow": ("yellow", "黄色"), "orange": ("orange", "橙色"), "red": ("red", "红色"),
}  # fmt: skip


def receivers(out: Printer, found: Sequence[Receiver], addresses: Mapping[str, str]) -> None:
    """One line each: who, from which level on, what waits, and how it went last."""
    if not found:
        out.line(
            out.t(
                "nobody is told yet: `regulars alarm tell --operator E-MAIL`",
                "还没有提醒对象：`regulars alarm tell --operator 邮箱`",
            )
        )
        return
    heads = [
        out.t(*each)
        for each in (
            ("who", "对象"),
            ("by", "方式"),
            ("from", "起始级别"),
            ("waiting", "待发"),
            ("last told", "上次发送"),
            ("id", "编号"),
        )
    ]
    out.table(heads, [_receiver(out, one, addresses) for one in found], wide=(0,))
    for one in found:
        if one.error:
            out.line(f"{_who(one, addresses)}: {safe(one.error)}", "bad")


def new_receiver(out: Printer, made: NewReceiver, addresses: Mapping[str, str]) -> None:
    """Who is told from now on; of a webhook the secret, this once."""
    out.line(f"{made.receiver.receiver_id}: {_who(made.receiver, addresses)}")
    if made.secret:
        out.line(out.t(f"secret, shown only now: {made.secret}", f"密钥，仅显示这一次：{made.secret}"))


def _receiver(out: Printer, one: Receiver, addresses: Mapping[str, str]) -> list[str]:
    told = n.instant(one.told_at, out.shop.timezone, out.language) if one.told_at else "–"
    return [
        _who(one, addresses), out.t(*_WORDS[one.kind]), out.t(*_WORDS[one.least_level]), n.count(one.waiting), told, one.receiver_id,
    ]  # fmt: skip


def _who(one: Receiver, addresses: Mapping[str, str]) -> str:
    return safe(one.url or addresses.get(one.operator_id or "", one.operator_id or ""))


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
