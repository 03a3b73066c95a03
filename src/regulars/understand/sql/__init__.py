"""SQL: what no report asks, asked by analysts in their own words.

Question      what do the rows of this shop say to one SELECT?
Events heard  none
Events told   none
Tables owned  none; reads the tables that `VIEWS` names, one shop's rows only
"""

from regulars.understand.sql.domain import VIEWS, SqlAnswer, SqlColumn, SqlView
from regulars.understand.sql.service import ask, views

__all__ = ["VIEWS", "SqlAnswer", "SqlColumn", "SqlView", "ask", "views"]
