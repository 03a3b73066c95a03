"""Lines that are not goods: postage, discounts, vouchers, manual entries and bookkeeping, by code or by name.

Codes are those shops are known to use; a name decides only when it stands alone (`Discount`, not `Discount rack`).
"""

from __future__ import annotations

from typing import Literal

LineKind = Literal["shipping", "discount", "gift_card", "other", "not_a_sale"]

#: Codes, in capitals, as a whole.
CODES: dict[LineKind, tuple[str, ...]] = {
    "shipping": ("POST", "DOT", "SHIPPING", "POSTAGE", "FREIGHT", "DELIVERY", "CARRIAGE", "运费", "邮费"),
    "discount": ("DISCOUNT", "DISC", "COUPON", "VOUCHERDISCOUNT"),
    "gift_card": ("GIFTCARD", "GIFT CARD", "GIFT_CARD", "EGIFT"),
    "other": ("MANUAL", "ADJUST", "ADJUST2", "ADJUSTMENT"),
    "not_a_sale": ("AMAZONFEE", "BANK CHARGES", "CRUK", "TEST001", "TEST002"),
}

#: Codes that mean this only where the name says so too, or is missing in a file with names: elsewhere they are products' numbers.
SHORT_CODES: dict[str, LineKind] = {
    "M": "other",
    "D": "discount",
    "S": "not_a_sale",
    "B": "not_a_sale",
    "C2": "shipping",
    "C3": "shipping",
}

#: Names, in small letters, as a whole.
NAMES: dict[LineKind, tuple[str, ...]] = {
    "shipping": (
        "postage", "dotcom postage", "carriage", "shipping", "shipping fee", "shipping charge", "shipping cost", "delivery", "delivery charge", "delivery fee",
        "freight", "standard shipping", "express shipping", "next day carriage", "运费", "邮费", "补邮费", "运费补差", "邮费补差", "快递费", "配送费", "frete", "envío", "livraison",
        "versand", "versandkosten", "送料",
    ),
    "discount": ("discount", "coupon", "order discount", "折扣", "优惠", "优惠券", "满减", "desconto", "descuento", "remise", "rabatt", "割引"),
    "gift_card": ("gift card", "gift voucher", "e-gift card", "礼品卡", "gutschein", "cheque cadeau"),
    "other": ("manual", "adjustment", "补差价", "差价"),
    "not_a_sale": (
        "adjust bad debt", "bad debt", "bank charges", "amazon fee", "cruk commission", "samples", "commission", "this is a test product.", "platform fee",
        "坏账", "银行手续费", "手续费", "平台佣金", "佣金", "样品",
    ),
}  # fmt: skip

#: Beginnings of codes and parts of names that make a voucher.
GIFT_CARD_CODE = "gift_"
GIFT_CARD_NAME = "gift voucher"

#: First letters of invoice numbers that are bookkeeping (`A563185`, adjust bad debt) and credit notes (`C536379`).
BOOKKEEPING_PREFIX = "A"
CREDIT_PREFIX = "C"
