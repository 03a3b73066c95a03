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
    """The key findings, as `regulars show overview` gives them, with what the cohorts and stages add."""
    from regulars.cli import screens
    from regulars.cli.printing import Printer
    from regulars.predict import next_purchase
    from regulars.understand import lifecycle, metrics, retention

    out = Printer.here(shop, language)
    answer = metrics.overview(house.warehouse, shop)
    screens.overview(out, answer, next_purchase.act_on(house.warehouse, shop, limit=3, language=language))
    curve = {point.period: point for point in retention.retention(house.warehouse, shop, unit="month").curve}
    stages = {stage.stage: stage for stage in lifecycle.report(house.warehouse, shop, language=language).now}
    month = curve.get(1)
    if month is not None and month.share is not None:
        out.line(
            out.t(
                f"In the month after their first order {month.share:.0%} of customers ordered again.",
                f"首单后的次月，{month.share:.0%} 的客户再次下单。",
            )
        )
    out.line("  ".join(f"{stage.name} {stage.customers:,}" for stage in stages.values() if stage.customers))
    out.line(out.t(f"Data: {source}", f"数据来源：{source}"), "dim")
