"""Paths and sessions: where do customers go, from where, and how long do they stay?

Question      what do customers do before, after and between; which ways do they take, and where do these end?
Events heard  none
Events told   none
Tables owned  none; reads `events`, `customers` and `segment_members`
"""

from regulars.understand.paths.service import REPORT as PATHS
from regulars.understand.paths.visits import REPORT as SESSIONS

REPORTS = (PATHS, SESSIONS)

__all__ = ["PATHS", "REPORTS", "SESSIONS"]
