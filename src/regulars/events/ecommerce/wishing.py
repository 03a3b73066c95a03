"""Coupons, wish lists, sharing and reviews."""

from __future__ import annotations

from regulars.events.ecommerce.vocabulary import (
    CART_ID,
    CURRENCY,
    DISCOUNT,
    NAME,
    ONE_PRODUCT,
    ORDER_ID,
    PRODUCT_ID,
    PRODUCTS,
    needed,
)
from regulars.events.specs import EventSpec, PropertySpec, Subject

_COUPON = (
    ORDER_ID,
    CART_ID,
    needed(
        PropertySpec(
            "coupon_id", "string", "the coupon's code", "优惠券码", column="coupon", aliases=("coupon", "coupon_code", "couponId")
        ),
        instead=("coupon_name",),
    ),
    PropertySpec("coupon_name", "string", "the coupon's name", "优惠券名称"),
)
_REASON = PropertySpec("reason", "string", "why it was refused", "拒绝原因")

_WISHLIST = (
    PropertySpec("wishlist_id", "string", "the wish list's number", "心愿单编号", aliases=("wishlistId",)),
    PropertySpec("wishlist_name", "string", "the wish list's name", "心愿单名称"),
)
_SHARE = (
    PropertySpec("share_via", "string", "by what it was shared: email, wechat ...", "分享渠道：email、wechat 等"),
    PropertySpec("recipient", "string", "never kept: it names a person", "不保存：可识别个人"),
    PropertySpec("share_message", "string", "never kept: words of a person", "不保存：个人文字"),
)

COUPONS = Subject(
    "Coupons",
    "优惠券",
    (
        EventSpec("Coupon Entered", "A coupon's code was entered.", "输入了优惠券码。", _COUPON),
        EventSpec("Coupon Applied", "A coupon was taken.", "优惠券生效。", (*_COUPON, DISCOUNT, CURRENCY)),
        EventSpec("Coupon Denied", "A coupon was refused.", "优惠券被拒。", (*_COUPON, _REASON)),
        EventSpec("Coupon Removed", "A coupon was taken out again.", "移除了优惠券。", (*_COUPON, DISCOUNT, CURRENCY)),
    ),
)

WISHING = Subject(
    "Wish lists, sharing, reviews",
    "心愿单、分享与评价",
    (
        EventSpec(
            "Product Added to Wishlist",
            "A product was put on a wish list.",
            "商品加入心愿单。",
            (*_WISHLIST, *ONE_PRODUCT, CURRENCY),
        ),
        EventSpec(
            "Product Removed from Wishlist",
            "A product was taken off a wish list.",
            "商品移出心愿单。",
            (*_WISHLIST, *ONE_PRODUCT, CURRENCY),
        ),
        EventSpec(
            "Wishlist Product Added to Cart",
            "A product of a wish list was put into the cart.",
            "心愿单商品加入购物车。",
            (*_WISHLIST, CART_ID, *ONE_PRODUCT, CURRENCY),
        ),
        EventSpec("Product Shared", "A product was shared.", "分享了商品。", (*_SHARE, *ONE_PRODUCT, CURRENCY)),
        EventSpec("Cart Shared", "A cart was shared.", "分享了购物车。", (*_SHARE, CART_ID, PRODUCTS)),
        EventSpec(
            "Product Reviewed",
            "A product was reviewed. The words are kept apart, encrypted.",
            "评价了商品。评价文字另行加密保存。",
            (
                needed(PRODUCT_ID),
                NAME,
                PropertySpec("review_id", "string", "the review's number", "评价编号", aliases=("reviewId",)),
                PropertySpec("review_body", "string", "never kept in the warehouse: words of a person", "不进入分析库：个人文字"),
                PropertySpec("rating", "number", "the stars given", "评分"),
            ),
        ),
    ),
)
