"""The e-mail that carries a report: its figures as text, and as a CSV file for those who may export."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate
from html import escape

from regulars.access.domain import Shop
from regulars.understand.reports.asking import kept_table
from regulars.understand.reports.domain.answers import Answered
from regulars.understand.reports.domain.kept import SavedReport
from regulars.values.csv import Table, csv_lines, written

_MOST_ROWS = 40


def letter(
    shop: Shop,
    kept: SavedReport,
    answered: Answered,
    *,
    sender: str,
    to: str,
    language: str,
    link: str,
    key: str,
    with_file: bool,
) -> EmailMessage:
    """One e-mail to one operator. `key` makes its Message-ID: the same moment's mail always has the same one."""
    table = kept_table(answered)
    zh = language == "zh"
    message = EmailMessage()
    message["Subject"] = f"{kept.name} · {shop.name}"
    message["From"] = sender
    message["To"] = to
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    until = f"{answered.as_of:%Y-%m-%d %H:%M} UTC"
    head = f"{kept.name}（{shop.name}）　数据截至 {until}" if zh else f"{kept.name} ({shop.name}), figures up to {until}"
    more = len(table.rows) - _MOST_ROWS
    rest = (f"另有 {more} 行。" if zh else f"{more} more rows. ") if more > 0 else ""
    seen = f"在控制台打开：{link}" if zh else f"Open in the console: {link}"
    message.set_content("\n\n".join((head, _plain(table), rest + seen)))
    message.add_alternative(_html(head, table, rest, link, "在控制台打开" if zh else "Open in the console"), subtype="html")
    if with_file:
        file = "".join(csv_lines(table.columns, table.rows)).encode()
        name = "".join(sign if sign.isalnum() else "-" for sign in kept.name).strip("-") or "report"
        message.add_attachment(file, maintype="text", subtype="csv", filename=f"{name}.csv", params={"charset": "utf-8"})
    return message


def _plain(table: Table) -> str:
    lines = ["\t".join(table.columns), *("\t".join(written(cell) for cell in row) for row in table.rows[:_MOST_ROWS])]
    return "\n".join(lines)


def _html(head: str, table: Table, rest: str, link: str, label: str) -> str:
    cell = 'style="border-bottom:1px solid #e6e5e0;padding:4px 10px;text-align:left"'
    heads = "".join(f"<th {cell}>{escape(name.replace('_', ' '))}</th>" for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td {cell}>{escape(written(one))}</td>" for one in row) + "</tr>" for row in table.rows[:_MOST_ROWS]
    )
    return (
        f'<div style="font-family:sans-serif;font-size:14px;color:#1b1c1a"><p><b>{escape(head)}</b></p>'
        f'<table style="border-collapse:collapse;font-size:13px"><tr>{heads}</tr>{rows}</table>'
        f'<p>{escape(rest)}<a href="{escape(link, quote=True)}">{escape(label)}</a></p></div>'
    )
