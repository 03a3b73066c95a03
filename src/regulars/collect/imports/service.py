"""The verbs of loading files, and the invariants the doctor checks.

`plan` is the dry run and writes nothing; `load` does it; `submit` hands it to the worker; `repair` brings bad rows back; `recover`
finishes or undoes what a kill cut off; `rebuild` fills a new warehouse from the archives.
"""

from __future__ import annotations

import regulars.collect.imports.keeping  # noqa: F401 (its class joins those of the retention job)
from regulars.collect.imports.checks import CHECKS
from regulars.collect.imports.handing_in import ReadyRepair, fail_submitted, prepare_repair, repair, repair_file, submit
from regulars.collect.imports.history import LoadSummary, load_report, load_summary, loads, progress_of
from regulars.collect.imports.loading import load, plan
from regulars.collect.imports.mappings import saved as saved_mappings
from regulars.collect.imports.recovery import rebuild, recover

__all__ = [
    "CHECKS",
    "LoadSummary",
    "ReadyRepair",
    "fail_submitted",
    "load",
    "load_report",
    "load_summary",
    "loads",
    "plan",
    "prepare_repair",
    "progress_of",
    "rebuild",
    "recover",
    "repair",
    "repair_file",
    "saved_mappings",
    "submit",
]
