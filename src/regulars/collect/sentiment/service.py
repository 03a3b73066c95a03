"""The verb of the sentiment room: score reviews with the numbers that came with the package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from regulars.collect.sentiment.domain import language_of, probability

_AT_ONCE = 2_000


def scores(texts: Sequence[str]) -> list[float | None]:
    """How likely the words are those of somebody content, from 0 to 1; None where the language is not known or nothing is said."""
    known = [place for place, text in enumerate(texts) if language_of(text) is not None]
    made: list[float | None] = [None] * len(texts)
    for start in range(0, len(known), _AT_ONCE):
        part = known[start : start + _AT_ONCE]
        for place, chance in zip(part, probability([texts[i] for i in part], *_weights()), strict=True):
            made[place] = round(float(chance), 3)
    return made


@cache
def _weights() -> tuple[npt.NDArray[np.float64], float]:
    """The learned numbers: bias and scale as 8-byte floats, then one signed byte a bucket."""
    data = resources.files("regulars.collect.sentiment").joinpath("weights.bin").read_bytes()
    bias, scale = np.frombuffer(data[:16], dtype="<f8")
    return np.frombuffer(data[16:], dtype=np.int8).astype(np.float64) * scale, float(bias)
