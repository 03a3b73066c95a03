"""An order that comes by export file and by webhook is one order: same order_id, same buyer, same products, same total."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.access import Caller, Keyring
from regulars.collect import imports
from regulars.collect.platforms.domain.dispatch import translate
from regulars.collect.platforms.domain.messages import Setting
from regulars.collect.platforms.domain.signatures import Platform
from regulars.guard.privacy import known_id
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.web.bodies import strict_json
from tests.collect.platforms.conftest import open_shop
from tests.collect.platforms.payloads import SHOPIFY_ORDER, WOO_ORDER, as_bytes, changed

SHOPIFY_EXPORT = """Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem discount,Phone,Id,Vendor,Source,Shipping Country,Shipping Province,Cancelled at,Refunded Amount
#1001,{email},paid,2026-11-01 10:15:31 +0800,unfulfilled,CNY,170.00,12.00,10.00,192.00,AUTUMN,20.00,Standard,2026-11-01 10:15:30 +0800,2,Longjing - 100 g,75.00,TEA-LJ-100,0.00,{phone},5678901234567,Tea House,web,CN,ZJ,,0.00
#1001,{email},,,,,,,,,,,,2026-11-01 10:15:30 +0800,1,Gaiwan,40.00,,0.00,,,Tea House,,,,,
"""
WOO_EXPORT = """Order Number,Order Status,Order Date,Customer User ID,Email (Billing),SKU,Item Name,Quantity (- Refund),Item Cost,Order Total Amount,Order Subtotal Amount,Order Shipping Amount,Order Total Tax Amount,Cart Discount Amount,Order Currency
R-1727,Processing,2026-03-22 16:28:02,{customer},jo.doe@example.com,CUP-B,Cup,3,6.67,43.34,29.43,10.00,6.91,3.00,EUR
R-1727,Processing,2026-03-22 16:28:02,{customer},jo.doe@example.com,,Saucer,1,9.43,43.34,29.43,10.00,6.91,3.00,EUR
"""


def loaded(records: Records, warehouse: Warehouse, home: Path, shell: Caller, text: str, **options: Any) -> list[dict[str, Any]]:
    """The orders that a load of this file gives."""
    shop = open_shop(records, shell)
    path = home / "orders_export.csv"
    path.write_text(text, "utf-8")
    imports.load(records, warehouse, home, shop, "orders", [path], imports.LoadOptions(**options), caller=shell)
    lines = warehouse.table("order_lines")
    orders = warehouse.table("orders").select("order_id", "customer_id", "ordered_at", "total_minor", "currency")
    return [
        {**row, "products": sorted(filter(None, (line["product_id"] for line in warehouse.rows(lines))))}
        for row in warehouse.rows(orders)
    ]


def told(platform: Platform, topic: str, payload: Any, zone: str = "UTC") -> dict[str, Any]:
    found = translate(platform, topic, strict_json(as_bytes(payload), exact=True), Setting(platform, zone), None, datetime.now(UTC))
    assert found is not None
    return next(message for message in found.messages if message.get("event") == "Order Completed")


@pytest.mark.parametrize(("email", "phone"), [("mei.lin@example.com", ""), ("", "+33400000000"), ("", "+8613800138000")])
def test_shopify(
    records: Records, warehouse: Warehouse, home: Path, shell: Caller, keyring: Keyring, email: str, phone: str
) -> None:
    by_file = loaded(records, warehouse, home, shell, SHOPIFY_EXPORT.format(email=email, phone=phone))
    payload = changed(
        SHOPIFY_ORDER, email=email, contact_email=email, phone=phone, customer=None, billing_address=None, shipping_address=None
    )

    message = told("shopify", "orders/create", payload)

    assert len(by_file) == 1
    assert by_file[0]["order_id"] == message["properties"]["order_id"] == "#1001"
    assert by_file[0]["customer_id"] == known_id(keyring, "tea", message["userId"])
    assert by_file[0]["total_minor"] == Decimal(message["properties"]["total"]) * 100
    assert by_file[0]["ordered_at"].replace(tzinfo=UTC) == datetime.fromisoformat(message["timestamp"])
    assert "TEA-LJ-100" in by_file[0]["products"]
    assert "TEA-LJ-100" in {line["product_id"] for line in message["properties"]["products"]}


@pytest.mark.parametrize(("customer", "customer_id"), [("26", 26), ("0", 0)])
def test_woocommerce(
    records: Records, warehouse: Warehouse, home: Path, shell: Caller, keyring: Keyring, customer: str, customer_id: int
) -> None:
    text = WOO_EXPORT.format(customer=customer)
    by_file = loaded(records, warehouse, home, shell, text, timezone="Europe/Paris", rates={"EUR": Decimal(1)}, currency="EUR")

    message = told("woocommerce", "order.created", changed(WOO_ORDER, customer_id=customer_id))

    assert by_file[0]["order_id"] == message["properties"]["order_id"] == "R-1727"
    assert by_file[0]["customer_id"] == known_id(keyring, "tea", message["userId"])
    assert by_file[0]["total_minor"] == Decimal(message["properties"]["total"]) * 100
    assert by_file[0]["ordered_at"].replace(tzinfo=UTC) == datetime.fromisoformat(message["timestamp"])
    assert "CUP-B" in by_file[0]["products"]
    assert "CUP-B" in {line["product_id"] for line in message["properties"]["products"]}
