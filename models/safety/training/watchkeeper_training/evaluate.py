"""`evaluate`: how good the released model is. Writes eval.json."""

import json
from pathlib import Path

import numpy as np

from . import CATEGORIES, NAME, ROLES, VERSION
from .calibrate import HARM_SHARE, acting_threshold, looking_threshold, traffic_weights
from .data import SanityRow, dev_rows, sanity_rows
from .fitting import Fitted, cross_calibrated
from .metrics import at_threshold, calibration_error, measured
from .released import Released
from .training_set import Progress, TrainingSet

SPEED_TOKENS = (12, 48)
SPEED_ROWS = 4_096


def held_out_figures(training: TrainingSet, fitted: Fitted) -> dict:
    """Each row judged by a model, and a calibration, that have not seen its cluster; weighted to natural traffic."""
    probabilities = cross_calibrated(training, fitted.held_out)
    figures = {}
    for column, category in enumerate(CATEGORIES):
        weights = traffic_weights(training.labels, training.sources, column)
        known = np.flatnonzero(weights > 0)
        truth, said = training.labels[known, column], probabilities[known, column]
        figures[category] = {
            "rows": len(known),
            "positives": int(truth.sum()),
            "clustersOfPositives": len(np.unique(training.clusters[known][truth == 1])),
            "shareOfTraffic": HARM_SHARE[category],
            **measured(truth, said, weights[known], training.clusters[known]),
            "calibrationError": round(calibration_error(truth, said, weights[known]), 5),
            "atThreshold": per_role(training, fitted, column, probabilities[:, column]),
            "forPolicies": for_policies(training, column, probabilities[:, column]),
        }
    return figures


def per_role(training: TrainingSet, fitted: Fitted, column: int, probabilities: np.ndarray) -> dict:
    result = {}
    for role in ROLES:
        mine = training.roles == role
        weights = traffic_weights(training.labels[mine], training.sources[mine], column)
        threshold = fitted.thresholds[CATEGORIES[column]][role]
        truth = training.labels[mine, column] == 1
        result[role] = {"threshold": threshold, **at_threshold(truth, probabilities[mine], weights, threshold)}
    return result


def for_policies(training: TrainingSet, column: int, probabilities: np.ndarray) -> dict:
    """Per role the threshold at which a rule may act by itself; for `unsafe`, the one at which it may ask for a look."""
    choose = looking_threshold if CATEGORIES[column] == "unsafe" else acting_threshold
    result = {}
    for role in ROLES:
        mine = training.roles == role
        weights = traffic_weights(training.labels[mine], training.sources[mine], column)
        known = weights > 0
        truth, said = training.labels[mine, column][known] == 1, probabilities[mine][known]
        threshold = choose(truth, said, weights[known])
        result[role] = {"threshold": threshold, **at_threshold(truth, said, weights[known], threshold)}
    return result


def dev_figures(released: Released, data: Path) -> dict:
    rows = dev_rows(data)
    scores = released.scores([row.text for row in rows], ["user"] * len(rows))
    figures = {}
    for name in sorted({row.set for row in rows}):
        chosen = [number for number, row in enumerate(rows) if row.set == name]
        category = rows[chosen[0]].label
        truth = np.array([rows[number].y for number in chosen])
        figures[name] = {
            "category": category,
            "rows": len(chosen),
            "positives": int(truth.sum()),
            **measured(truth, scores[chosen, CATEGORIES.index(category)]),
        }
    return figures


def sanity_figures(released: Released, english: bool) -> dict:
    """Everyday sentences: what must be seen, and what must not raise an alarm. Lists each sentence that fails."""
    rows = [row for row in sanity_rows() if (row.language == "en") == english]
    scores = released.scores([row.text for row in rows], [row.role for row in rows])
    thresholds = released.labels["recommendedThresholds"]
    missed, alarms = [], []
    for row, row_scores in zip(rows, scores, strict=True):
        said = {category: float(score) for category, score in zip(CATEGORIES, row_scores, strict=True)}
        reached = {category: round(score, 3) for category, score in said.items() if score >= thresholds[category][row.role]}
        if row.expect is not None and row.expect not in reached:
            missed.append(failure(row, {row.expect: round(said[row.expect], 3)}))
        if row.expect is None and reached:
            alarms.append(failure(row, reached))
    harmful = sum(row.expect is not None for row in rows)
    return {
        "harmful": harmful,
        "seen": harmful - len(missed),
        "seenShare": round(1 - len(missed) / harmful, 4),
        "benign": len(rows) - harmful,
        "falseAlarms": len(alarms),
        "falseAlarmShare": round(len(alarms) / (len(rows) - harmful), 4),
        "missed": missed,
        "alarms": alarms,
    }


def failure(row: SanityRow, scores: dict) -> dict:
    return {"text": row.text, "role": row.role, "scores": scores}


def speed_texts(training: TrainingSet) -> list[str]:
    """Messages of chat length: about 30 tokens."""
    lengths = np.diff(training.features.indptr)
    short = (lengths > 2 * SPEED_TOKENS[0]) & (lengths < 2 * SPEED_TOKENS[1])
    return [training.rows[number].text for number in np.flatnonzero(short)[:SPEED_ROWS]]


def evaluate(training: TrainingSet, fitted: Fitted, data: Path, out: Path, progress: Progress) -> dict:
    released = Released(out)
    figures = {"name": NAME, "version": VERSION, "sha256": released.labels["sha256"]["model.onnx"]}
    figures["trainedOn"] = row_counts(training)
    figures["heldOut"] = held_out_figures(training, fitted)
    progress("held-out figures")
    figures["devPublic"] = dev_figures(released, data)
    progress("figures on the public test sets")
    figures["sanity"] = sanity_figures(released, english=True)
    figures["sanityOtherLanguages"] = sanity_figures(released, english=False)
    figures["speed"] = released.speed(speed_texts(training))
    figures["bytes"] = (out / "model.onnx").stat().st_size
    (out / "eval.json").write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return figures


def row_counts(training: TrainingSet) -> dict:
    """Rows per source, and positives per category, without the copies in the other role."""
    seen: set[tuple[str, str]] = set()
    sources: dict[str, dict] = {}
    positives = dict.fromkeys(CATEGORIES, 0)
    for row in training.rows:
        if (row.source, row.text) in seen:
            continue
        seen.add((row.source, row.text))
        entry = sources.setdefault(row.source, {"rows": 0, "licence": row.licence})
        entry["rows"] += 1
        for category, value in row.labels.items():
            positives[category] += value
    return {"rows": len(seen), "leftOut": training.left_out, "positives": positives, "sources": sources}
