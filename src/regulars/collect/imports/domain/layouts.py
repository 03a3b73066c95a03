"""Layouts: exports of known shop systems, recognised by their headers alone.

A layout names the columns it knows; whatever it leaves open is matched by the general header words. `parts` of a family are files
given together and joined by their ids (Olist's tables).
"""

from __future__ import annotations

from collections.abc import Iterable

from regulars.collect.imports.domain.ad_layouts import AD_LAYOUTS
from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.layout import Layout, Part, loose
from regulars.collect.imports.domain.layout import columns as _c

__all__ = ["JOINING_FIELDS", "LAYOUTS", "Layout", "Part", "layout_of", "loose"]

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "segment", "Events in Segment form", "events", ("type", "messageid"),
        _c(occurred_at="timestamp|originaltimestamp", event="event", type="type", customer_id="userid", visitor_id="anonymousid", message_id="messageid"),
        closed=True, utc=True,
    ),
    Layout(
        "online_retail", "UCI Online Retail", "orders", ("invoiceno", "stockcode", "quantity", "invoicedate", "unitprice", "customerid"),
        _c(order_id="invoiceno", ordered_at="invoicedate", customer_id="customerid", quantity="quantity", unit_price="unitprice",
           product_id="stockcode", product_name="description", country="country"), closed=True,
    ),
    Layout(
        "online_retail_ii", "UCI Online Retail II", "orders", ("invoice", "stockcode", "quantity", "invoicedate", "price", "customer id"),
        _c(order_id="invoice", ordered_at="invoicedate", customer_id="customer id", quantity="quantity", unit_price="price",
           product_id="stockcode", product_name="description", country="country"), closed=True,
    ),
    Layout(
        "shopify", "Shopify order export", "orders", ("name", "financial status", "lineitem quantity", "lineitem name", "lineitem price"),
        _c(order_id="name", ordered_at="created at", customer_email="email", customer_phone="phone|billing phone|shipping phone",
           customer_name="billing name|shipping name", customer_address="shipping street|shipping address1|billing street",
           quantity="lineitem quantity", unit_price="lineitem price", line_discount="lineitem discount", product_id="lineitem sku",
           product_name="lineitem name", brand="vendor", order_total="total", items_total="subtotal", shipping="shipping", tax="taxes",
           discount="discount amount", refund_amount="refunded amount", payment_status="financial status", cancelled_at="cancelled at",
           paid_at="paid at", shipped_at="fulfilled at", currency="currency", coupon="discount code", channel="source", country="shipping country|billing country",
           region="shipping province|shipping province name|billing province", city="shipping city|billing city"), closed=True,
        assumptions=("Shopify writes the order's own columns on its first line only; they hold for all its lines",),
    ),
    Layout(
        "woocommerce_items", "WooCommerce (Advanced Order Export)", "orders", ("order number", "order status", "order date", "item name", "item cost"),
        _c(order_id="order number", ordered_at="order date", status="order status", customer_id="customer user id|user id|customer id",
           customer_email="email (billing)|customer user email", customer_phone="phone (billing)",
           customer_name="full name (billing)|last name (billing)", customer_address="address 1&2 (billing)|address 1 (billing)",
           country="country code (shipping)|country code (billing)", region="state code (shipping)|state code (billing)",
           city="city (shipping)|city (billing)", product_id="sku|product id|item #", product_name="item name",
           quantity="quantity (- refund)|quantity", unit_price="item cost", line_amount="order line subtotal|order line (w/o tax)",
           order_total="order total amount", items_total="order subtotal amount", shipping="order shipping amount",
           tax="order total tax amount", discount="cart discount amount|discount amount", refund_amount="order refund amount",
           currency="order currency", coupon="coupon code", paid_at="paid date", shipped_at="completed date"), closed=True,
        assumptions=("the day WooCommerce calls completed is when the order was sent",),
    ),
    Layout(
        "woocommerce_suite", "WooCommerce (Customer/Order export)", "orders", ("order id", "date", "status", "order total", "order currency", "billing email"),
        _c(order_id="order number|order id", ordered_at="date", status="status", customer_id="customer id", customer_email="billing email",
           customer_phone="billing phone", customer_name="billing last name", customer_address="billing address 1", country="shipping country|billing country",
           region="shipping state|billing state", city="shipping city|billing city", product_id="item sku|item product id", product_name="item name",
           quantity="item quantity", line_amount="item subtotal|item total", order_total="order total", shipping="shipping total", tax="tax total",
           discount="discount total|cart discount", refund_amount="refunded total|order refunded total", currency="order currency", coupon="coupons|coupon items", shipped_at="completed date|date completed"),
        closed=True,
    ),
    Layout(
        "woocommerce_wordpress", "WooCommerce (Order Export & Import)", "orders", ("order number", "order date", "status", "order total", "order currency"),
        _c(order_id="order number|order id", ordered_at="order date", status="status", customer_id="customer id|customer user", customer_email="customer email|billing email",
           customer_phone="billing phone", customer_name="billing last name", customer_address="billing address 1", country="shipping country|billing country",
           region="shipping state|billing state", city="shipping city|billing city", product_id="item sku|product id|sku", product_name="item name|product name",
           quantity="item quantity|quantity", line_amount="item subtotal|item total|line subtotal", order_total="order total", items_total="order subtotal",
           shipping="shipping total|order shipping", tax="tax total|order tax", discount="discount total|cart discount|order discount",
           refund_amount="refunded total|order refund", currency="order currency", coupon="coupon items|coupons", paid_at="paid date", shipped_at="completed date|order completed date"), closed=True,
    ),
    Layout(
        "woocommerce_analytics", "WooCommerce Analytics orders", "orders", ("date", "order #", "status", "customer", "items sold"),
        _c(order_id="order #", ordered_at="date", status="status", customer_account="customer", product_name="product(s)", quantity="items sold",
           order_total="n. revenue|n. revenue (formatted)|net sales|net revenue", coupon="coupon(s)", channel="attribution"), closed=True,
        assumptions=("the net sales of WooCommerce Analytics stand for the order total: without shipping and tax",),
    ),
    Layout(
        "shopify_api", "Shopify orders as JSON", "orders", ("name", "created at", "financial status", "total price", "line item.price", "line item.quantity"),
        _c(order_id="name", ordered_at="created at", customer_id="customer.id", customer_email="email|contact email|customer.email", customer_phone="phone|customer.phone",
           quantity="line item.quantity", unit_price="line item.price", line_discount="line item.total discount", product_id="line item.sku|line item.product id",
           product_name="line item.title|line item.name", brand="line item.vendor", order_total="total price", items_total="subtotal price", tax="total tax",
           shipping="total shipping price set.shop money.amount", discount="total discounts", payment_status="financial status", cancelled_at="cancelled at",
           currency="currency", channel="source name", country="shipping address.country|billing address.country", region="shipping address.province",
           city="shipping address.city"), closed=True,
    ),
    Layout(
        "woocommerce_api", "WooCommerce orders as JSON", "orders", ("id", "status", "date created", "total", "line item.quantity", "line item.total"),
        _c(order_id="number|id", ordered_at="date created", status="status", customer_id="customer id", customer_email="billing.email", customer_phone="billing.phone",
           customer_name="billing.last name", quantity="line item.quantity", line_amount="line item.subtotal|line item.total", product_id="line item.sku|line item.product id",
           product_name="line item.name", order_total="total", shipping="shipping total", tax="total tax", discount="discount total", currency="currency",
           paid_at="date paid", shipped_at="date completed", country="shipping.country|billing.country", region="shipping.state|billing.state", city="shipping.city|billing.city",
           channel="created via"), closed=True,
    ),
    Layout(
        "amazon", "Amazon order report", "orders", ("amazon-order-id", "purchase-date", "order-status", "sku", "quantity", "item-price"),
        _c(order_id="amazon-order-id", ordered_at="purchase-date", status="order-status", customer_email="buyer-email", customer_name="buyer-name",
           quantity="quantity", line_amount="item-price", discount="item-promotion-discount", product_id="sku|asin", product_name="product-name",
           shipping="shipping-price", currency="currency", channel="sales-channel", country="ship-country", region="ship-state", city="ship-city",
           coupon="promotion-ids"), closed=True,
        assumptions=("Amazon's report names no buyer unless it has the column buyer-email", "item-price is what the line comes to, for all its units",
                     "item-tax is left out: it comes on top in some countries and is contained in others"),
    ),
    Layout(
        "magento", "Magento order grid", "orders", ("id", "purchase date", "grand total (base)", "status", "customer email"),
        _c(order_id="id", ordered_at="purchase date", status="status", customer_email="customer email", customer_name="customer name|bill-to name",
           customer_address="shipping address", order_total="grand total (base)", items_total="subtotal", shipping="shipping and handling",
           refund_amount="total refunded", channel="purchase point"), closed=True,
        assumptions=("Grand Total (Base) is in the shop's own currency; Grand Total (Purchased) is not read",),
    ),
    Layout(
        "shopee", "Shopee order export", "orders", ("order id", "order status", "order creation date", "deal price", "quantity", "username (buyer)"),
        _c(order_id="order id", ordered_at="order creation date", paid_at="order paid time", shipped_at="ship time", delivered_at="order complete time", status="order status", customer_account="username (buyer)",
           customer_phone="phone number", customer_name="receiver name", customer_address="delivery address", quantity="quantity", unit_price="deal price",
           product_id="sku reference no.|parent sku reference no.", product_name="product name", variant="variation name",
           region="province", city="city", country="country"), closed=True,
        assumptions=("Deal Price times Quantity is what a line comes to; postage and the platform's vouchers are left out, as they differ between countries",),
    ),
    Layout(
        "lazada", "Lazada order export", "orders", ("orderitemid", "ordernumber", "createtime", "unitprice", "paidprice", "status"),
        _c(order_id="ordernumber", line_id="orderitemid", ordered_at="createtime", delivered_at="delivereddate", status="status", customer_email="customeremail", customer_name="customername",
           customer_phone="billingphone|shippingphone", customer_address="shippingaddress", line_amount="paidprice", product_id="sellersku|lazadasku",
           product_name="itemname", variant="variation", shipping="shippingfee", refund_amount="refundamount", country="shippingcountry", city="shippingcity"), closed=True,
        assumptions=("each row is one unit; paidPrice is what the buyer paid for it",),
    ),
    Layout(
        "tmall", "天猫/淘宝订单报表 (Tmall and Taobao orders)", "orders", ("订单编号", "总金额", "订单创建时间"),
        _c(order_id="订单编号", ordered_at="订单创建时间", paid_at="订单付款时间", customer_account="买家会员名|买家昵称|买家支付宝账号", customer_phone="联系手机|联系电话",
           customer_name="收货人姓名", customer_address="收货地址", order_total="总金额", items_total="买家应付货款", shipping="买家应付邮费",
           paid_amount="买家实际支付金额|实际支付金额", refund_amount="退款金额|买家退款金额", refunded_at="退款时间", status="订单状态|交易状态", product_name="宝贝标题|商品标题",
           quantity="宝贝总数量|宝贝数量|购买数量", shop="店铺名称", product_id="商品id|宝贝id|商家编码", unit_price="商品单价|宝贝单价", shipped_at="发货时间|订单发货时间",
           delivered_at="签收时间|确认收货时间|订单确认收货时间", promised_at="承诺送达时间|预计送达时间", refund_reason="退款原因|退货原因|退款理由"), closed=True,
        assumptions=("总金额 is what the buyer owes; an order that was never paid does not count",),
    ),
    Layout(
        "tmall_items", "天猫/淘宝宝贝报表 (Tmall and Taobao order lines)", "orders", ("订单编号", "标题", "价格", "购买数量"),
        _c(order_id="订单编号|主订单编号", line_id="子订单编号", product_name="标题", unit_price="价格", quantity="购买数量", product_id="外部系统编号|商家编码|商品id",
           variant="商品属性", status="订单状态", ordered_at="订单创建时间|创建时间|下单时间", paid_at="订单付款时间", customer_account="买家会员名|买家昵称", line_amount="买家实际支付金额|实付金额",
           refund_amount="退款金额", shop="店铺名称", shipped_at="发货时间|订单发货时间", delivered_at="签收时间|确认收货时间", promised_at="承诺送达时间|预计送达时间",
           refund_reason="退款原因|退货原因"),
    ),
    Layout(
        "complete_journey", "The Complete Journey transactions", "orders", ("household id", "basket id", "product id", "quantity", "sales value"),
        _c(order_id="basket id", ordered_at="transaction timestamp", customer_id="household id", product_id="product id", quantity="quantity",
           line_amount="sales value", channel="store id"), closed=True, utc=True,
        assumptions=("sales_value is what the shop received for the whole line; its discounts are contained",
                     "the timestamps behave like UTC and are read as UTC"),
    ),
    Layout(
        "olist_orders", "Olist orders", "orders", ("order id", "customer id", "order status", "order purchase timestamp"),
        _c(order_id="order id", customer_key="customer id", status="order status", ordered_at="order purchase timestamp", paid_at="order approved at",
           shipped_at="order delivered carrier date", delivered_at="order delivered customer date", promised_at="order estimated delivery date"),
        part="orders", family="olist", closed=True,
    ),
    Layout(
        "olist_items", "Olist order items", "orders", ("order id", "order item id", "product id", "seller id", "price", "freight value"),
        _c(order_id="order id", line_id="order item id", product_id="product id", seller="seller id", line_amount="price", line_shipping="freight value"),
        part="items", family="olist", closed=True,
    ),
    Layout(
        "olist_payments", "Olist order payments", "orders", ("order id", "payment sequential", "payment type", "payment value"),
        _c(order_id="order id", paid_amount="payment value"), part="payments", family="olist", closed=True,
    ),
    Layout(
        "olist_customers", "Olist customers", "customers", ("customer id", "customer unique id", "customer city", "customer state"),
        _c(customer_key="customer id", customer_id="customer unique id", city="customer city", region="customer state"),
        part="customers", family="olist", closed=True,
    ),
    Layout(
        "olist_products", "Olist products", "products", ("product id", "product category name", "product weight g"),
        _c(product_id="product id", category="product category name"), part="products", family="olist", closed=True,
    ),
    Layout(
        "olist_reviews", "Olist order reviews", "reviews", ("review id", "order id", "review score", "review comment message"),
        _c(review_id="review id", order_id="order id", rating="review score", title="review comment title", words="review comment message",
           reviewed_at="review creation date"), part="reviews", family="olist", closed=True,
    ),
    Layout(
        "olist_sellers", "Olist sellers", "products", ("seller id", "seller zip code prefix", "seller city", "seller state"),
        _c(seller="seller id"), part="sellers", family="olist", closed=True,
    ),
    Layout(
        "olist_translation", "Olist category names", "products", ("product category name", "product category name english"),
        _c(category="product category name", category_english="product category name english"), part="translation", family="olist", closed=True,
    ),
    Layout(
        "tmall_listings", "天猫/淘宝商品日表 (Tmall listings by day)", "products", ("update time", "id", "title", "price", "sale count"),
        _c(product_id="id", observed_at="update time", product_name="title", price="price", sold_total="sale count", review_total="comment count",
           seller="店名|shop|shop name"), closed=True,
        assumptions=("one row is a listing on one day; 店名 is the seller",),
    ),
    Layout(
        "complete_journey_products", "The Complete Journey products", "products", ("product id", "manufacturer id", "department", "product category", "product type"),
        _c(product_id="product id", product_name="product type", category="department", brand="brand"), closed=True,
    ),
    Layout(
        "complete_journey_demographics", "The Complete Journey demographics", "customers", ("household id", "age", "income", "household size"),
        _c(customer_id="household id"), closed=True,
        tags=("age", "income", "home ownership", "marital status", "household size", "household comp", "kids count"),
        assumptions=("age, income and household columns are kept as labels",),
    ),
    Layout(
        "womens_clothing_reviews", "Women's Clothing E-Commerce Reviews", "reviews", ("clothing id", "review text", "rating", "recommended ind"),
        _c(product_id="clothing id", rating="rating", title="title", words="review text", recommended="recommended ind",
           helpful_count="positive feedback count", category="class name"), closed=True,
    ),
    *AD_LAYOUTS,
)  # fmt: skip

#: Fields only layouts of a family use, to join its files.
JOINING_FIELDS = ("customer_key", "line_shipping", "category_english")


def layout_of(headers: Iterable[str], kind: Kind | None) -> Layout | None:
    """The known export with these headers; of several the one with the longest signature."""
    present = list(headers)
    found = [layout for layout in LAYOUTS if layout.fits(present) and (kind is None or layout.kind == kind or layout.family)]
    return max(found, key=lambda layout: (len(layout.signature), layout.kind == kind), default=None)
