"""Reports over orders, visits and reviews, asked in the form of those over events: for dashboards, schedules and goals."""

from regulars.understand.reports.numbers.delivery import DELIVERY
from regulars.understand.reports.numbers.inventory import INVENTORY
from regulars.understand.reports.numbers.metric import METRIC
from regulars.understand.reports.numbers.price_bands import PRICE_BANDS
from regulars.understand.reports.numbers.reasons import REASONS
from regulars.understand.reports.numbers.response_time import RESPONSE_TIME
from regulars.understand.reports.numbers.reviews import REVIEWS
from regulars.understand.reports.numbers.sales_by import SALES_BY
from regulars.understand.reports.numbers.visits import VISITS

__all__ = ["DELIVERY", "INVENTORY", "METRIC", "PRICE_BANDS", "REASONS", "RESPONSE_TIME", "REVIEWS", "SALES_BY", "VISITS"]
