"""`check`: fits again from the data and compares with what is committed; nothing is written."""

import json
import tempfile
from pathlib import Path

import numpy as np

from . import CATEGORIES, export
from .calibrate import traffic_weights
from .evaluate import dev_figures, sanity_figures
from .fitting import Fitted, cross_calibrated
from .metrics import Ranking, calibration_error
from .released import Released
from .training_set import Progress, TrainingSet, file_hash

AUPRC_TOLERANCE = 0.01
CALIBRATION_TOLERANCE = 0.005
SCORE_TOLERANCE = 0.02
SANITY_TOLERANCE = 0.03
COMPARED_ROWS = 2_000


def check(training: TrainingSet, fitted: Fitted, data: Path, out: Path, progress: Progress) -> list[str]:
    """The differences found, in words; none means that the committed model follows from the data."""
    committed = json.loads((out / "eval.json").read_text(encoding="utf-8"))
    faults = committed_files(out, committed) + held_out(training, fitted, committed)
    progress("held-out figures compared")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "vocab.txt").write_bytes((out / "vocab.txt").read_bytes())
        export.write(fitted, folder)
        again = Released(folder)
        faults += dev_and_sanity(again, committed, data) + same_scores(again, Released(out), training)
    progress("the refitted model compared with the committed one")
    return faults


def committed_files(out: Path, committed: dict) -> list[str]:
    labels = json.loads((out / "labels.json").read_text(encoding="utf-8"))
    faults = [
        f"{name} is not the file that labels.json names"
        for name, expected in labels["sha256"].items()
        if file_hash(out / name) != expected
    ]
    if committed["sha256"] != labels["sha256"]["model.onnx"]:
        faults.append("eval.json speaks of another model.onnx")
    return faults


def differs(what: str, now: float, before: float, tolerance: float) -> list[str]:
    return [] if abs(now - before) <= tolerance else [f"{what}: {now:.4f}, committed {before:.4f}"]


def held_out(training: TrainingSet, fitted: Fitted, committed: dict) -> list[str]:
    faults = []
    probabilities = cross_calibrated(training, fitted.held_out)
    for column, category in enumerate(CATEGORIES):
        weights = traffic_weights(training.labels, training.sources, column)
        known = np.flatnonzero(weights > 0)
        truth, said = training.labels[known, column], probabilities[known, column]
        before = committed["heldOut"][category]
        auprc = Ranking.of(truth, said).auprc(weights[known])
        error = calibration_error(truth, said, weights[known])
        faults += differs(f"held-out AUPRC of {category}", auprc, before["auprc"]["estimate"], AUPRC_TOLERANCE)
        faults += differs(
            f"held-out calibration error of {category}", error, before["calibrationError"], CALIBRATION_TOLERANCE
        )
    return faults


def dev_and_sanity(again: Released, committed: dict, data: Path) -> list[str]:
    faults = []
    for name, figures in dev_figures(again, data).items():
        before = committed["devPublic"][name]["auprc"]["estimate"]
        faults += differs(f"AUPRC on {name}", figures["auprc"]["estimate"], before, AUPRC_TOLERANCE)
    for name, english in (("sanity", True), ("sanityOtherLanguages", False)):
        sanity = sanity_figures(again, english)
        for share in ("seenShare", "falseAlarmShare"):
            faults += differs(f"{name} {share}", sanity[share], committed[name][share], SANITY_TOLERANCE)
    return faults


def same_scores(again: Released, before: Released, training: TrainingSet) -> list[str]:
    """Almost every score of the refitted model is that of the committed one."""
    step = max(1, len(training.rows) // COMPARED_ROWS)
    rows = training.rows[::step]
    texts, roles = [row.text for row in rows], [row.role for row in rows]
    gap = np.abs(again.scores(texts, roles) - before.scores(texts, roles))
    return differs("99th percentile of the change of a score", float(np.quantile(gap, 0.99)), 0.0, SCORE_TOLERANCE)
