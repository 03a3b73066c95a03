"""Help: tickets opened, answered and closed, by whatever help desk tells of them."""

from __future__ import annotations

from regulars.events.ecommerce.vocabulary import ORDER_ID, needed
from regulars.events.specs import EventSpec, PropertySpec, Subject

_TICKET = needed(
    PropertySpec("ticket_id", "string", "the ticket's number", "工单编号", aliases=("ticketId", "conversation_id", "case_id"))
)
_REASON = PropertySpec(
    "reason", "string", "what it is about, in a few words; reports count codes of it", "工单原因（简短）；报告按原因代码统计"
)
_CHANNEL = PropertySpec("channel", "string", "by what it came: email, chat, phone ...", "来源：email、chat、phone 等")
_SUBJECT = PropertySpec("message", "string", "never kept: words of a person", "不保存：个人文字")

SERVICE = Subject(
    "Service",
    "客服",
    (
        EventSpec(
            "Ticket Opened",
            "A customer asked for help. The first message of a ticket_id counts.",
            "客户求助。同一工单编号以第一条为准。",
            (_TICKET, ORDER_ID, _REASON, _CHANNEL, _SUBJECT),
            "regulars",
        ),
        EventSpec(
            "Ticket Answered",
            "A person answered; the first answer ends the response time. Automatic replies are not sent.",
            "客服人员作出答复；首次答复为响应时间的终点。自动回复不发送此事件。",
            (_TICKET, _CHANNEL),
            "regulars",
        ),
        EventSpec("Ticket Closed", "A ticket was closed.", "工单关闭。", (_TICKET, _REASON), "regulars"),
    ),
)
