"""From logits to honest probabilities: what the traffic is taken to be, Platt scaling on it, thresholds from it."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from . import CATEGORIES
from .data import CHAT_SOURCES, OWN_SOURCE, SOURCE_FACTOR, TEMPLATE_SOURCE, spread

# Of all messages this share holds harm of the kind; one message may hold several.
HARM_SHARE = {
    "sexual": 0.012,
    "hate": 0.008,
    "harassment": 0.012,
    "self_harm": 0.004,
    "violence": 0.006,
    "illicit": 0.012,
    "jailbreak": 0.012,
    "unsafe": 0.06,
}
HARMFUL = HARM_SHARE["unsafe"]
# Of the harmless messages: everyday talk and look-alikes of our own, other chat, and the tone of social media.
HARMLESS_SHARES = {"own": 0.35, "chat": 0.55, "social": 0.10}

THRESHOLD_MIN, THRESHOLD_MAX = 0.15, 0.95
THRESHOLDS = [round(float(threshold), 2) for threshold in np.arange(THRESHOLD_MIN, THRESHOLD_MAX, 0.01)]
# What acts on a person or a conversation must be right this often; what only asks for a look may be wrong more often.
ACTING_PRECISION_MIN = 0.75
# `unsafe` only asks for a look, but in all traffic.
LOOK_ALARMS_MAX = 0.005


@dataclass(frozen=True)
class Calibration:
    """probability = sigmoid(slope * logit + offset), per category."""

    slope: np.ndarray
    offset: np.ndarray

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(logits * self.slope + self.offset)))


def traffic_weights(labels: np.ndarray, sources: np.ndarray, column: int) -> np.ndarray:
    """Weights that turn the rows into natural traffic as one category sees it; 0 where its label is unknown."""
    label, unsafe = labels[:, column], labels[:, CATEGORIES.index("unsafe")]
    share = HARM_SHARE[CATEGORIES[column]]
    own = np.isin(sources, (OWN_SOURCE, TEMPLATE_SOURCE))
    chat = np.isin(sources, list(CHAT_SOURCES)) & ~own
    harmless = (label == 0) & (unsafe != 1)
    weights = np.zeros(len(label))
    spread(weights, label == 1, sources, share, SOURCE_FACTOR)
    spread(weights, (label == 0) & (unsafe == 1), sources, HARMFUL - share, SOURCE_FACTOR)
    parts = {"own": harmless & own, "chat": harmless & chat, "social": harmless & ~chat & ~own}
    for name, part in parts.items():
        spread(weights, part, sources, (1 - HARMFUL) * HARMLESS_SHARES[name], SOURCE_FACTOR)
    return weights / weights.sum()


def fit_platt(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    model = LogisticRegression(C=1e4, max_iter=1_000)
    scaled = weights * len(weights) / weights.sum()
    model.fit(logits[:, None], truth, sample_weight=scaled)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def fit_calibration(logits: np.ndarray, labels: np.ndarray, sources: np.ndarray) -> Calibration:
    """`logits` must come from models that have not seen the rows."""
    fitted = []
    for column in range(len(CATEGORIES)):
        weights = traffic_weights(labels, sources, column)
        known = weights > 0
        fitted.append(fit_platt(logits[known, column], labels[known, column], weights[known]))
    slopes, offsets = zip(*fitted, strict=True)
    return Calibration(np.array(slopes), np.array(offsets))


def acting_threshold(truth: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> float:
    """The lowest threshold of at least THRESHOLD_MIN whose precision is good enough to act by itself."""
    for threshold in THRESHOLDS:
        flagged = probabilities >= threshold
        hits, all_flagged = weights[flagged & (truth == 1)].sum(), weights[flagged].sum()
        if all_flagged > 0 and hits / all_flagged >= ACTING_PRECISION_MIN:
            return threshold
    return THRESHOLD_MAX


def looking_threshold(truth: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> float:
    """The lowest threshold of at least THRESHOLD_MIN with few enough false alarms in harmless traffic."""
    harmless = weights[truth == 0].sum()
    for threshold in THRESHOLDS:
        if weights[(probabilities >= threshold) & (truth == 0)].sum() / harmless <= LOOK_ALARMS_MAX:
            return threshold
    return THRESHOLD_MAX


def best_threshold(truth: np.ndarray, probabilities: np.ndarray, weights: np.ndarray, alarms_max: float) -> float:
    """The threshold of the best F2 (recall counts double: a person looks at what is flagged) among those whose false
    alarms are at most `alarms_max` of the harmless traffic."""
    positive = weights[truth == 1].sum()
    best, best_score = THRESHOLD_MAX, -1.0
    for threshold in THRESHOLDS:
        flagged = probabilities >= threshold
        hits = weights[flagged & (truth == 1)].sum()
        alarms = weights[flagged & (truth == 0)].sum()
        score = 5 * hits / (hits + alarms + 4 * positive)
        if alarms / weights[truth == 0].sum() <= alarms_max and score > best_score + 1e-9:
            best, best_score = threshold, score
    return best
