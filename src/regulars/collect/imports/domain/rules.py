"""The cleaning rules as data: what each says, where a row it meets ends up, and how to mend it.

Every source row ends with exactly one outcome; `loaded` rules only flag what was taken as it is. The conditions that decide an order's rows
stand in `queries/verdicts.py` under the same ids, and the reference page is generated from this list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["loaded", "duplicate", "set_aside", "quarantined"]
OUTCOMES: tuple[Outcome, ...] = ("loaded", "duplicate", "set_aside", "quarantined")


@dataclass(frozen=True, slots=True)
class Rule:
    """One written rule of cleaning."""

    id: str
    outcome: Outcome
    says: str
    says_zh: str
    mend: str
    mend_zh: str

    def words(self, language: str) -> tuple[str, str]:
        """What it says and how to mend it, in the reader's language."""
        return (self.says_zh, self.mend_zh) if language == "zh" else (self.says, self.mend)


def _rules(*rules: Rule) -> dict[str, Rule]:
    return {rule.id: rule for rule in rules}


_REPAIR = "download the bad rows, correct the cell and load them again"
_REPAIR_ZH = "下载问题行，改正单元格后重新导入"

#: In order of weight: the first rule that holds decides the row.
RULES: dict[str, Rule] = _rules(
    # -- quarantined: something that must be read cannot be ------------------------------------------------------------
    Rule("broken_row", "quarantined", "the line has too many or too few cells, or a quote that never closes", "这一行的列数不对，或引号没有闭合",
         "correct the line in the file, or download it from the quarantine and repair it", "在文件中改正这一行，或从隔离区下载后修复"),
    Rule("order_id_missing", "quarantined", "the order number is empty in a file that has order numbers", "文件有订单编号列，但这一行为空", _REPAIR, _REPAIR_ZH),
    Rule("order_not_found", "quarantined", "the order it belongs to is not among the files given", "所属订单不在给定的文件中",
         "give the file with that order in the same load", "把包含该订单的文件一起导入"),
    Rule("date_missing", "quarantined", "no line of the order tells when it was placed", "订单的任何一行都没有下单时间", _REPAIR, _REPAIR_ZH),
    Rule("date_unreadable", "quarantined", "the date cannot be read", "日期无法识别",
         "correct the cell, or say how dates are written (--date-order dmy, mdy or ymd)", "改正单元格，或指定日期写法（--date-order dmy、mdy 或 ymd）"),
    Rule("date_too_early", "quarantined", "the date lies before 1995, when no online store existed", "日期早于 1995 年", _REPAIR, _REPAIR_ZH),
    Rule("date_in_future", "quarantined", "the date lies more than a day ahead of now", "日期晚于现在一天以上", _REPAIR, _REPAIR_ZH),
    Rule("quantity_unreadable", "quarantined", "the quantity is not a number", "数量不是数字", _REPAIR, _REPAIR_ZH),
    Rule("quantity_too_large", "quarantined", "the quantity is beyond 1,000,000,000", "数量超过 10 亿", _REPAIR, _REPAIR_ZH),
    Rule("amount_unreadable", "quarantined", "an amount is not a number", "金额不是数字",
         "correct the cell; 1,234.50 and 1.234,50 are both understood when a column keeps to one of them",
         "改正单元格；1,234.50 与 1.234,50 两种写法都能识别，但同一列须保持一致"),
    Rule("amount_missing", "quarantined", "the line has neither an amount nor a price, and its order has no total", "这一行没有金额、单价，订单也没有总额", _REPAIR, _REPAIR_ZH),
    Rule("amount_too_large", "quarantined", "the amount is beyond 900,000,000,000", "金额超过 9000 亿", _REPAIR, _REPAIR_ZH),
    Rule("other_currency", "quarantined", "the amount is in another currency than the shop's", "币种与店铺不同",
         "load with --rate CODE=RATE to convert (what one unit of that currency is worth in the shop's), or load these rows into a shop of that currency", "用 --rate 币种代码=汇率 换算后导入（汇率即 1 单位该币种折合多少店铺币种），或导入到该币种的店铺"),
    Rule("customer_missing", "quarantined", "the row names no customer", "这一行没有客户标识", _REPAIR, _REPAIR_ZH),
    Rule("product_missing", "quarantined", "the row names no product", "这一行没有商品标识", _REPAIR, _REPAIR_ZH),
    Rule("review_empty", "quarantined", "the row has neither a rating nor words", "这一行既没有评分也没有内容", _REPAIR, _REPAIR_ZH),
    Rule("event_missing", "quarantined", "the row does not say what happened", "这一行没有说明发生了什么", _REPAIR, _REPAIR_ZH),
    Rule("nobody", "quarantined", "the row names neither a customer nor a visitor", "这一行既没有客户也没有访客标识", _REPAIR, _REPAIR_ZH),
    Rule("period_unreadable", "quarantined", "the period ends before it begins, or lasts longer than 366 days", "周期的结束早于开始，或超过 366 天", _REPAIR, _REPAIR_ZH),
    Rule("competitor_missing", "quarantined", "the row names no competitor", "这一行没有竞品店铺", _REPAIR, _REPAIR_ZH),
    Rule("market_empty", "quarantined", "the row has neither a price nor a share nor a volume", "这一行没有价格、份额或销量", _REPAIR, _REPAIR_ZH),
    Rule("rating_unreadable", "quarantined", "the rating is not a number", "评分不是数字", _REPAIR, _REPAIR_ZH),
    # -- duplicates ----------------------------------------------------------------------------------------------------
    Rule("duplicate_row", "duplicate", "the row equals an earlier one in every column, and counts once", "与前面某一行完全相同，只计一次",
         "give --duplicates keep if equal lines are meant", "如确为多次购买，使用 --duplicates keep"),
    Rule("superseded_row", "duplicate", "a later row of the same key says it anew; the later one counts", "同一编号后面还有一行，以后面的为准",
         "nothing to do, unless the numbers should differ", "无需处理，除非编号本应不同"),
    # -- set aside: understood, and not a sale -------------------------------------------------------------------------
    Rule("not_a_sale", "set_aside", "bookkeeping: bad debt, bank charges, commissions, samples", "记账行：坏账、银行手续费、平台佣金、样品",
         "nothing to do; give --map product_id=COLUMN if another column names the product", "无需处理"),
    Rule("stock_movement", "set_aside", "goods moved without money: price 0 and a negative quantity, or price 0 and no customer", "没有金额的出入库：单价为 0 且数量为负，或单价为 0 且无客户",
         "nothing to do; add the customer if it was a gift", "无需处理；如为赠品请补上客户"),
    Rule("negative_price", "set_aside", "a negative price that is not a refund", "单价为负且不是退款", "correct the sign if it was a sale", "如为销售请改正符号"),
    Rule("nothing_sold", "set_aside", "quantity 0 and no amount: nothing changed hands", "数量为 0 且没有金额，没有发生交易", "nothing to do", "无需处理"),
    Rule("draft", "set_aside", "a draft or a deleted order", "草稿或已删除的订单", "nothing to do", "无需处理"),
    Rule("total_row", "set_aside", "a line of totals, which would count everything twice", "合计行，计入会重复", "nothing to do", "无需处理"),
    Rule("reference_only", "set_aside", "read to look up names and words; nothing of it is kept by itself", "仅用于查找名称，本身不保存", "nothing to do", "无需处理"),
    # -- loaded, flagged -----------------------------------------------------------------------------------------------
    Rule("missing_customer", "loaded", "no customer: counted in GMV and orders, not among buyers", "没有客户标识：计入成交额与订单数，不计入购买人数",
         "add the customer's number and load again", "补上客户编号后重新导入"),
    Rule("refund_booked", "loaded", "money given back, booked on its own date", "退款，按退款日期入账", "nothing to do", "无需处理"),
    Rule("refund_without_date", "loaded", "the refund has no date of its own; the order's date stands in", "退款没有日期，以下单日期代替",
         "give the column with --map refunded_at=COLUMN", "用 --map refunded_at=列名 指定退款时间"),
    Rule("refund_of_cancelled", "loaded", "the order is cancelled as a whole, so its refund is not counted a second time", "订单已整单取消，其退款不重复计算", "nothing to do", "无需处理"),
    Rule("refund_assumed_whole", "loaded", "marked as refunded without an amount: the whole total is taken", "标记为已退款但没有金额，按整单退款处理",
         "give the column with --map refund_amount=COLUMN", "用 --map refund_amount=列名 指定退款金额"),
    Rule("unpaid_order", "loaded", "not paid: kept, but never counted in GMV", "未付款：保留，但不计入成交额", "load again after payment", "付款后重新导入"),
    Rule("cancelled_order", "loaded", "cancelled: in GMV, taken off net revenue", "已取消：计入成交额，从净收入中扣除", "nothing to do", "无需处理"),
    Rule("unknown_status", "loaded", "the status is a word nobody knows; taken as placed", "无法识别的订单状态，按已下单处理",
         "say what it means: --status WORD=placed, cancelled or unpaid", "用 --status 状态=placed、cancelled 或 unpaid 说明"),
    Rule("zero_price", "loaded", "price 0 with a customer: a gift or a sample", "单价为 0 且有客户：赠品或样品", "correct the price if it was a sale", "如为销售请改正单价"),
    Rule("quantity_missing", "loaded", "no quantity: taken as 1", "没有数量，按 1 计", "fill in the quantity", "补上数量"),
    Rule("zero_quantity", "loaded", "quantity 0 with an amount: the amount counts", "数量为 0 但有金额：按金额计入", "correct the quantity", "改正数量"),
    Rule("postage_line", "loaded", "postage: in the order's total, not among its units", "运费行：计入订单总额，不计入件数", "nothing to do", "无需处理"),
    Rule("discount_line", "loaded", "a discount written as a line", "折扣行", "nothing to do", "无需处理"),
    Rule("gift_card_line", "loaded", "a gift voucher", "礼品卡", "nothing to do", "无需处理"),
    Rule("manual_line", "loaded", "an amount entered by hand: in the total, not among products", "手工录入的金额：计入总额，不计入商品", "nothing to do", "无需处理"),
    Rule("amount_differs", "loaded", "the written amount is not quantity x unit price; the written amount wins", "行金额不等于数量×单价，以行金额为准",
         "check which column is the price of one", "请确认哪一列是单价"),
    Rule("total_differs", "loaded", "the written order total is not the sum of its parts; the written total wins", "订单总额不等于各项之和，以订单总额为准",
         "check the columns for shipping, tax and discount", "请检查运费、税费与优惠列"),
    Rule("customers_differ", "loaded", "lines of one order name several customers; the first one counts", "同一订单有多个客户，取第一个", _REPAIR, _REPAIR_ZH),
    Rule("dates_differ", "loaded", "lines of one order have several times; the earliest counts", "同一订单有多个下单时间，取最早的", "nothing to do", "无需处理"),
    Rule("equal_lines", "loaded", "lines of one order equal in product, price and quantity; each counts", "同一订单中商品、单价、数量相同的行，分别计入", "nothing to do", "无需处理"),
    Rule("order_without_lines", "loaded", "the order has a total, but its lines are not among the files", "订单有总额，但明细不在给定文件中", "give the file with the lines too", "把明细文件一起导入"),
    Rule("customer_not_found", "loaded", "the customer is not among the files, so the buyer is unknown", "客户不在给定的文件中，按未知客户处理", "give the whole customers file", "给出完整的客户文件"),
    Rule("product_not_found", "loaded", "the product is not among the files", "商品不在给定的文件中", "give the whole products file", "给出完整的商品文件"),
    Rule("reference_missing", "loaded", "refers to an order that is not among the files", "所指的订单不在给定的文件中", "give the file with that order too", "把包含该订单的文件一起导入"),
    Rule("price_unreadable", "loaded", "the price is not a number and stays empty", "价格不是数字，留空", _REPAIR, _REPAIR_ZH),
    Rule("count_unreadable", "loaded", "a counter is not a number and stays empty", "计数不是数字，留空", _REPAIR, _REPAIR_ZH),
    Rule("optional_date_unreadable", "loaded", "a date that is not needed cannot be read and stays empty", "非必需的日期无法识别，留空", _REPAIR, _REPAIR_ZH),
    Rule("no_words", "loaded", "a rating without words", "只有评分，没有内容", "nothing to do", "无需处理"),
)  # fmt: skip

#: Flags counted on every row that meets them, whatever became of it: they tell about the file, not about the load.
ABOUT_THE_FILE = frozenset({"missing_customer"})

#: Each rule's place in the bit mask that a row carries.
BIT: dict[str, int] = {rule: 1 << place for place, rule in enumerate(RULES)}

#: The bits of rules that keep a row out, and of those that only flag it.
QUARANTINED = sum(BIT[rule.id] for rule in RULES.values() if rule.outcome == "quarantined")
FLAGS = sum(BIT[rule.id] for rule in RULES.values() if rule.outcome == "loaded")
