"""`regulars models`: which fitted model answers, its card, another one made champion, the one before brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from regulars.cli.show import AsJson, Lang, ShopId, asked

if TYPE_CHECKING:
    from regulars.cli.printing import Printer
    from regulars.predict.models import ModelAnswer, Models

app = typer.Typer(no_args_is_help=True, help="Fitted models.", epilog="Example: regulars models list")

Name = Annotated[str, typer.Argument(help="The model, as `regulars models list` names it.")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept with the change.")]


@app.command("list")
def list_(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """The champion of every model, its backtest, and whether it still fits.

    Example: regulars models list
    """
    from regulars.predict import models as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.listing(uow, ask.shop.shop_id, language=ask.language)
        ask.give(found, as_json, lambda out: _list(out, found))


@app.command()
def card(model: Name, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Everything kept of a model: settings, backtest, versions, changes of champion, drift.

    Example: regulars models card churn --json
    """
    from regulars.predict import models as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            answer = room.card(uow, ask.shop.shop_id, model, language=ask.language)
        ask.give(answer, as_json, lambda out: _card(out, answer))


@app.command()
def promote(
    model: Name,
    number: Annotated[int, typer.Argument(help="The version that is to answer.")],
    why: Why = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Let another version answer.

    Example: regulars models promote churn 3 --why "better on the last quarter"
    """
    from regulars.access import Caller
    from regulars.predict import models as room

    with asked(shop, lang) as ask:
        caller = Caller.system("shell", ask.house.keyring)
        with ask.house.records.unit() as uow:
            answer = room.promote(uow, caller, ask.shop.shop_id, model, number, why=why, language=ask.language)
        ask.give(answer, as_json, lambda out: _card(out, answer))


@app.command("roll-back")
def roll_back(model: Name, why: Why = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Bring back the champion before this one.

    Example: regulars models roll-back churn --why "too many warnings"
    """
    from regulars.access import Caller
    from regulars.predict import models as room

    with asked(shop, lang) as ask:
        caller = Caller.system("shell", ask.house.keyring)
        with ask.house.records.unit() as uow:
            answer = room.roll_back(uow, caller, ask.shop.shop_id, model, why=why, language=ask.language)
        ask.give(answer, as_json, lambda out: _card(out, answer))


def _list(out: Printer, found: Models) -> None:
    if not found.models:
        out.line(out.t("nothing was learned yet; models learn every night", "还没有训练过模型；模型每天夜里训练"))
        return
    rows = [
        [
            one.model,
            one.title,
            _verdict(out, one.judgement),
            str(one.version.number),
            f"{one.version.as_of:%Y-%m-%d}",
            one.version.method,
            " ".join(f"{score.label} {score.text}" for score in one.version.scores[:3]),
        ]
        for one in found.models
    ]
    heads = [
        out.t("model", "模型"),
        out.t("name", "名称"),
        out.t("today", "现状"),
        out.t("version", "版本"),
        out.t("cut-off", "截止"),
        out.t("learned by", "方法"),
        out.t("backtest", "回测"),
    ]
    out.table(heads, rows, wide=(1, 6))


def _card(out: Printer, answer: ModelAnswer) -> None:
    one = answer.card
    out.head(one.title, one.tells)
    out.line(
        f"{out.t('version', '版本')} {one.version.number}, {out.t('cut-off', '截止')} {one.version.as_of:%Y-%m-%d}, {one.version.method}, "
        f"{_verdict(out, one.judgement)}"
    )
    rows = [[score.label, score.text, score.meaning] for score in one.version.scores]
    if rows:
        out.table([out.t("figure", "指标"), out.t("backtest", "回测"), out.t("meaning", "含义")], rows, wide=(2,))
    versions = [
        [
            str(v.number),
            v.state,
            f"{v.as_of:%Y-%m-%d}",
            v.method,
            f"{v.trained_on:,}",
            " ".join(f"{s.label} {s.text}" for s in v.scores[:3]),
        ]
        for v in answer.versions
    ]
    heads = [
        out.t("version", "版本"),
        out.t("state", "状态"),
        out.t("cut-off", "截止"),
        out.t("learned by", "方法"),
        out.t("rows", "行数"),
        out.t("backtest", "回测"),
    ]
    out.table(heads, versions, wide=(5,))


def _verdict(out: Printer, judgement: str) -> str:
    return {
        "unknown": out.t("not checked yet", "尚未检查"),
        "steady": out.t("still fits", "仍然适用"),
        "watch": out.t("worth a look", "值得留意"),
        "retrain": out.t("needs a new model", "需要重新训练"),
    }[judgement]
