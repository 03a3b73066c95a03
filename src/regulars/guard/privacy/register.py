"""The register of processing (GDPR 30, PIPL 55-56), made from the code: what is kept, for what, where, how long, who receives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regulars.guard.privacy.retention import retention
from regulars.guard.privacy.traces import ID_COLUMNS
from regulars.records import metadata
from regulars.values.csv import Table
from regulars.warehouse.schema import TABLES

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

#: Tables: what they hold and for what, in English and Chinese.
_RECORDS: dict[str, tuple[str, str, str, str]] = {
    "person": ("Names, contacts and addresses", "姓名、联系方式和地址", "Fulfilment and support", "履约与客服"),
    "customer_key": ("Each customer's encryption key", "每位客户的加密密钥", "Protection of personal data", "保护个人信息"),
    "contact_lookup": ("Keyed index of contacts", "联系方式的加密索引", "Finding a customer by contact", "按联系方式查找客户"),
    "sealed_text": (
        "Words of reviews, and what was taken out of events",
        "评价文字及事件中移出的个人信息",
        "Understanding satisfaction; complete copies",
        "了解满意度；完整导出",
    ),
    "consent": ("What people permit and refuse", "同意与拒绝的记录", "Proof of consent", "证明已取得同意"),
    "consent_now": ("What people permit and refuse now", "当前的同意状态", "Asking before acting", "处理前核查同意"),
    "customer_tag": ("Tags given by operators", "人工标签", "Segments and reports", "分群与报表"),
    "churn_warning": ("Changes of churn warning level", "流失预警级别的变化", "Deciding whom to contact", "确定跟进对象"),
    "churn_feedback": ("What support said of warnings", "客服对预警的反馈", "Better warnings", "改进预警"),
    "identity_alias": ("Which ids are one customer", "哪些标识属于同一客户", "Recognising customers", "识别同一客户"),
    "platform_name": ("Platforms' numbers of orders", "平台的订单编号", "Matching refunds and deletions", "匹配退款与删除"),
    "platform_request": ("What platforms asked about personal data", "平台转来的个人信息请求", "Answering in time", "按时答复"),
    "outbox": ("Events told between parts of the system", "系统内部事件", "Operation of the system", "系统运行"),
}
_CLASS_OF = {
    "events": "events",
    "event_log": "event_log",
    "sessions": "events",
    "orders": "orders",
    "order_lines": "orders",
    "refunds": "orders",
    "reviews": "reviews",
}
_SCANS: dict[str, tuple[str, str, str, str]] = {
    "events": ("Behaviour events", "行为事件", "Analytics of behaviour", "行为分析"),
    "sessions": ("Visits cut from events", "由事件切分的访问", "Analytics of behaviour", "行为分析"),
    "event_log": ("What regulars itself did", "系统动作日志", "Measuring what was done", "评估系统动作"),
    "order_facts": ("What messages told of orders", "消息中的订单内容", "Fulfilment and reports", "履约与报表"),
    "session_work": ("Visits to be cut anew", "待重新切分的访问", "Analytics of behaviour", "行为分析"),
    "session_ranges": ("When somebody's events were", "每人事件的时间范围", "Analytics of behaviour", "行为分析"),
    "segment_members": ("Who is in which segment", "分群成员", "Segments and reports", "分群与报表"),
    "orders": ("Orders", "订单", "Fulfilment and reports", "履约与报表"),
    "order_lines": ("Lines of orders", "订单明细", "Fulfilment and reports", "履约与报表"),
    "refunds": ("Refunds", "退款", "Fulfilment and reports", "履约与报表"),
    "customers": ("Region, age group, tier and tags", "地区、年龄段、等级和标签", "Segments and reports", "分群与报表"),
    "reviews": ("Reviews without their words", "评价（不含文字）", "Understanding satisfaction", "了解满意度"),
    "customer_profiles": ("Profiles drawn from orders", "由订单推算的画像", "Segments and reports", "分群与报表"),
    "customer_traits": ("Traits computed of customers", "计算的客户特征", "Segments, reports and likeness", "分群、报表与相似客户"),
    "customer_tags": ("Tags of customers", "客户标签", "Segments and reports", "分群与报表"),
    "customer_values": ("Expected values of customers", "客户预期价值", "Deciding whom to keep", "确定挽留对象"),
    "next_products": ("What customers probably buy again", "客户可能复购的商品", "Reminding in time", "适时提醒"),
    "next_orders": ("Expected next orders", "预计下次购买", "Deciding whom to contact", "确定跟进对象"),
    "churn_scores": ("Churn risk with its reasons", "流失风险及原因", "Deciding whom to contact", "确定跟进对象"),
}
_UPLOADS = "home/uploads"  # files as the shop hands them in: the one place that is not encrypted
#: What is kept beside tables with a customer's number: data, purpose, store, place, fields, encrypted, class, how long otherwise.
_ELSEWHERE: tuple[tuple[str, str, str, str, str, str, tuple[str, ...], bool, str, str, str], ...] = (
    ("Events on their way, as sent", "传输中的原始事件", "Losing nothing", "确保不丢失", "files", "home/journal", ("request body",), True, "", "minutes, until loaded", "数分钟，载入后即删"),
    ("Archive of events", "事件归档", "Making the warehouse anew", "重建数据仓库", "files", "home/events", ("as events",), False, "events", "", ""),
    ("Messages put aside", "隔离的消息", "Repairing and replaying", "修正与重放", "records", "quarantined_event", ("message",), True, "quarantine", "", ""),
    ("Counts of what was not collected", "未采集事件的计数", "Showing what consent keeps out", "说明同意的影响", "records", "uncollected_count", ("source", "reason", "day"), False, "uncollected", "", ""),
    ("Audit trail", "审计日志", "Proof of who did what", "证明操作的责任人", "records", "audit_entry", ("caller", "action", "subject"), False, "audit", "", ""),
    ("Files that were loaded, as rows", "已载入的文件数据", "Making the warehouse anew", "重建数据仓库", "files", "home/imports", ("as orders, customers ...",), False, "", "as long as their tables", "与对应数据表相同"),
    ("Files on their way, as handed in", "传输中的上传文件", "Loading them", "载入数据", "files", _UPLOADS, ("as in the file",), True, "uploads", "until loaded", "载入后即删"),
    ("Bad rows of loaded files", "导入文件中的问题行", "Repairing and loading again", "修正后重新载入", "records", "bad_row", ("row",), True, "bad_rows", "", ""),
    ("Many bad rows of one file", "单个文件的大量问题行", "Repairing and loading again", "修正后重新载入", "files", "home/quarantine", ("row",), True, "bad_rows", "", ""),
)  # fmt: skip
_OTHERS = ("Other data by pseudonym", "其他去标识化数据", "Operation of the system", "系统运行")


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """One line of the register. `identified`: whether it holds direct identifiers or pseudonyms only."""

    data: str
    purpose: str
    store: str
    place: str
    fields: list[str]
    identified: bool
    days: int | None
    recipients: str
    abroad: str
    kept: str = ""  # in words, where no number of days is decided
    encrypted: bool = True  # where it holds direct identifiers


def register(uow: UnitOfWork, shop_id: str, *, language: str = "en") -> list[Processing]:
    """Every kind of data about people that this installation keeps for a shop, as its tables are."""
    zh = language == "zh"
    kept = {one.name: one.days for one in retention(uow, shop_id)}
    nobody, nowhere = ("无", "否") if zh else ("none", "no")
    lines = []
    for table in metadata.sorted_tables:
        if "customer_id" not in table.c or "shop_id" not in table.c:
            continue
        words = _RECORDS.get(table.name, _OTHERS)
        lines.append(
            Processing(
                data=words[1 if zh else 0],
                purpose=words[3 if zh else 2],
                store="records",
                place=table.name,
                fields=[column.name for column in table.columns],
                identified=table.name in ("person", "sealed_text"),
                days=kept.get("consents") if table.name == "consent" else None,
                recipients=nobody,
                abroad=nowhere,
            )
        )
    for name, spec in TABLES.items():
        if not set(ID_COLUMNS) & set(spec.columns):
            continue
        words = _SCANS.get(name, _OTHERS)
        lines.append(
            Processing(
                data=words[1 if zh else 0],
                purpose=words[3 if zh else 2],
                store="warehouse",
                place=name,
                fields=list(spec.columns),
                identified=False,
                days=kept.get(_CLASS_OF.get(name, "")),
                recipients=nobody,
                abroad=nowhere,
            )
        )
    for data, data_zh, why, why_zh, store, place, fields, sealed, name, words_en, words_zh in _ELSEWHERE:
        lines.append(
            Processing(
                data=data_zh if zh else data,
                purpose=why_zh if zh else why,
                store=store,
                place=place,
                fields=list(fields),
                identified=sealed,
                days=kept.get(name),
                recipients=nobody,
                abroad=nowhere,
                kept=words_zh if zh else words_en,
                encrypted=place != _UPLOADS,
            )
        )
    return lines


def register_table(lines: list[Processing]) -> Table:
    """The register as a table."""
    return Table(
        ("data", "purpose", "store", "place", "fields", "identified", "encrypted", "days", "kept", "recipients", "abroad"),
        tuple(
            (
                one.data,
                one.purpose,
                one.store,
                one.place,
                ", ".join(one.fields),
                one.identified,
                one.identified and one.encrypted,
                one.days,
                one.kept,
                one.recipients,
                one.abroad,
            )
            for one in lines
        ),
    )
