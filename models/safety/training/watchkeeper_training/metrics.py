"""Weighted ranking and calibration measures, with bootstrap intervals."""

from dataclasses import dataclass

import numpy as np

from . import SEED

BOOTSTRAPS = 200
BINS = 15


@dataclass(frozen=True)
class Ranking:
    """Weights of positives and negatives at each distinct score, the highest first."""

    order: np.ndarray
    begins: np.ndarray
    truth: np.ndarray

    @staticmethod
    def of(truth: np.ndarray, scores: np.ndarray) -> "Ranking":
        order = np.argsort(-scores, kind="stable")
        sorted_scores = scores[order]
        begins = np.flatnonzero(np.concatenate([[True], sorted_scores[1:] != sorted_scores[:-1]]))
        return Ranking(order, begins, truth[order].astype(bool))

    def cumulated(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """True and false positives' weight at or above each distinct score."""
        sorted_weights = weights[self.order]
        hits = np.add.reduceat(np.where(self.truth, sorted_weights, 0.0), self.begins)
        misses = np.add.reduceat(np.where(self.truth, 0.0, sorted_weights), self.begins)
        return np.cumsum(hits), np.cumsum(misses)

    def auprc(self, weights: np.ndarray) -> float:
        """Average precision: the sum of precision times the gain in recall."""
        hits, misses = self.cumulated(weights)
        precision = hits / np.maximum(hits + misses, 1e-300)
        return float(np.sum(precision * np.diff(hits, prepend=0.0)) / hits[-1])

    def auroc(self, weights: np.ndarray) -> float:
        hits, misses = self.cumulated(weights)
        area = np.sum(np.diff(misses, prepend=0.0) * (hits + np.concatenate([[0.0], hits[:-1]])) / 2)
        return float(area / (hits[-1] * misses[-1]))


def calibration_error(truth: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> float:
    """Expected calibration error: |said - seen| over 15 bins of equal width, weighted by their share."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    gap = np.bincount(bins, weights * (probabilities - truth), minlength=BINS)
    return float(np.abs(gap).sum() / weights.sum())


def measured(
    truth: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None, groups: np.ndarray | None = None
) -> dict:
    """AUPRC and AUROC with 95 % percentile intervals over 200 Poisson bootstraps of the groups (else of the rows)."""
    weights = np.ones(len(truth)) if weights is None else weights
    groups = np.arange(len(truth)) if groups is None else np.unique(groups, return_inverse=True)[1]
    ranking = Ranking.of(truth, scores)
    random = np.random.default_rng(SEED)
    draws = [weights * random.poisson(1.0, groups.max() + 1)[groups] for _ in range(BOOTSTRAPS)]
    return {
        "auprc": interval(ranking.auprc(weights), [ranking.auprc(draw) for draw in draws]),
        "auroc": interval(ranking.auroc(weights), [ranking.auroc(draw) for draw in draws]),
    }


def interval(estimate: float, draws: list[float]) -> dict:
    low, high = np.quantile(draws, [0.025, 0.975])
    return {"estimate": round(estimate, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def at_threshold(truth: np.ndarray, probabilities: np.ndarray, weights: np.ndarray, threshold: float) -> dict:
    flagged = probabilities >= threshold
    hits = weights[flagged & (truth == 1)].sum()
    alarms = weights[flagged & (truth == 0)].sum()
    return {
        "precision": round(float(hits / max(hits + alarms, 1e-300)), 4),
        "recall": round(float(hits / weights[truth == 1].sum()), 4),
        "falseAlarmRate": round(float(alarms / weights[truth == 0].sum()), 5),
    }
