"""The demo's shop: loaded once, and what its year says in half a screen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.app import House

SHOP_ID = "online-retail"


def load_demo(house: House, file: Path) -> Shop:
    """The demo shop with its orders; the second time nothing is loaded again."""
    from regulars.access import shops
    from regulars.access.domain import Caller
    from regulars.collect import imports

    caller = Caller.system("demo", house.keyring)
    with house.records.unit() as uow:
        known = {shop.shop_id: shop for shop in shops.list_all(uow)}
        shop = known.get(SHOP_ID) or shops.create(
            uow, caller, shop_id=SHOP_ID, name="Online Retail", timezone="Europe/London", currency="GBP"
        )
    started = time.monotonic()
    report = imports.load(house.records, house.warehouse, house.home, shop, "orders", [file], caller=caller)
    house.work_off()
    if report.already_loaded is None:
        print(f"loaded {report.rows:,} invoice lines in {time.monotonic() - started:.1f} s")
    return shop


def tell(house: House, shop: Shop, language: str, *, source: str) -> None:
    """The key findings in half a screen, each from the verb that the reports use."""
    from regulars.cli import printing, screens
    from regulars.cli.printing import Printer
    from regulars.collect import imports
    from regulars.console import numbers
    from regulars.predict import next_purchase
    from regulars.understand import lifecycle, metrics, retention

    out = Printer.here(shop, language)
    overview = metrics.overview(house.warehouse, shop)
    acting = next_purchase.act_on(house.warehouse, shop, limit=3, language=language)
    stages = [stage for stage in lifecycle.report(house.warehouse, shop, language=language).now if stage.customers]
    month = {point.period: point for point in retention.retention(house.warehouse, shop, unit="month").curve}.get(1)
    with house.records.reading() as view:
        loads = imports.loads(view, house.home, shop.shop_id)

    def say(english: str, chinese: str, text: str) -> None:
        out.line(out.t(f"{english:<10}", chinese + "　" * (5 - len(chinese))) + text)

    span = numbers.span(overview.period.start_on, overview.period.last_on, language)
    out.head(shop.name, span, f"{shop.timezone}, {overview.currency}")
    words = {tile.metric: screens.value(out, tile.metric, tile.value) for tile in overview.tiles}
    say(
        "Sales",
        "销售",
        out.t(
            "net revenue {net_revenue}, {orders} orders, AOV {aov}, refund rate {refund_rate}",
            "净收入 {net_revenue}，订单数 {orders}，客单价 {aov}，退款率 {refund_rate}",
        ).format(**words),
    )
    say(
        "Buyers",
        "客户",
        out.t(
            "{buyers}, of them {new_buyers} new; {repeat_purchase_rate} ordered more than once",
            "购买人数 {buyers}，其中新客 {new_buyers}；复购率 {repeat_purchase_rate}",
        ).format(**words),
    )
    for finding in overview.findings[:4]:
        out.line(out.t(" " * 10, "　" * 5) + finding.text["zh" if language == "zh" else "en"])
    if month is not None and month.share is not None:
        say(
            "Retention",
            "留存",
            out.t(
                f"{month.share:.0%} of customers order again in the month after their first order",
                f"首单后的次月，{month.share:.0%} 的客户再次下单",
            ),
        )
    say("Lifecycle", "生命周期", ", ".join(f"{stage.name} {stage.customers:,}" for stage in stages))
    stake = numbers.money(acting.value_at_stake)
    say(
        "Act on",
        "待跟进",
        out.t(
            f"{acting.total:,} customers should have ordered by now; {stake} a year at stake",
            f"{acting.total:,} 位客户逾期未购，每年风险金额 {stake}",
        ),
    )
    for row in acting.rows:
        out.line(f"{out.t(' ' * 10, '　' * 5)}{printing.safe(row.customer_id)}: {row.next_order.reason.text}")
    for load in loads[:1]:
        outcomes = ", ".join(f"{outcome} {rows:,}" for outcome, rows in _named(load.rows_by_outcome, language).items() if rows)
        say("Data", "数据", out.t(f"{load.rows or 0:,} rows: {outcomes}", f"{load.rows or 0:,} 行：{outcomes}"))
    out.line(source, "dim")


def _named(outcomes: dict[str, int], language: str) -> dict[str, int]:
    names = {
        "loaded": ("loaded", "已导入"),
        "duplicate": ("duplicates", "重复"),
        "set_aside": ("set aside", "不计入"),
        "quarantined": ("in quarantine", "隔离"),
    }
    return {names[outcome][language == "zh"]: rows for outcome, rows in outcomes.items()}
