"""The properties that several events share, each defined once."""

from __future__ import annotations

from dataclasses import replace

from regulars.events.specs import PropertySpec


def needed(prop: PropertySpec, *, instead: tuple[str, ...] = ()) -> PropertySpec:
    """The property where an event must tell it, or one of `instead`."""
    return replace(prop, required=True, instead=instead)


# -- one product -------------------------------------------------------------------------------------------------------

PRODUCT_ID = PropertySpec(
    "product_id", "string", "the shop's number of the product", "商品编号", column="product_id", aliases=("productId", "sku", "id")
)
SKU = PropertySpec("sku", "string", "the stock-keeping unit", "SKU 编码")
NAME = PropertySpec(
    "name", "string", "the product's name", "商品名称", column="product_name", aliases=("product_name", "productName")
)
CATEGORY = PropertySpec(
    "category", "string", "the product's category", "商品类目", column="category", aliases=("product_category", "productCategory")
)
BRAND = PropertySpec("brand", "string", "the product's brand", "品牌", column="brand")
VARIANT = PropertySpec("variant", "string", "colour, size and the like", "规格（颜色、尺码等）", column="variant")
PRICE = PropertySpec(
    "price", "money", "the price of one", "单价", unit="major units", column="price", aliases=("unit_price", "unitPrice")
)
QUANTITY = PropertySpec("quantity", "number", "how many", "数量", column="quantity", aliases=("qty",))
COUPON = PropertySpec("coupon", "string", "the coupon's code", "优惠券码", column="coupon", aliases=("coupon_code", "couponCode"))
POSITION = PropertySpec("position", "integer", "its place in the list, from 1", "在列表中的位置，从 1 开始", column="position")
LINK = PropertySpec("url", "string", "the address of the product's page", "商品页地址")
IMAGE = PropertySpec("image_url", "string", "the address of its picture", "图片地址", aliases=("imageUrl", "image"))

#: What a list of products tells of each of them.
PRODUCT = (PRODUCT_ID, SKU, NAME, CATEGORY, BRAND, VARIANT, PRICE, QUANTITY, COUPON, POSITION, LINK, IMAGE)

#: The same where the event is about one product, which it must name.
ONE_PRODUCT = (needed(PRODUCT_ID, instead=("name",)), *PRODUCT[1:])

PRODUCTS = PropertySpec("products", "products", "the products, one object each", "商品列表，每个商品一个对象", aliases=("items",))

# -- money -------------------------------------------------------------------------------------------------------------

CURRENCY = PropertySpec(
    "currency",
    "string",
    "the currency of the amounts; the shop's where it is not told",
    "金额的币种，未说明时为店铺币种",
    unit="ISO 4217",
    column="currency",
)
TOTAL = PropertySpec(
    "total",
    "money",
    "what the customer owes: revenue + shipping + tax",
    "应付总额：收入＋运费＋税费",
    unit="major units",
    column="value_minor",
)
REVENUE = PropertySpec(
    "revenue", "money", "the total without shipping and tax", "不含运费与税费的金额", unit="major units", column="value_minor"
)
VALUE = PropertySpec("value", "money", "what it is worth", "金额", unit="major units", column="value_minor")
SUBTOTAL = PropertySpec(
    "subtotal", "money", "the goods before discount, shipping and tax", "商品金额（未含优惠、运费与税费）", unit="major units"
)
SHIPPING = PropertySpec("shipping", "money", "postage", "运费", unit="major units")
TAX = PropertySpec("tax", "money", "tax", "税费", unit="major units")
DISCOUNT = PropertySpec("discount", "money", "what was taken off, positive", "优惠金额（正数）", unit="major units")
AFFILIATION = PropertySpec("affiliation", "string", "the store or channel of the sale", "销售渠道或门店")

# -- names of things ---------------------------------------------------------------------------------------------------

ORDER_ID = PropertySpec(
    "order_id", "string", "the order's number", "订单编号", column="order_id", aliases=("orderId", "order_number", "transaction_id")
)
CHECKOUT_ID = PropertySpec("checkout_id", "string", "the checkout's number", "结算编号", aliases=("checkoutId",))
CART_ID = PropertySpec("cart_id", "string", "the cart's number", "购物车编号", aliases=("cartId",))
SEARCH_ID = PropertySpec("search_id", "string", "the search whose answer it was", "所属搜索的编号")
LIST_ID = PropertySpec("list_id", "string", "the list's name or number", "列表名称或编号", column="list_id", aliases=("listId",))
LIST_CATEGORY = PropertySpec("category", "string", "the category that is listed", "所列类目", column="category")
