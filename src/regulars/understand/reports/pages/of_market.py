"""Pictures of marketing and of competitors: what was spent beside what it brought, own prices beside those of others."""

from __future__ import annotations

from typing import Any

from regulars.console import parts
from regulars.console.charts import Line, Plot
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.reports.pages.picture import Place, plotted, value_name

_MOST = 12
#: Columns of the table of campaigns; `share` and `times` say how a fraction is written.
CAMPAIGN_WORDS = (
    "Impressions", "Clicks", "Click rate", "Visits", "Conversion", "Orders", "New customers", "Revenue", "Discount", "Cost", "Cost per click",
    "Cost per order", "Cost per new customer", "ROAS", "ROI",
)  # fmt: skip


def campaigns(place: Place) -> None:
    """Cost beside revenue of the most expensive; on its own page every figure below."""
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    found = [row for row in answer.rows if row.key != "(none)"][:_MOST]
    notes = [_returns(s, row) for row in found]
    revenue = Line(s.t("Revenue"), [float(r.revenue.major) for r in found], [s.money(r.revenue) for r in found], "bar", notes=notes)
    cost = Line(s.t("Cost"), [float(r.cost.major) for r in found], [s.money(r.cost) for r in found], "bar", color=3)
    cells = [None if row.key == "(other)" else {"group": row.key} for row in found]
    names = [_named(s, row) for row in found]
    plot = Plot(place.title, names, s.t("Group"), [cost, revenue], "money")
    plotted(place, plot, [cells, cells], keys=[row.key for row in found])
    if place.href or place.kept is not None:
        return
    _campaign_table(place)


def _campaign_table(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    basis = (
        s.t("ROI is counted from margin: revenue without shipping and tax, less what the goods and the advertising cost.")
        if answer.basis == "margin"
        else s.t("ROI is counted from revenue, as the cost of most goods is not known. Load products with their cost for margins.")
    )
    note = basis
    if answer.unmatched.minor:
        share = s.share(answer.unmatched_share)
        note = (
            s.t("{money} ({share}) was spent on what brought no visit.", money=s.money(answer.unmatched), share=share) + " " + basis
        )
    with parts.card(s.t("All of them"), note, classes=place.classes, flush=True) as card:
        heads = [s.t("Group"), *(s.t(word) for word in CAMPAIGN_WORDS)]
        columns = [Column(head, align="end" if i else "") for i, head in enumerate(heads)]
        rows = [Row([Cell(_named(s, row)), *(Cell(cell) for cell in _figures(s, row))]) for row in (*answer.rows, answer.total)]
        sheet(columns, rows, caption=s.t("All of them"), kind="sticky")
    place.tools(card)
    with card.tools:
        parts.button("", place.save, icon="download", kind="quiet", title=s.t("Save data as CSV"))


def _figures(s: Screen, row: Any) -> list[str]:
    return [
        s.count(row.impressions),
        s.count(row.clicks),
        s.share(row.click_rate, 2),
        s.count(row.visits),
        s.share(row.conversion_rate, 2),
        s.count(row.orders, 1),
        s.count(row.new_customers, 1),
        s.money(row.revenue),
        s.money(row.discount),
        s.money(row.cost),
        s.money(row.cost_per_click),
        s.money(row.cost_per_order),
        s.money(row.cost_per_new_customer),
        "–" if row.return_on_ad_spend is None else s.count(row.return_on_ad_spend, 2),
        s.share(row.return_on_investment),
    ]


def _returns(s: Screen, row: Any) -> str:
    if row.return_on_investment is None:
        return s.t("nothing spent")
    return s.t("ROI {share}", share=s.share(row.return_on_investment))


def _named(s: Screen, row: Any) -> str:
    words = {
        "(direct)": s.t("Direct"),
        "(not set)": s.t("Not given"),
        "(none)": s.t("No visit before"),
        "(all)": s.t("All together"),
    }
    return words.get(row.key) or value_name(s, row.name)
