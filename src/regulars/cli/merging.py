"""Merges on a terminal: one customer's ids, lists, and an operator's decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from regulars.cli.doors import opened, print_json, shell_language, the_shop
from regulars.cli.printing import Printer
from regulars.collect import identity
from regulars.collect.identity import Decided, Identity, Merge, RefusedMerge

_WHY = {
    "identify": ("a message named both", "一条消息同时带有两者"),
    "alias": ("an alias said so", "alias 消息声明"),
    "operator": ("merged by hand", "人工合并"),
}


def who(out: Printer, answer: Identity) -> None:
    """A customer's ids."""
    out.head(answer.customer_id, out.t("customer", "客户") if answer.is_known else out.t("visitor", "访客"))
    rows = [[one.id, out.t(one.kind, "用户" if one.kind == "user" else "访客"), str(one.first_at or "")[:19]] for one in answer.ids]
    out.table([out.t("id", "标识"), out.t("kind", "类型"), out.t("since", "始于")], rows)
    if answer.more:
        out.line(out.t(f"and {answer.more} more", f"另有 {answer.more} 个"), "dim")


def merges(out: Printer, found: Sequence[Merge]) -> None:
    """Merges, the newest first."""
    rows = [
        [
            str(one.at or one.recorded_at)[:19],
            one.from_id,
            one.customer_id,
            out.t("undone", "已撤销") if one.undone else out.t(*_WHY[one.kind]),
        ]
        for one in found
    ]
    columns = [out.t("when", "时间"), out.t("id", "标识"), out.t("customer", "客户"), out.t("why", "原因")]
    out.table(columns, rows, wide=(1, 2, 3)) if rows else out.line(out.t("no merge yet", "还没有合并"))


def refused(out: Printer, found: Sequence[RefusedMerge]) -> None:
    """Refused merges, the newest first."""
    rows = [
        [
            str(one.at or one.recorded_at)[:19],
            one.from_id or one.illegal,
            one.to_id,
            out.t(f"belongs to {one.belongs_to}", f"已属于 {one.belongs_to}")
            if one.belongs_to
            else out.t("names nobody", "不代表任何人"),
        ]
        for one in found
    ]
    columns = [out.t("when", "时间"), out.t("id", "标识"), out.t("not given to", "未归入"), out.t("why", "原因")]
    out.table(columns, rows, wide=(1, 2, 3)) if rows else out.line(out.t("nothing was refused", "没有被拒绝的合并"))


def decide(shop: str, as_json: bool, verb: Callable[[Any, Any, Any, Any, str], Decided]) -> None:
    """Do what an operator decided, and say what came of it; the warehouse follows before the command ends."""
    from regulars.access import Caller

    with opened() as house:
        here = the_shop(house, shop or None)
        with house.records.unit() as uow:
            done = verb(identity, uow, house, Caller.system("shell", house.keyring), here.shop_id)
    if as_json:
        print_json(done)
        return
    out = Printer.here(here, shell_language())
    ids = out.t(f"{done.changed} ids changed customer", f"{done.changed} 个标识换了客户")
    if done.still_together:
        out.line(f"{done.merge.from_id} -> {done.merge.customer_id}: {ids}")
        if done.merge.undone:
            out.line(out.t("another merge still joins the two: undo that one too", "另一条合并仍将两者连在一起，请一并撤销"))
    else:
        out.line(out.t("they are two customers again", "两者又是两位客户") + f": {ids}")
