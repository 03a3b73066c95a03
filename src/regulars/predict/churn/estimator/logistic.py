"""Logistic regression with a ridge penalty: few numbers, little data, and an answer that is the same every time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LogisticRegression:
    """P(y = 1 | x) = 1 / (1 + exp(-(intercept + coefficients . (x - mean) / scale))).

    Maximum penalised likelihood: the sum of log losses plus `ridge` / 2 times the squared coefficients (not the intercept), found by
    Newton's method, also known as iteratively reweighted least squares (McCullagh & Nelder, Generalized Linear Models, 1989, 4.4).
    """

    mean: Matrix  # (features,)
    scale: Matrix  # (features,)
    intercept: float
    coefficients: Matrix  # (features,), of standardised columns

    @classmethod
    def fit(cls, x: Matrix, y: Matrix, *, ridge: float = 1.0, steps: int = 50) -> LogisticRegression:
        """Learn from rows.

        Parameters
        ----------
        x : shape (rows, features), finite.
        y : shape (rows,), 0 or 1.
        """
        mean, scale = x.mean(axis=0), x.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        z = np.column_stack([np.ones(len(x)), (x - mean) / scale])
        penalty = np.r_[0.0, np.full(x.shape[1], ridge)]
        beta = np.zeros(z.shape[1])
        for _ in range(steps):
            p = _sigmoid(z @ beta)
            gradient = z.T @ (p - y) + penalty * beta
            hessian = (z * (p * (1 - p))[:, None]).T @ z + np.diag(penalty + 1e-9)
            step = np.linalg.solve(hessian, gradient)
            beta = beta - step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
            if float(np.abs(step).max()) < 1e-9:
                break
        return cls(mean, scale, float(beta[0]), beta[1:])

    def predict(self, x: Matrix) -> Matrix:
        """P(y = 1) of each row, shape (rows,)."""
        return _sigmoid(self.intercept + self.contributions(x).sum(axis=1))

    def contributions(self, x: Matrix) -> Matrix:
        """What each feature adds to the log odds beside a row of means, shape (rows, features)."""
        made: Matrix = (x - self.mean) / self.scale * self.coefficients
        return made


def _sigmoid(eta: Matrix) -> Matrix:
    made: Matrix = 0.5 * (1.0 + np.tanh(0.5 * eta))
    return made
