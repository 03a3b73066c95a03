"""Header words in the languages shops export in, and the plain form headers are compared in.

Each field lists its words in tiers, the clearest before the first bar: `date` is taken for the order's time only when no column
says `order date`. Two columns that fit one field equally well are asked about, never guessed between.
"""

from __future__ import annotations

import re
import unicodedata

from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.market_words import COMPETITION, COSTS

_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MARKS = re.compile(r"[\s_\-./:：#*?!'\"`´,;|\\]+")


def plain(header: str) -> str:
    """A header without case, marks, brackets and blanks at its ends: `CustomerID`, `customer_id`, ` Customer ID ` are one."""
    text = unicodedata.normalize("NFKC", header).replace("\ufeff", "")
    text = _CAMEL.sub(" ", _BRACKETS.sub(" ", text) if _BRACKETS.sub("", text).strip() else text)
    return _MARKS.sub(" ", text).strip().casefold()


_SIGNS: dict[str, str] = {"$": "USD", "£": "GBP", "€": "EUR", "R$": "BRL"}


def currency_in(header: str) -> str | None:
    """The ISO code written in a header such as `Amount (USD)` or `金额（元）`, if any."""
    for inside in _BRACKETS.findall(unicodedata.normalize("NFKC", header)):
        word = str(inside)[1:-1].strip()
        if re.fullmatch(r"[A-Z]{3}", word):
            return word
        if word in ("元", "人民币", "¥", "￥", "RMB"):
            return "CNY"
        if word in _SIGNS:
            return _SIGNS[word]
    return None


_CUSTOMER = {
    "customer_id": (
        "customer id, customer no, customer number, customer code, client id, client no, buyer id, user id, member id, shopper id, household id,"
        " household key, customer key, customer ref, account id, account number, cust id, uid, customer unique id, cardholder id, loyalty id, 客户编号, 客户id,"
        " 会员id, 会员编号, 会员号, 会员卡号, 用户id, 用户编号, 买家id, 顾客编号, 客户号, id cliente, cliente id, codigo cliente, código cliente, id do cliente,"
        " codigo do cliente, código do cliente, numero client, numéro client, id client, kundennummer, kunden id, kundennr, 顧客id, 顧客番号, 会員id, 고객번호, 고객 id"
        " | customer, client, buyer, member, user, shopper, 客户, 会员, 用户, 买家, 顾客, cliente, kunde, 顧客"
    ),
    "customer_email": (
        "email, e mail, customer email, buyer email, billing email, email address, customer e mail, contact email, user email, client email, 邮箱,"
        " 电子邮箱, 客户邮箱, 买家邮箱, 邮箱地址, 电子邮件, e mail do cliente, email do cliente, correo, correo electronico, correo electrónico, courriel, mail |"
        " billing email address, shipping email"
    ),
    "customer_account": (
        "买家会员名, 买家昵称, 买家旺旺, 买家账号, 买家帐号, 会员名, 会员昵称, 会员账号, 客户账号, 客户网名, 客户昵称, 下单账号, 下单帐号, 用户名, 用户昵称, 买家网名, 旺旺号,"
        " 买家支付宝账号, buyer username, username, user name, nickname, buyer nick, account name, login, buyer user id, buyer username id"
        " | 昵称, 账号, screen name"
    ),
    "customer_phone": (
        "phone, phone number, mobile, mobile phone, mobile number, customer phone, billing phone, telephone, tel, cell phone, 手机, 手机号, 手机号码, 联系手机,"
        " 联系电话, 电话, 电话号码, 买家手机, 收货人手机, 收件人手机, 收货人电话, 收件人电话, 客户电话, telefone, celular, teléfono, telefono, téléphone, telefon"
        " | shipping phone, 收货人联系方式, 联系方式"
    ),
    "customer_name": (
        "customer name, client name, buyer name, billing name, full name, recipient name, name of customer, 客户姓名, 客户名称, 收货人, 收货人姓名, 收件人,"
        " 收件人姓名, 买家姓名, 姓名, 会员姓名, 顾客姓名, 真实姓名, nome do cliente, nome cliente, nombre del cliente, nombre cliente, nom du client, kundenname,"
        " 顧客名, 氏名 | shipping name, recipient, contact name"
    ),
    "customer_address": (
        "address, shipping address, shipping street, shipping address1, delivery address, street address, billing street, 收货地址, 收件地址, 详细地址, 地址,"
        " 收货人地址, 收件人地址, 买家地址, endereco, endereço, direccion, dirección, adresse, anschrift, 住所 | billing address, billing address1, billing address 1,"
        " shipping address 1, address 1, address1"
    ),
}

_PLACE = {
    "country": (
        "country, shipping country, customer country, country code, delivery country, ship country, 国家, 国家地区, 收货国家, pais, país, pays, land, 国 |"
        " billing country"
    ),
    "region": (
        "region, state, province, shipping province, shipping state, customer state, shipping region, county, ship state, state code, shipping province name,"
        " 省, 省份, 省市, 收货省份, 收件省份, 收货人省份, 地区, 所在省份, 收货人所在省, estado, uf, provincia, bundesland, 都道府県 | billing province, billing state,"
        " billing province name"
    ),
    "city": (
        "city, shipping city, customer city, town, ship city, 城市, 市, 收货城市, 收件城市, 收货人城市, 所在城市, cidade, ciudad, ville, stadt, ort, 市区町村 | billing city"
    ),
}

_ORDERS = {
    **_CUSTOMER,
    **_PLACE,
    "order_id": (
        "order id, order no, order number, order nr, orderid, order code, order ref, order reference, sales order, order name, amazon order id, so number, 订单编号, 订单号, 订单id, 订单号码, 主订单编号, 主订单号, 交易编号, 交易号, 单号, 订单,"
        " 流水号, 小票号, 单据编号, 销售单号, 原始单号, 平台单号, 父订单号, 订单流水号, id do pedido, pedido, numero do pedido, número do pedido, pedido id, id pedido, codigo do pedido,"
        " código do pedido, numero pedido, número de pedido, n pedido, numéro de commande, commande, no commande, bestellnummer, bestell nr, auftragsnummer,"
        " rechnungsnummer, ordernummer, 注文番号, 注文id, 受注番号, 주문번호, 訂單編號, 訂單號碼 | invoice no, invoice number, invoice id, invoice, order, transaction id, transaction no, transaction number, basket id,"
        " receipt no, receipt number, receipt id, receipt, bill no, document number, ticket number, purchase id, sale id | transaction, reference, bill, no, number, 编号"
    ),
    "line_id": (
        "line id, line item id, lineitem id, order item id, order line id, line item order item id, line number, line no, item number, order product id, 子订单编号, 子订单号, 子单号, 商品行号, 明细编号, 行号"
    ),
    "ordered_at": (
        "order date, ordered at, order time, order datetime, order created at, order timestamp, order purchase timestamp, date of order,"
        " date ordered, order created, order date and time, order placed, order placed at, order create time, order creation date, order creation time, 订单创建时间, 下单时间, 下单日期, 订单日期, 订单时间, 创建时间, 拍下时间, 订单提交时间, 成交时间, 交易时间, 交易日期, 购买时间, 购买日期, 销售日期, 订购时间, 消费时间,"
        " 消费日期, 订单生成时间, data do pedido, data da compra, data pedido, data compra, fecha del pedido, fecha de pedido, fecha pedido, fecha de compra,"
        " date de commande, date commande, date d achat, bestelldatum, bestellt am, kaufdatum, rechnungsdatum, auftragsdatum, 注文日時, 注文日, 受注日, 주문일,"
        " 주문일시, 訂單日期, 下單時間 | purchase date, invoice date, purchased at, transaction date,"
        " transaction time, transaction timestamp, sale date, sold at, placed at, receipt date, date of purchase, invoice time, created at, created date, date created,"
        " creation date, create time | date, datetime, timestamp, day, time stamp, created, 日期, 时间, data, fecha, datum, 日付"
    ),
    "ordered_time": "time, order hour, time of day, time of order, transaction hour, 时刻, hora, uhrzeit, 時刻",
    "quantity": (
        "quantity, qty, units, item quantity, lineitem quantity, line item quantity, line item qty, line quantity, order quantity, quantity ordered, qty ordered, units sold, quantity purchased,"
        " number of items, no of items, item count, item qty, product quantity, quantity sold, cds, 数量, 购买数量, 商品数量, 宝贝总数量, 宝贝数量, 件数, 销售数量, 商品件数, 下单数量,"
        " 购买件数, 销量, 商品购买数量, quantidade, qtd, qtde, cantidad, quantité, quantite, menge, anzahl, 個数, 수량, 數量 | pieces, pcs, count, items, volume"
    ),
    "unit_price": (
        "unit price, item price, lineitem price, line item price, line item unit price, price each, price per unit, unit amount, price unit, 单价, 商品单价, 销售单价, 售价, 宝贝单价, 商品价格, 成交单价, 实际单价, 销售价, preco unitario, preço unitário,"
        " valor unitario, valor unitário, precio unitario, prix unitaire, einzelpreis, stückpreis, stueckpreis, 単価, 單價 | price, 价格, selling price, product price,"
        " sale price, item cost, net price, preco, preço, precio, prix, preis, 가격 | retail price, mrp, list price, rate"
    ),
    "line_amount": (
        "line amount, line total, item total, line item total, line item amount, lineitem total, line price, extended price, item amount, line revenue, product total,"
        " order line total, item subtotal, line subtotal, 行金额, 小计, 商品总额, 明细金额, 商品实付金额, 商品金额小计, valor do item, valor da linha |"
        " amount, sales, sales value, sales amount, revenue, turnover, spend, net sales, total price, price total, 金额, 销售额, 成交金额, 销售金额, 消费金额, 交易金额, 付款额,"
        " valor, importe, montant, betrag, umsatz, 金額, 금액, dollars | gross sales, value, net amount, net value"
    ),
    "line_discount": "line discount, item discount, lineitem discount, line item discount, line item total discount, discount per item, 商品优惠, 行优惠, 单品优惠",
    "order_total": (
        "order total, grand total, order amount, order value, order total amount, total order value, invoice total,"
        " order revenue, cart total, total incl tax, 总金额, 订单金额, 订单总额, 订单总金额, 订单应付金额, | total, total amount, total paid, amount total, total price paid, 总计, 合计, 应付金额, 应付总额, 总价, 应收金额,"
        " valor total, valor do pedido, total do pedido, total del pedido, importe total, montant total, total commande, gesamtbetrag, gesamtsumme, summe,"
        " bestellwert, 合計, 合計金額, 주문금액, 總金額 | total value, total cost, total sales"
    ),
    "items_total": (
        "subtotal, sub total, items total, order subtotal, merchandise total, goods total, products total, cart subtotal, order subtotal amount, 商品总金额, 商品总价, 货款金额,"
        " 商品金额, 商品合计, 买家应付货款小计, 货款, zwischensumme, sous total, 小計"
    ),
    "shipping": (
        "shipping, shipping cost, shipping amount, shipping fee, shipping price, delivery cost, delivery fee, freight, freight value, postage, order shipping,"
        " order shipping amount, shipping total, shipping charge, 运费, 邮费, 买家应付邮费, 快递费, 配送费, 物流费, 买家支付邮费, frete, valor do frete, envio, gastos de envio, frais de port, livraison,"
        " versand, versandkosten, 送料, 배송비, 運費"
    ),
    "tax": "tax, taxes, vat, tax amount, sales tax, order tax, tax total, order total tax, order tax amount, total tax, 税费, 税额, 税金, imposto, impuesto, tva, mwst, 消費税",
    "discount": (
        "discount, discount amount, discounts, order discount, total discount, coupon amount, discount total, cart discount, order discount amount, cart discount amount,"
        " coupon discount, promo discount, 优惠金额, 折扣, 折扣金额, 优惠, 店铺优惠, 优惠券金额, 总优惠, 订单优惠, 平台优惠, 促销优惠, desconto, descuento, remise, rabatt, 割引"
    ),
    "refund_amount": (
        "refund amount, refunded amount, refund, refunds, refunded, amount refunded, total refunded, refund total, return amount, order refund amount, order refund,"
        " 退款金额, 退款额, 已退款金额, 退货金额, 买家退款金额, reembolso, valor reembolsado, importe reembolsado, montant remboursé, rückerstattung, erstattung, 返金額"
    ),
    "refunded_at": "refunded at, refund date, refund time, date refunded, refunded on, return date, 退款时间, 退款完成时间, 退款日期, 退货时间",
    "refund_reason": (
        "refund reason, return reason, reason for return, reason for refund, cancellation reason, 退款原因, 退货原因, 售后原因, 退款退货原因, 买家退款原因, 申请退款原因,"
        " motivo da devolução, motivo de devolución, rückgabegrund | reason, 原因"
    ),
    "shipped_at": (
        "shipped at, ship date, shipping date, shipped date, date shipped, shipped on, dispatch date, dispatched at, dispatch time, fulfilled at, fulfillment date, sent at,"
        " order delivered carrier date, 发货时间, 发货日期, 订单发货时间, 卖家发货时间, 出库时间, 揽收时间, data de envio, fecha de envío, versanddatum, date d expédition, 発送日"
    ),
    "delivered_at": (
        "delivered at, delivered date, date delivered, delivered on, delivered time, delivery time, received at, order delivered customer date, actual delivery date, 签收时间, 签收日期,"
        " 送达时间, 实际送达时间, 妥投时间, 收货时间, 确认收货时间, 订单确认收货时间, data de entrega, fecha de entrega, lieferdatum, date de livraison, 配達日 | delivery date"
    ),
    "promised_at": (
        "promised at, promised date, promised delivery date, promise date, estimated delivery date, expected delivery date, estimated delivery, expected delivery, order estimated delivery date,"
        " latest delivery date, delivery due date, eta, 承诺送达, 承诺送达时间, 承诺送达日期, 预计送达, 预计送达时间, 预计送达日期, 预计到达时间, 应送达时间, 最晚送达时间,"
        " previsão de entrega, fecha estimada de entrega | due date"
    ),
    "status": (
        "status, order status, order state, state of order, fulfilment state, 订单状态, 状态, 交易状态, 订单当前状态, status do pedido, estado del pedido, statut, bestellstatus,"
        " 注文状態, 주문상태, 訂單狀態"
    ),
    "payment_status": "financial status, payment status, payment state, paid status, 付款状态, 支付状态",
    "cancelled_at": "cancelled at, canceled at, cancel date, cancelled date, date cancelled, cancellation date, 取消时间, 订单关闭时间, 关闭时间",
    "paid_at": (
        "paid at, payment date, date paid, payment time, paid date, order paid at, order approved at, payment datetime, 订单付款时间, 付款时间, 支付时间, 付款日期, 支付日期, 付款确认时间"
    ),
    "paid_amount": (
        "paid amount, amount paid, payment amount, payment value, 买家实际支付金额, 实付金额, 实际支付金额, 支付金额, 买家实付, 实收金额, 实付款, 买家实付金额, 付款金额, 实付, 买家支付金额, 实际付款, 已付金额"
    ),
    "currency": "currency, currency code, order currency, 币种, 货币, moeda, moneda, devise, währung, waehrung, 通貨, 통화",
    "product_id": (
        "product id, sku, stock code, item id, product code, item code, article number, article no, asin, lineitem sku, line item sku, line item product code, product sku, item sku, variant sku, upc,"
        " ean, barcode, product no, product number, part number, merchant sku, seller sku, material, isbn, style number, 商品编号, 商品id, 宝贝id, 商品编码, 商家编码, 货号, 商品货号,"
        " 产品编号, sku编码, sku id, 商品sku, 规格编码, 商品代码, 商品条码, 条码, 产品id, 商品数字id, id do produto, codigo do produto, código do produto, id producto, código producto,"
        " artikelnummer, artikel nr, référence, reference produit, 商品コード, 商品番号, 상품번호, 商品編號 | line item product id, product ref, line id sku, code, item no, model"
    ),
    "product_name": (
        "product name, description, item name, product title, lineitem name, line item name, line item title, line item product name, item title, product description, title, item description, article name, product, item, article,"
        " stock description, 商品名称, 商品标题, 宝贝标题, 宝贝名称, 产品名称, 商品, 商品名, 标题, 品名, 货品名称, 商品信息, nome do produto, produto, nombre del producto, producto, produit,"
        " nom du produit, artikel, artikelname, produktname, bezeichnung, 商品タイトル, 상품명, 商品名稱 | details, goods, name of product, line item"
    ),
    "category": (
        "category, product category, category name, product category name, department, product type, item category, categories, product group, 类目, 品类, 商品类目,"
        " 分类, 商品分类, 一级类目, 宝贝分类, 商品类别, 类别, categoria, categoría, catégorie, kategorie, カテゴリ, 카테고리 | sub category, subcategory, class, family, type, 二级类目"
    ),
    "brand": "brand, brand name, vendor, manufacturer, lineitem vendor, 品牌, 商品品牌, marca, marque, marke, ブランド, 브랜드",
    "variant": (
        "variant, variant title, variation, option, options, size colour, sku name, item variant, variant name, 规格, 商品属性, 商品规格, 颜色分类, 宝贝属性, sku属性, 款式, 属性, 规格名称,"
        " variacao, variação, variante | colour, color, size"
    ),
    "seller": "seller, seller id, seller name, merchant, merchant id, 卖家, 商家, 供应商, 商家名称, vendedor, verkäufer | supplier",
    "shop": "shop, shop name, shop id, store name, 店铺名称, 店铺, 店铺名, 门店, 门店名称, 网店名称, 店名, loja, tienda, boutique, 店舗",
    "channel": (
        "channel, source, sales channel, order source, source name, marketplace, platform, order channel, store id, store, device, branch, 渠道, 订单来源, 来源, 平台, 销售渠道, 来源渠道,"
        " canal, kanal, チャネル | source platform, traffic source, medium"
    ),
    "coupon": "coupon, coupon code, discount code, promo code, promotion code, voucher, coupons, 优惠券, 优惠码, 优惠券码, 优惠券编号, cupom, cupón, gutschein, クーポン",
}

_CUSTOMERS = {
    **_CUSTOMER,
    **_PLACE,
    "customer_id": _CUSTOMER["customer_id"].replace(" | ", " | id, ", 1),
    "customer_name": _CUSTOMER["customer_name"] + ", name, 名称, nome, nombre, nom",
    "first_name": "first name, firstname, given name, forename, billing first name, 名, nome próprio, vorname, prénom",
    "last_name": "last name, lastname, surname, family name, billing last name, 姓, sobrenome, apellido, nachname",
    "registered_at": (
        "registered at, registration date, signup date, sign up date, created at, date created, customer since, join date, joined at, member since, date registered,"
        " first seen, sign up, 注册时间, 注册日期, 入会时间, 开卡时间, 创建时间, 建档时间, data de cadastro, fecha de registro, registriert am | date, created"
    ),
    "gender": "gender, sex, 性别, genero, gênero, género, geschlecht, sexe, 性別",
    "birth_date": "birth date, birthday, date of birth, dob, birthdate, 生日, 出生日期, 出生年月, data de nascimento, fecha de nacimiento, geburtsdatum",
    "birth_year": "birth year, year of birth, year birth, 出生年份, 出生年",
    "tier": "tier, level, membership, membership level, loyalty tier, customer group, member level, 会员等级, 等级, 会员级别, 客户等级, 用户等级",
    "channel": "channel, source, acquisition channel, signup source, utm source, 渠道, 来源, 来源渠道, 注册渠道, 获客渠道",
    "tags": "tags, labels, segments, 标签, 客户标签, 会员标签",
    "shop": _ORDERS["shop"],
}

_PRODUCTS = {
    "product_id": _ORDERS["product_id"].replace(" | ", ", id, handle, listing id, num iid | ", 1),
    "product_name": "name, 名称, " + _ORDERS["product_name"],
    "category": _ORDERS["category"],
    "brand": _ORDERS["brand"],
    "seller": _ORDERS["seller"] + ", shop owner",
    "price": "price, 价格, 售价, selling price, current price, variant price, 现价, 促销价 | regular price, 一口价 | "
    + _ORDERS["unit_price"],
    "cost": "cost, unit cost, cost price, cost per item, purchase price, 成本, 成本价, 进价, 采购价, custo, costo, einkaufspreis",
    "currency": _ORDERS["currency"],
    "stock": "stock, inventory, stock quantity, quantity in stock, variant inventory qty, available, quantity, 库存, 库存数量, 可售库存, estoque, existencias, bestand, lagerbestand, 在庫",
    "status": "status, state, availability, published, 状态, 商品状态, 上架状态",
    "observed_at": "update time, updated at, observed at, snapshot date, last updated, date updated, modified at, 更新时间, 统计日期, 采集时间, 抓取时间 | date, 日期",
    "sold_total": "sale count, sold, total sold, units sold, sales count, sold count, total sales, 销量, 累计销量, 月销量, 总销量, 已售",
    "review_total": "comment count, review count, reviews, number of reviews, comments, 评论数, 评价数, 累计评价, 评论量",
    "shop": _ORDERS["shop"],
}

_REVIEWS = {
    **{name: _CUSTOMER[name] for name in ("customer_id", "customer_email", "customer_account", "customer_phone", "customer_name")},
    "review_id": "review id, comment id, id, 评价编号, 评论id, 评价id, review no",
    "order_id": _ORDERS["order_id"].split(" | ")[0],
    "product_id": _ORDERS["product_id"].replace(" | ", ", clothing id, listing id | ", 1),
    "category": _ORDERS["category"].replace("category,", "category, class name, cat,"),
    "rating": "rating, stars, score, review score, star rating, overall, label, 评分, 星级, 打分, 评价等级, nota, puntuación, bewertung, note, 評価",
    "recommended": "recommended ind, recommended, would recommend, is recommended, 是否推荐",
    "helpful_count": "positive feedback count, helpful count, helpful votes, helpful, likes, upvotes, 有用数, 点赞数, 点赞",
    "title": "title, review title, headline, summary, review comment title, subject, 标题, 评价标题",
    "words": (
        "review text, review, text, body, content, comment, review comment message, review body, message, comments, 评价内容, 评论内容, 评论, 评价, 内容, comentario, comentário, avis"
    ),
    "reviewed_at": (
        "reviewed at, review date, review time, review creation date, created at, review created at, date created, 评价时间, 评论时间, 评论日期 | date, time, timestamp, 时间, 日期, data"
    ),
    "shop": _ORDERS["shop"],
}


def _split(words: str) -> tuple[tuple[str, ...], ...]:
    """The tiers of one entry, each as words in plain form."""
    return tuple(tuple(plain(word) for word in tier.split(",") if word.strip()) for tier in words.split("|"))


_EVENTS = {
    "occurred_at": "occurred at, event time, event timestamp, happened at, timestamp, 发生时间, 事件时间, 行为时间 | time, date, datetime, ts, created at, 时间, 日期",
    "event": "event, event name, event type, 事件, 事件名称, 行为, 行为类型 | behaviour, behavior, behavior type, action, activity, type",
    "customer_id": "user id, userid, customer id, member id, 用户id, 用户编号, 客户编号, 会员编号 | user, customer, distinct id, 用户, 客户",
    "visitor_id": "anonymous id, visitor id, device id, client id, visitor, device, 访客编号, 设备编号",
    "message_id": "message id, event id, insert id, uuid",
    "session_id": "session id, user session, session, visit id, 会话编号",
    "product_id": "product id, item id, sku, item, 商品编号, 商品id | product, asin",
    "product_name": "product name, item name, product title, 商品名称",
    "category": "category, category code, item category, category id, 类目, 商品类目",
    "brand": "brand, 品牌",
    "variant": "variant, 规格",
    "price": "price, unit price, item price, 单价, 价格",
    "quantity": "quantity, qty, 数量",
    "order_id": "order id, order number, transaction id, 订单编号, 订单号",
    "order_total": "order total, total, revenue, 订单总额",
    "currency": "currency, currency code, 币种",
    "coupon": "coupon, coupon code, 优惠券",
    "list_id": "list id, list, 列表",
    "query": "query, search query, search term, keyword, search, 搜索词, 关键词",
    "url": "url, page url, page, 页面地址",
    "referrer": "referrer, referer, 来源页面",
}

_WORDS: dict[Kind, dict[str, str]] = {
    "orders": _ORDERS,
    "customers": _CUSTOMERS,
    "products": _PRODUCTS,
    "reviews": _REVIEWS,
    "events": _EVENTS,
    "costs": COSTS,
    "competition": {**{name: _ORDERS[name] for name in ("product_id", "product_name", "category", "currency")}, **COMPETITION},
}

SYNONYMS: dict[Kind, dict[str, tuple[tuple[str, ...], ...]]] = {
    kind: {field: _split(words) for field, words in table.items()} for kind, table in _WORDS.items()
}
