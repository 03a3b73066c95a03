"""At what prices customers buy, compared within categories and within products, and how well rated the things are."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

#: A category needs so many priced products before one can be called cheap or dear in it.
FEWEST_PRODUCTS = 5
#: A response to price is read from so many lines, whose prices are off the usual one by about 3 % or more.
FEWEST_LINES = 10
LEAST_SQUARE = 0.001
#: A product was sold at several prices where the dearest is so much above the cheapest.
SEVERAL_PRICES = 1.01
FEWEST_REVIEWS = 3


def priced(lines: ir.Table) -> ir.Table:
    """Lines with a product, an amount and a quantity, and their unit price."""
    rows = lines.filter(lines.product_id.notnull(), lines.amount_minor > 0, lines.quantity > 0)
    return rows.mutate(pieces=rows.quantity.cast("float64"), unit=rows.amount_minor / rows.quantity.cast("float64"))


def positions(lines: ir.Table) -> ir.Table:
    """The place of each product among its category's by mean paid price, 0 to 1; products of equal price share theirs."""
    rows = lines.filter(lines.category.notnull())
    prices = rows.group_by("category", "product_id").aggregate(price=(rows.amount_minor.sum() / rows.pieces.sum()).round(4))
    by_price = ibis.window(group_by=prices.category, order_by=prices.price)
    prices = prices.mutate(
        cheaper=ibis.rank().over(by_price),
        equal=prices.count().over(ibis.window(group_by=[prices.category, prices.price])),
        products=prices.count().over(ibis.window(group_by=prices.category)),
    )
    known = prices.filter(prices.products >= FEWEST_PRODUCTS)
    return known.select("category", "product_id", position=(known.cheaper + 0.5 * known.equal) / known.products.cast("float64"))


def bands(lines: ir.Table) -> ir.Table:
    """Each customer's mean price position, its third, and how much is bought in the upper third."""
    places = positions(lines)
    bought = lines.select("customer_id", "order_id", "category", "product_id").distinct()
    bought = bought.inner_join(places, ["category", "product_id"])
    sums = bought.group_by("customer_id").aggregate(
        price_position=bought.position.mean(), upper_third_share=(bought.position > 2 / 3).cast("float64").mean()
    )
    return sums.mutate(
        price_band=ibis.cases((sums.price_position < 1 / 3, "low"), (sums.price_position <= 2 / 3, "middle"), else_="high")
    )


def responses(lines: ir.Table) -> ir.Table:
    """What customers pay against each product's usual price, and how their quantities answer to it."""
    rows = lines.mutate(ln_price=lines.unit.ln(), ln_pieces=lines.pieces.ln())
    usual = rows.group_by("product_id").aggregate(
        usual_price=rows.ln_price.mean(), usual_pieces=rows.ln_pieces.mean(), low=rows.unit.min(), high=rows.unit.max()
    )
    usual = usual.filter(usual.high > usual.low * SEVERAL_PRICES).drop("low", "high")
    rows = rows.inner_join(usual, "product_id")
    rows = rows.select("customer_id", dear=rows.ln_price - rows.usual_price, much=rows.ln_pieces - rows.usual_pieces)
    sums = rows.group_by("customer_id").aggregate(
        lines=rows.count(), mean=rows.dear.mean(), square=(rows.dear * rows.dear).mean(), product=(rows.dear * rows.much).mean()
    )
    enough = (sums["lines"] >= FEWEST_LINES) & (sums.square >= LEAST_SQUARE)
    return sums.select(
        "customer_id", paid_against_usual=sums.mean.exp(), price_response=ibis.cases((enough, sums["product"] / sums.square))
    )


def ratings(lines: ir.Table, reviews: ir.Table) -> ir.Table:
    """How well others rate what a customer buys."""
    rated = reviews.filter(reviews.rating.notnull(), reviews.product_id.notnull())
    stars = rated.group_by("product_id").aggregate(stars=rated.rating.cast("float64").mean(), reviews=rated.count())
    stars = stars.filter(stars.reviews >= FEWEST_REVIEWS)
    bought = lines.filter(lines.product_id.notnull()).select("customer_id", "order_id", "product_id").distinct()
    bought = bought.inner_join(stars, "product_id")
    return bought.group_by("customer_id").aggregate(bought_rating=bought.stars.mean())
