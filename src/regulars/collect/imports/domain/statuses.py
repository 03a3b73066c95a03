"""Words shops use for the state of an order or a payment, and what each means for counting."""

from __future__ import annotations

from typing import Literal

Meaning = Literal["placed", "cancelled", "closed", "unpaid", "refunded", "draft"]

#: `closed` is Tmall's 交易关闭: never paid, or paid and taken back; the payment tells which.
_WORDS: dict[Meaning, str] = {
    "placed": (
        "placed, paid, processing, completed, complete, shipped, delivered, fulfilled, partial, partially fulfilled, partially paid, partially refunded, authorized, authorised,"
        " invoiced, approved, dispatched, in transit, out for delivery, confirmed, success, successful, closed, received, accepted, ready, ready for shipping,"
        " partially shipped, open, any, new, done, finished, settled, captured, unfulfilled, created, exported,"
        " 交易成功, 卖家已发货, 卖家已发货等待买家确认, 买家已付款, 买家已付款等待卖家发货, 等待卖家发货, 已付款, 已发货, 待发货, 待收货, 已完成, 已签收, 已收货, 交易完成, 部分发货, 已确认, 处理中, 配送中,"
        " 部分退款, 已支付, 支付成功, 完成, 成功, 买家已签收, 待评价, 已评价, 等待买家确认收货, 等待出库, 等待确认收货, 已揽收, 运输中, 商品已发出, to ship, to receive, shipping, shipped to buyer, toship, pending fulfilment, on the way, delivering, packed, ready to ship, 卖家部分发货, 已出库, 待确认收货,"
        " entregue, enviado, pago, aprovado, concluído, concluido, faturado, entregado, pagado, completado, livré, expédié, payé, terminé, geliefert, versandt, versendet, verschickt, in bearbeitung, bezahlt,"
        " abgeschlossen, 発送済み, 完了, 支払済み, 배송완료, 결제완료"
    ),
    "cancelled": (
        "cancelled, canceled, cancel, cancelled by customer, unavailable, rejected, declined, void order, returned to sender, chargeback,"
        " 已取消, 取消, 订单取消, 交易取消, 已撤销, 已作废, 作废, 用户取消, 卖家取消, 已退货, cancelado, cancelada, annulé, annulée, storniert, abgebrochen, キャンセル, 취소"
    ),
    "closed": "交易关闭, 已关闭, 关闭, 订单关闭, 付款以后用户退款成功交易自动关闭",
    "unpaid": (
        "unpaid, pending, pending payment, payment review, to pay, awaiting payment, on hold, failed, expired, voided, payment pending, not paid, overdue, payment failed, checkout draft,"
        " 等待买家付款, 待付款, 未付款, 待支付, 未支付, 付款前卖家或买家主动关闭交易, 没有创建支付宝交易, aguardando pagamento, pendente, pendiente, en attente, ausstehend, offen,"
        " unbezahlt, 未払い, 입금대기"
    ),
    "refunded": "refunded, fully refunded, returned, 已退款, 退款成功, 全额退款, 退款完成, 已全额退款, reembolsado, devolvido, devuelto, remboursé, remboursée, erstattet, 返金済み, 환불",
    "draft": "draft, auto draft, trash, deleted, checkout draft order, test, 草稿, 已删除, 测试",
}


def plain_status(word: str) -> str:
    """The form status words are compared in; `queries/verdicts.py` builds the same in SQL."""
    for mark in "-_,，、:： ":
        word = word.replace(mark, "")
    return word.removeprefix("wc").casefold().strip() if word.casefold().startswith("wc") else word.casefold().strip()


STATUS_MEANINGS: dict[str, Meaning] = {
    plain_status(word): meaning for meaning, words in _WORDS.items() for word in words.split(",") if word.strip()
}
