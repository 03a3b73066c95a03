"""Events over HTTP: reading them back, their sources, what was put aside and repaired, how the stream runs, the tracking plan."""

from regulars.collect.track.api import repairs, watching
from regulars.collect.track.api.events import api

__all__ = ["api", "repairs", "watching"]
