"""`fit`: five models that each leave a fold out (for calibration and honest figures), then the one on all rows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import CATEGORIES, ROLES
from .calibrate import Calibration, best_threshold, fit_calibration, traffic_weights
from .model import Linear, fit
from .training_set import FOLDS, Progress, TrainingSet

# A message that holds no harm of the kind may raise an alarm this often; `unsafe` gathers all kinds.
FALSE_ALARMS_MAX = {category: 0.01 if category == "unsafe" else 0.004 for category in CATEGORIES}


@dataclass(frozen=True)
class Fitted:
    linear: Linear
    idf: np.ndarray
    calibration: Calibration
    thresholds: dict[str, dict[str, float]]
    held_out: np.ndarray  # [rows, 8] logits of the model that has not seen the row


def fit_all(training: TrainingSet, progress: Progress) -> Fitted:
    held_out = np.zeros((len(training.rows), len(CATEGORIES)), dtype=np.float32)
    for fold in range(FOLDS):
        inside = np.flatnonzero(training.folds != fold)
        outside = np.flatnonzero(training.folds == fold)
        model = fit(training.features[inside], training.labels[inside], training.sources[inside])
        held_out[outside] = model.logits(training.features[outside])
        progress(f"fold {fold + 1} of {FOLDS}")
    linear = fit(training.features, training.labels, training.sources)
    progress("the model on all rows")
    calibration = fit_calibration(held_out, training.labels, training.sources)
    thresholds = recommended(calibration.probabilities(held_out), training)
    return Fitted(linear, training.idf, calibration, thresholds, held_out)


def recommended(probabilities: np.ndarray, training: TrainingSet) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for column, category in enumerate(CATEGORIES):
        found[category] = {}
        for role in ROLES:
            mine = training.roles == role
            labels = training.labels[mine]
            weights = traffic_weights(labels, training.sources[mine], column)
            known = weights > 0
            found[category][role] = best_threshold(
                labels[known, column],
                probabilities[mine][known, column],
                weights[known],
                FALSE_ALARMS_MAX[category],
            )
    return found


def cross_calibrated(training: TrainingSet, held_out: np.ndarray) -> np.ndarray:
    """Held-out probabilities whose calibration has not seen the row's fold either."""
    probabilities = np.zeros_like(held_out)
    for fold in range(FOLDS):
        inside, outside = training.folds != fold, training.folds == fold
        calibration = fit_calibration(held_out[inside], training.labels[inside], training.sources[inside])
        probabilities[outside] = calibration.probabilities(held_out[outside])
    return probabilities


def save(fitted: Fitted, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    flat = np.array([[fitted.thresholds[category][role] for role in ROLES] for category in CATEGORIES])
    np.savez(
        path,
        weights=fitted.linear.weights,
        bias=fitted.linear.bias,
        idf=fitted.idf,
        slope=fitted.calibration.slope,
        offset=fitted.calibration.offset,
        thresholds=flat,
        held_out=fitted.held_out,
    )


def load(path: Path) -> Fitted:
    if not path.exists():
        raise SystemExit(f"{path} is not there: run `fit` first")
    stored = np.load(path)
    thresholds = {
        category: {role: float(stored["thresholds"][row, column]) for column, role in enumerate(ROLES)}
        for row, category in enumerate(CATEGORIES)
    }
    return Fitted(
        Linear(stored["weights"], stored["bias"]),
        stored["idf"],
        Calibration(stored["slope"], stored["offset"]),
        thresholds,
        stored["held_out"],
    )
