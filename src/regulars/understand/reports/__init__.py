"""Reports: asking any report, keeping it, and putting kept ones in front of people.

Question      how does one ask, compare, save, schedule and set goals on every report there is?
Events heard  none
Events told   none
Tables owned  report, report_dashboard, report_annotation, report_schedule, report_delivery, goal
"""

from regulars.understand.reports import goals, shelf
from regulars.understand.reports.asking import ask, compare, customers, kept_table
from regulars.understand.reports.domain import writing
from regulars.understand.reports.domain.aiming import GoalProgress
from regulars.understand.reports.domain.answers import Answered, Behind, Compared, CustomerBehind
from regulars.understand.reports.domain.forecasting import Expected
from regulars.understand.reports.domain.kept import SavedReport
from regulars.understand.reports.expecting import connect_forecaster
from regulars.understand.reports.exports import customers_table
from regulars.understand.reports.kinds import every_report, report_of
from regulars.understand.reports.post import Post, connect_post, post_of
from regulars.understand.reports.runs import book_of, stop_runs

__all__ = [
    "Answered",
    "Behind",
    "Compared",
    "CustomerBehind",
    "Expected",
    "GoalProgress",
    "Post",
    "SavedReport",
    "ask",
    "book_of",
    "compare",
    "connect_forecaster",
    "connect_post",
    "customers",
    "customers_table",
    "every_report",
    "goals",
    "kept_table",
    "post_of",
    "report_of",
    "shelf",
    "stop_runs",
    "writing",
]
