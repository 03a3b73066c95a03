"""Sentiment: does a review speak well or badly, and of what does it complain?

Question: how positive are the words of a review, told as figures so that the words need not be in the warehouse?
Hears: nothing; the loader of reviews asks.
Tells: nothing.
Owns: nothing; `weights.bin` holds numbers learned by `python -m benchmarks.sentiment --write`.
"""

from regulars.collect.sentiment.domain import BAD_BELOW, grams, language_of, probability, topics_of
from regulars.collect.sentiment.service import scores

__all__ = ["BAD_BELOW", "grams", "language_of", "probability", "scores", "topics_of"]
