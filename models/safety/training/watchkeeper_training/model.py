"""The linear model: one logistic regression per category, fitted by averaged SGD on the rows whose label is known."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier

from . import CATEGORIES, SEED
from .data import CHAT_SOURCES, OWN_SOURCE, SOURCE_FACTOR, TEMPLATE_SOURCE, spread

EPOCHS = 5
DRAWS = 150_000
ALPHA = 2e-6
OWN_FACTORS = {OWN_SOURCE: 4.0, TEMPLATE_SOURCE: 2.0}

# What a category learns from, in shares: its positives, and four kinds of negatives.
SHARES = {"positive": 0.2, "own": 0.24, "chat": 0.32, "social": 0.16, "other harm": 0.08}


@dataclass(frozen=True)
class Linear:
    weights: np.ndarray  # [2^19, 8]
    bias: np.ndarray  # [8]

    def logits(self, features: csr_matrix) -> np.ndarray:
        return np.asarray(features @ self.weights) + self.bias


def learning_weights(label: np.ndarray, unsafe: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """The chance with which each row is drawn. Within a kind a source counts by the root of its rows."""
    own = np.isin(sources, list(OWN_FACTORS))
    chat = np.isin(sources, list(CHAT_SOURCES)) & ~own
    harmless = (label == 0) & (unsafe != 1)
    kinds = {
        "positive": label == 1,
        "own": harmless & own,
        "chat": harmless & chat,
        "social": harmless & ~chat & ~own,
        "other harm": (label == 0) & (unsafe == 1),
    }
    weights = np.zeros(len(label))
    for kind, chosen in kinds.items():
        spread(weights, chosen, sources, SHARES[kind], {**SOURCE_FACTOR, **OWN_FACTORS})
    return weights / weights.sum()


def fit_category(features: csr_matrix, label: np.ndarray, unsafe: np.ndarray, sources: np.ndarray) -> SGDClassifier:
    """Rows are drawn by their weight: SGD with the weights themselves takes steps too large to settle."""
    known = np.flatnonzero(label >= 0)
    weights = learning_weights(label[known], unsafe[known], sources[known])
    drawn = known[np.random.default_rng(SEED).choice(len(known), DRAWS, p=weights)]
    model = SGDClassifier(loss="log_loss", alpha=ALPHA, max_iter=EPOCHS, tol=None, average=True, random_state=SEED)
    return model.fit(features[drawn], label[drawn])


def fit(features: csr_matrix, labels: np.ndarray, sources: np.ndarray, threads: int = 2) -> Linear:
    """Fits the categories side by side; the result does not depend on the number of threads."""
    unsafe = labels[:, CATEGORIES.index("unsafe")]

    def one(column: int) -> SGDClassifier:
        return fit_category(features, labels[:, column], unsafe, sources)

    with ThreadPoolExecutor(threads) as pool:
        models: Sequence[SGDClassifier] = list(pool.map(one, range(len(CATEGORIES))))
    weights = np.stack([model.coef_[0] for model in models], axis=1).astype(np.float32)
    return Linear(weights, np.array([model.intercept_[0] for model in models], dtype=np.float32))
