"""Reports over orders, visits and reviews, asked in the form of those over events: for dashboards, schedules and goals."""

from regulars.understand.reports.numbers.delivery import DELIVERY
from regulars.understand.reports.numbers.metric import METRIC
from regulars.understand.reports.numbers.reviews import REVIEWS
from regulars.understand.reports.numbers.sales_by import SALES_BY
from regulars.understand.reports.numbers.visits import VISITS

__all__ = ["DELIVERY", "METRIC", "REVIEWS", "SALES_BY", "VISITS"]
