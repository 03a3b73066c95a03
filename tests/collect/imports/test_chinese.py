"""Load reports for a Chinese reader: no sentence stays English."""

from __future__ import annotations

import ast
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook
from rich.console import Console

import regulars.collect.imports.readers as readers
from regulars.cli import load_report
from regulars.cli.printing import Printer
from regulars.collect.imports.domain import Kind, LoadReport
from regulars.collect.imports.domain.chinese import say
from regulars.collect.imports.domain.layouts import LAYOUTS
from regulars.collect.imports.domain.rules import RULES
from tests.collect.imports.conftest import Desk
from tests.collect.imports.test_layouts import SHOPIFY, TMALL


def _sheet() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Orders, 2024"
    sheet.append(["Report of March"])
    sheet.append(["order id", "date", "customer", "amount", ""])
    for number in range(1, 30):
        sheet.append([f"A{number}", f"2024-03-{number:02d}", number % 5, 12.5, None])
    book.create_sheet("Notes").append(["nothing"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


_DATED = "order id,date,customer id,amount,quantity\n"
_RETAIL = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n" + "".join(
    f"5360{n % 7},8512{n % 3},Lamp {n},{n % 4 - 1},2010-12-0{n % 9 + 1} 08:26:00,2.55,1785{n % 2}.0,UK\n" for n in range(40)
)

FILES: dict[str, tuple[str, bytes, Kind]] = {
    "Shopify": ("orders.csv", SHOPIFY.encode(), "orders"),
    "Taobao": ("订单报表.csv", TMALL.encode("gb18030"), "orders"),
    "UCI": ("online.csv", _RETAIL.encode(), "orders"),
    "no header": ("list.csv", b"".join(b"C%d,2024-01-%02d,%d.50\n" % (n % 4, n + 1, n) for n in range(25)), "orders"),
    "German": (
        "b.csv",
        "Bestellnummer;Bestelldatum;Kundennummer;Gesamtbetrag\nB-1;03.02.2024;K77;1.234,50 €\nB-2;14.02.2024;K78;99,00 €\n".encode("cp1252"),
        "orders",
    ),
    "day or month": ("us.csv", (_DATED + "1,03/04/2024,c,\"1,234\",2\n2,05/06/2024,d,\"2,345\",x\n").encode("utf-8-sig"), "orders"),
    "month first": ("us.csv", (_DATED + "1,03/14/2024 2:05 PM,c,$12.50,2 pcs\n2,13/04/2024,0,(3.00),1\n,zzz,2.05E+17,x,9\n").encode(), "orders"),
    "ragged": ("bad.csv", (_DATED + "1,2024-01-01,c,5,1\n2,2024-01-02,c\n2,2024-01-02,c,7,1\n2,2024-01-02,c,7,1\n").encode(), "orders"),
    "one line an order": ("few.csv", b"date,amount\n2024-01-01,5\n2099-01-02,6\n1990-01-01,7\n", "orders"),
    "per line": ("p.csv", b"order id,date,customer email,sku,unit price,quantity,shipping,order total\n1,1709251200,a@b.co,X,5,1,1,6\n1,1709251200,a@b.co,Y,5,2,2,12\n", "orders"),
    "JSON lines": (
        "orders.jsonl",
        "\n".join([*(json.dumps({"order_id": n, "created_at": f"2024-05-0{n}T10:00:00Z", "buyer": {"email": f"a{n}@b.co"}, "total": 9.5}) for n in range(1, 9)), "oops"]).encode(),
        "orders",
    ),
    "JSON document": ("o.json", json.dumps({"orders": [{"order id": "1", "date": "2024年5月1日", "amount": "5元"}]}).encode(), "orders"),
    "XLSX": ("book.xlsx", _sheet(), "orders"),
    "customers": ("c.csv", b"customer id,email,name,registered at,birth date\n1,a@b.co,Ann,2024-01-01,1990-02-03\n2,c@d.co,Bob,2024-01-02,\n1,a@b.co,Ann,bad,\n", "customers"),
    "products": ("p.csv", "商品编号,商品名称,售价,库存,更新时间\n1,茶,12.50,3,2024-01-01\n1,茶,¥13,x,2024-01-02\n".encode(), "products"),
    "reviews": ("r.csv", b"product id,rating,review,date,recommended\n1,5,good,2024-01-01,yes\n2,x,,2024-01-02,no\n3,4,,2024-01-03,yes\n", "reviews"),
}  # fmt: skip


def _chinese(text: str, *names: str) -> bool:
    """Whether a sentence is Chinese once the names in it are taken out."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return re.search("[\u4e00-\u9fff]", text) is not None and re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", text) is None


def _sentences(report: LoadReport) -> list[str]:
    found = [*report.assumptions, report.currency_why, report.timezone_why, *(problem.says for problem in report.problems)]
    for file in report.files:
        found += [file.layout_title, *file.notices, *(column.reads_as for column in file.columns if column.reads_as)]
    return found + [problem.mend for problem in report.problems]


@pytest.mark.parametrize("form", FILES)
def test_no_sentence_of_a_dry_run_stays_english(desk: Desk, form: str) -> None:
    name, content, kind = FILES[form]

    report = desk.plan(desk.file(name, content), kind=kind)

    names = [column.column for file in report.files for column in file.columns] + [
        name for file in report.files for name in file.unmapped
    ]
    assert [text for text in _sentences(report) if not _chinese(say(text, "zh"), *names)] == []
    assert [text for text in _sentences(report) if say(text, "en") != text] == []


def test_no_sentence_stays_english_where_rates_zones_and_signs_are_given(desk: Desk) -> None:
    text = 'order id,date,customer id,amount,currency\n1,03/04/2024 10:00,c,"1,50",USD\n2,05/04/2024 10:00,d,"2,00",EUR\n'
    from decimal import Decimal

    report = desk.plan(
        desk.file("o.csv", text),
        rates={"USD": Decimal("7.1")},
        timezone="Europe/Paris",
        date_order="dmy",
        decimal=",",
        maps={"order_id": "order id"},
    )

    assert [text for text in _sentences(report) if not _chinese(say(text, "zh"))] == []
    assert "按 USD=7.1 换算；币种为 EUR 的行放入隔离区" in say(report.currency_why, "zh")


def test_every_notice_of_the_readers_has_its_chinese() -> None:
    said = []
    for path in sorted(Path(readers.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Notice" and len(node.args) > 1:
                message = node.args[1]
                parts = message.values if isinstance(message, ast.JoinedStr) else [message]
                said.append("".join(str(part.value) if isinstance(part, ast.Constant) else "3" for part in parts))

    assert len(said) > 15
    assert [text for text in said if not _chinese(say(text, "zh"))] == []


def test_every_layout_and_rule_has_its_chinese() -> None:
    said = [text for layout in LAYOUTS for text in (layout.title, *layout.assumptions)]
    said += [text for rule in RULES.values() for text in (rule.says, rule.mend)]

    assert [text for text in said if not _chinese(say(text, "zh"), "Women's Clothing E-Commerce Reviews")] == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("CSV, semicolon, UTF-8 with byte order mark, gzip, no header", "CSV，分号分隔，UTF-8（带 BOM），gzip，无表头"),
        ("XLSX, sheet 'Orders, 2024'", "XLSX，工作表“Orders, 2024”"),
        ("JSON lines, UTF-8", "JSON（每行一个对象），UTF-8"),
        ("decimal sign a comma, because 1,312 rows can only be read so", "小数点为英文逗号，因为有 1,312 行只能这样读"),
        (
            "written as DD.MM.YYYY hh:mm in 3 rows, year-month-day in 1 row, some with their offset from UTC; 2 rows cannot be read",
            "写法：DD.MM.YYYY hh:mm（3 行）、年-月-日（1 行），部分带有时区偏移；2 行无法识别",
        ),
        (
            "Date; of order: ambiguous: read as day/month/year, as no value has a number above 12; say --date-order mdy if it is the other way",
            "Date; of order：有歧义，按日/月/年读取，因为没有大于 12 的数字；如应相反，请指定 --date-order mdy",
        ),
        ("yes in 4 different values of 9", "9 行中有 4 个不同的值为“是”"),
        ("the order total differs between the lines of an order and is not read", "同一订单各行的“订单总额”不同，未读取"),
        ("a sentence nobody knows; and one more", "a sentence nobody knows; and one more"),
    ],
)
def test_names_and_numbers_are_taken_over(english: str, chinese: str) -> None:
    assert say(english, "zh") == chinese
    assert say(english, "en") == english


def test_the_shell_prints_the_report_in_chinese_and_on_the_shops_days(desk: Desk) -> None:
    text = (
        "order id,date,customer id,amount,currency\n"
        "1,2024-03-01T23:30:00Z,c,5,CNY\n2,2024-03-03T17:00:00Z,d,6,EUR\n3,2024-03-03T18:00:00Z,d,7,CNY\n"
    )
    report = desk.load_text(text, "o.csv")
    screen = io.StringIO()

    load_report.show(Printer(Console(file=screen, width=500), replace(desk.shop, language="zh"), "zh"), report)

    printed = screen.getvalue()
    assert "2024-03-02 .. 2024-03-04" in printed
    assert "隔离" in printed
    assert "quarantined" not in printed
    assert "下单时间（ordered_at） = date" in printed
    assert re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", printed) is None


def test_the_mend_of_another_currency_names_no_currency_of_its_own() -> None:
    assert "--rate CODE=RATE" in RULES["other_currency"].mend
    assert "USD" not in RULES["other_currency"].mend_zh
