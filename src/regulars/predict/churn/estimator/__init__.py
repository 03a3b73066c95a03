"""What is learned: a logistic regression on six numbers, trees on all of them, and their mean."""

from regulars.predict.churn.estimator.blend import ChurnModel, contributions_by_group
from regulars.predict.churn.estimator.logistic import LogisticRegression
from regulars.predict.churn.estimator.trees import SMALL as SMALL_TREES
from regulars.predict.churn.estimator.trees import Trees

__all__ = ["SMALL_TREES", "ChurnModel", "LogisticRegression", "Trees", "contributions_by_group"]
