"""What is learned of a shop: the sources that find candidates, and the trees that order them."""

from regulars.serve.recommend.estimator.ranker import Clicked, Ranker, Replay, learn
from regulars.serve.recommend.estimator.sources import FEATURES, Sources

__all__ = ["FEATURES", "Clicked", "Ranker", "Replay", "Sources", "learn"]
