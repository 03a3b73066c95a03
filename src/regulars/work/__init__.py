"""Background work: jobs with lease and progress, schedules, and the checks that `regulars doctor` runs."""

from __future__ import annotations

from regulars.work.checks import Check, CheckContext, Finding
from regulars.work.context import JobContext, JobStopped
from regulars.work.jobs import JobProgress, JobState, ask_to_stop, enqueue, is_asked_for, job_progress
from regulars.work.schedules import Schedule, enqueue_due
from regulars.work.worker import JobHandler, Worker

__all__ = [
    "Check",
    "CheckContext",
    "Finding",
    "JobContext",
    "JobHandler",
    "JobProgress",
    "JobState",
    "JobStopped",
    "Schedule",
    "Worker",
    "ask_to_stop",
    "enqueue",
    "enqueue_due",
    "is_asked_for",
    "job_progress",
]
