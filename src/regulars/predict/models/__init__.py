"""Models: which fitted model answers, how good it was on the past, whether today still looks like what it learned from, and the one before.

Hears: nothing. Tells: nothing. Owns: no table; reads and turns the registry, where the rooms that learn keep what they fitted.
"""

from regulars.predict.models.domain import SETTLED, Contest, Judgement, ModelAnswer, ModelCard, Models, Realised
from regulars.predict.models.drift import Reference, drift_figures, realised, stability_index
from regulars.predict.models.service import card, contest, listing, promote, roll_back

__all__ = [
    "SETTLED",
    "Contest",
    "Judgement",
    "ModelAnswer",
    "ModelCard",
    "Models",
    "Realised",
    "Reference",
    "card",
    "contest",
    "drift_figures",
    "listing",
    "promote",
    "realised",
    "roll_back",
    "stability_index",
]
