"""What the worker does for this room: send the reports that are due."""

from __future__ import annotations

from regulars.understand.reports.service import DELIVER, deliver

JOBS = {DELIVER: deliver}
