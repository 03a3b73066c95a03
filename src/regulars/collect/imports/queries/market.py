"""Files about the market: cells of advertising costs and of competitors' prices, and how a period becomes days."""

from __future__ import annotations

from regulars.collect.imports.domain.rules import BIT, QUARANTINED
from regulars.collect.imports.parsing import text_sql
from regulars.collect.imports.queries.cells import amount_out, currency_fault
from regulars.collect.imports.queries.columns import ROW_BITS, CellQuery, Reading, flag, lookup, product_of_name
from regulars.values.platforms import CHANNEL_WORDS, CHANNELS, PLATFORM_OF
from regulars.warehouse.workbench import literal, quote

_LONGEST_DAYS = 366
#: What the first cell of a line of totals says, in small letters.
_TOTALS = r"(grand |sub)?totals?\b.*|合计.*|总计.*|汇总.*|小计.*"
#: What tells two rows of costs of one day apart.
COST_KEY = ("spent_on", "channel", "source", "campaign", "coupon_code")


def cost_cells(reading: Reading, platform: str) -> CellQuery:
    """The typed cells of one file of costs; `platform` is whose export it is, empty where its columns say so."""
    r, query = reading, CellQuery(reading)
    _digest(query)
    words = [query.cell(name, f"{name}_text", text_sql) for name in ("source", "campaign", "coupon") if r.has(name)]
    words += [query.cell("spent_on", "day_text", text_sql)]
    totals = " OR ".join(f"coalesce(regexp_full_match(lower({word}), {literal(_TOTALS)}), false)" for word in words)
    if platform and r.has("campaign"):  # exports of platforms write their totals without a campaign
        totals += " OR (campaign_text IS NULL)"
    query.between["is_total"] = f"({totals})"
    _day(query, "spent_on")
    query.out["spent_until"] = query.out["spent_on"]
    if r.has("spent_until"):
        _day(query, "spent_until")
        query.out["spent_until"] = "coalesce(spent_until_day, spent_on_day)"
        query.faults.append(
            flag("period_unreadable", f"NOT coalesce(spent_until_day - spent_on_day BETWEEN 0 AND {_LONGEST_DAYS - 1}, true)")
        )
    told = "lower(source_text)" if r.has("source") else "NULL::VARCHAR"
    channels = {name: name for name in CHANNELS} | CHANNEL_WORDS
    channel = lookup(told, channels, "VARCHAR")
    query.between["channel_told"] = channel
    query.out["channel"] = "coalesce(channel_told, 'paid')"
    named = f"coalesce({lookup(told, PLATFORM_OF, 'VARCHAR')}, {told})"
    query.out["source"] = (
        f"CASE WHEN channel_told IS NOT NULL THEN {literal(platform)} ELSE coalesce({named}, {literal(platform)}) END"
    )
    query.out["campaign"] = "coalesce(campaign_text, '')" if r.has("campaign") else "''"
    query.out["coupon_code"] = "coalesce(coupon_text, '')" if r.has("coupon") else "''"
    for name in ("impressions", "clicks"):
        _count(query, name)
    amount_out(query, "cost", "cost_minor", "amount_unreadable")
    query.outside("cost", "amount_too_large")
    shown = " AND ".join(f"{query.out[name]} IS NULL" for name in ("impressions", "clicks"))
    query.faults.append(flag("amount_missing", f"cost_units IS NULL AND {shown}" + _unless_bad(query, "cost")))
    currency_fault(query)
    query.out["is_total"] = "is_total"
    return query


def competition_cells(reading: Reading) -> CellQuery:
    """The typed cells of one file about competitors."""
    r, query = reading, CellQuery(reading)
    _digest(query)
    _day(query, "observed_on")
    query.out["competitor"] = query.cell("competitor", "competitor_text", text_sql)
    query.faults.append(flag("competitor_missing", "competitor_text IS NULL"))
    words = []
    if r.has("product_id"):
        words.append(query.cell("product_id", "product_word", r.conventions["product_id"].sql))
    if r.has("product_name"):
        words.append(product_of_name(query.cell("product_name", "name_text", text_sql)))
    query.between["product"] = f"coalesce({', '.join(words)})" if len(words) > 1 else words[0] if words else "NULL::VARCHAR"
    query.out["product_id"] = "product"
    query.out["product_name"] = "name_text" if r.has("product_name") else "NULL::VARCHAR"
    category = query.cell("category", "category_text", text_sql) if r.has("category") else "NULL::VARCHAR"
    query.out["category"] = category
    query.out["subject"] = f"coalesce('p:' || product, 'c:' || {category})"
    query.faults.append(flag("product_missing", f"product IS NULL AND {category} IS NULL"))
    told = []
    for name, into in (("price", "price_minor"), ("sales", "sales_minor")):
        query.out[into] = "NULL::BIGINT"
        if r.has(name):
            amount_out(query, name, into, "amount_unreadable")
            query.outside(name, "amount_too_large")
            told.append(f"{name}_units")
    for name, kind in (("share", "DECIMAL(18,6)"), ("units", "DECIMAL(18,3)"), ("available", "BOOLEAN")):
        query.out[name] = f"NULL::{kind}"
        if r.has(name):
            query.out[name] = query.cell(name, f"{name}_read", r.conventions[name].sql)
            query.bad(name, "count_unreadable")
            told.append(f"{name}_read")
    query.faults.append(flag("market_empty", f"coalesce({', '.join(f'CAST({name} AS VARCHAR)' for name in told)}) IS NULL"))
    currency_fault(query)
    return query


def judged_market(cells: str, repeats: str, into: str) -> str:
    """`into`: every row with its verdict: totals, what cannot be read, what was there before; the rest counts."""
    total = BIT["total_row"]
    return f"""CREATE TABLE {into} AS SELECT c.* EXCLUDE (faults, is_total), c.faults AS flags,
        CASE WHEN c.is_total THEN {total}
          WHEN c.faults & {QUARANTINED} <> 0 THEN c.faults & {QUARANTINED} & -(c.faults & {QUARANTINED})
          WHEN r.row_id IS NOT NULL THEN {BIT["duplicate_row"]} ELSE 0 END AS rule
      FROM {cells} c LEFT JOIN {repeats} r USING (row_id)"""


def cost_days(final: str, into: str) -> list[str]:
    """`into`: costs by day and key. A period is cut into its days, whose parts add up to the whole; rows of one file are added up.

    Of several files that tell the same day and key the newest counts (its number is the smallest).
    """
    keys = ", ".join(COST_KEY)
    return [
        f"""CREATE TABLE {into}_parts AS SELECT row_id, row_id >> {ROW_BITS} AS file, spent_on + CAST(i AS INTEGER) AS spent_on,
            channel, source, campaign, coupon_code,
            {_part("coalesce(cost_minor, 0)")} AS cost_minor, {_part("impressions")} AS impressions, {_part("clicks")} AS clicks
          FROM (SELECT *, unnest(range(0, days)) AS i FROM (SELECT *, spent_until - spent_on + 1 AS days FROM {final} WHERE rule = 0))""",
        f"CREATE TABLE {into}_newest AS SELECT {keys}, min(file) AS file FROM {into}_parts GROUP BY {keys}",
        f"""CREATE TABLE {into} AS SELECT {keys}, CAST(sum(cost_minor) AS BIGINT) AS cost_minor, CAST(sum(impressions) AS BIGINT) AS impressions,
            CAST(sum(clicks) AS BIGINT) AS clicks FROM {into}_parts SEMI JOIN {into}_newest USING ({keys}, file) GROUP BY {keys}""",
        f"""UPDATE {final} SET rule = {BIT["superseded_row"]} WHERE rule = 0 AND row_id NOT IN
            (SELECT row_id FROM {into}_parts SEMI JOIN {into}_newest USING ({keys}, file))""",
    ]


def _part(whole: str) -> str:
    """The share of day `i` of `days`: what is left over by the division goes to the first days, one each."""
    size = f"abs({whole})"
    return f"CAST(sign({whole}) * ({size} // days + CASE WHEN i < {size} % days THEN 1 ELSE 0 END) AS BIGINT)"


def _day(query: CellQuery, name: str) -> None:
    """A day as written, without any zone."""
    date = query.reading.conventions[name]
    query.cell(name, f"{name}_day", lambda column: f"CAST({date.sql(column)} AS DATE)")
    query.out[name] = f"{name}_day"
    query.bad(name, "date_unreadable")
    if date.outside:
        outside = query.cell(name, f"{name}_outside", date.out_of_range)
        query.faults.append(flag("date_too_early", f"{outside} AND {name}_day < DATE '1995-01-02'"))
        query.faults.append(flag("date_in_future", f"{outside} AND {name}_day >= DATE '1995-01-02'"))
    if name != "spent_until":
        query.faults.append(flag("date_missing", f"{name}_day IS NULL{_unless_bad(query, name)}"))


def _count(query: CellQuery, name: str) -> None:
    """A counter that may be missing."""
    query.out[name] = "NULL::BIGINT"
    if query.reading.has(name):
        convention = query.reading.conventions[name]
        query.out[name] = query.cell(name, f"{name}_read", lambda column: f"TRY_CAST({convention.sql(column)} AS BIGINT)")
        query.bad(name, "count_unreadable")


def _unless_bad(query: CellQuery, name: str) -> str:
    """Where a cell cannot be read it is not called missing as well."""
    convention = query.reading.conventions[name]
    return f" AND NOT {query.cell(name, f'{name}_bad', convention.bad)}" if convention.unreadable else ""


def _digest(query: CellQuery) -> None:
    query.row("digest", f"hash({', '.join('f.' + quote(column) for column in query.reading.all_columns)})")
    query.out["digest"] = "digest"
