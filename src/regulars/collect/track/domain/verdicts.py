"""Why a message is put aside, in the reader's words, with what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its code, what it says and how to mend it, in English and Chinese."""

    code: str
    says: str
    says_zh: str
    mend: str
    mend_zh: str


def _table(*reasons: Reason) -> dict[str, Reason]:
    return {reason.code: reason for reason in reasons}


_SEND = "correct the message and replay it"
_SEND_ZH = "改正消息后重放"

REASONS: dict[str, Reason] = _table(
    Reason("not_an_object", "the message is not a JSON object", "消息不是 JSON 对象", _SEND, _SEND_ZH),
    Reason("bad_text", "the message holds text that is not valid Unicode, or a NUL", "消息含有无效的 Unicode 文本或空字符", _SEND, _SEND_ZH),
    Reason("too_large", "the message is larger than 32 KB", "消息超过 32 KB", "send less in one message, for example fewer products", "减少单条消息的内容，例如商品数量"),
    Reason("unknown_type", "the message's type is none of track, page, screen, identify, group, alias", "消息类型不是 track、page、screen、identify、group、alias 之一", _SEND, _SEND_ZH),
    Reason("no_event_name", "a track message has no event name", "track 消息没有事件名", _SEND, _SEND_ZH),
    Reason("bad_event_name", "the event name is longer than 200 characters or holds control signs", "事件名超过 200 个字符或含有控制字符", _SEND, _SEND_ZH),
    Reason("no_identity", "the message has neither userId nor anonymousId", "消息既没有 userId 也没有 anonymousId", "add one of them and replay it", "补上其中之一后重放"),
    Reason("illegal_id", "the id is one that many clients send by mistake, such as null or undefined", "标识是常见的误传值，如 null 或 undefined", "send the customer's own id", "请传客户自己的标识"),
    Reason("bad_time", "a time of the message cannot be read", "消息中的时间无法识别", "write it as 2026-11-01T09:30:00Z and replay it", "写成 2026-11-01T09:30:00Z 后重放"),
    Reason("in_the_future", "the message's time is more than 24 hours ahead", "消息时间超前 24 小时以上", "check the sender's clock, correct the time and replay it", "检查发送方时钟，改正时间后重放"),
    Reason("too_old", "the message's time is before 1990", "消息时间早于 1990 年", _SEND, _SEND_ZH),
    Reason("bad_properties", "properties, traits or context is not an object", "properties、traits 或 context 不是对象", _SEND, _SEND_ZH),
    Reason("unexpected", "the message could not be understood, by a fault of ours", "由于系统自身的问题，未能识别该消息", "update regulars, then replay it", "升级 regulars 后重放"),
    Reason("bad_payload", "a platform's message lacks a value or has one that cannot be read", "平台消息缺少某个值，或其中的值无法识别", "correct the body and send it with `POST /v1/webhook_sources/{source_id}/replays`", "改正内容后，用 `POST /v1/webhook_sources/{source_id}/replays` 重新提交"),
    Reason("bad_json", "a platform's message is no JSON object", "平台消息不是 JSON 对象", "correct the body and send it with `POST /v1/webhook_sources/{source_id}/replays`", "改正内容后，用 `POST /v1/webhook_sources/{source_id}/replays` 重新提交"),
    Reason("schema", "the event breaks its schema, and this source enforces it", "事件不符合约定的结构，而该来源要求严格校验", "correct the property, or let the source warn only", "改正属性，或将来源改为仅提示"),
    Reason("no_consent", "what this customer does may not be collected: consent is missing or was withdrawn", "未取得或已撤回同意，不能采集该客户的行为", "discard it; with a new consent it can be replayed", "请丢弃；客户重新同意后可以重放"),
)  # fmt: skip
