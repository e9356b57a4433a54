"""Rows, their features and their folds: all that fitting needs, in the same order."""

import hashlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from . import features
from .clusters import clusters, folds_of
from .data import DevRow, Row, dev_rows, label_matrix, sanity_rows, training_rows, with_both_roles
from .wordpiece import open_tokenizer

FOLDS = 5


@dataclass(frozen=True)
class TrainingSet:
    rows: list[Row]
    labels: np.ndarray
    sources: np.ndarray
    roles: np.ndarray
    clusters: np.ndarray
    folds: np.ndarray
    idf: np.ndarray
    features: csr_matrix
    left_out: int


class Progress:
    """Tells on stderr what is being done and how long the run has taken."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def __call__(self, what: str) -> None:
        print(f"[{time.monotonic() - self.began:6.1f} s] {what}", file=sys.stderr, flush=True)


def build_training_set(data: Path, vocabulary: Path, progress: Progress) -> TrainingSet:
    rows = training_rows(data)
    kept, kept_clusters, kept_folds = kept_rows(rows, dev_rows(data), vocabulary, progress)
    place = {row.text: number for number, row in enumerate(kept)}
    both = with_both_roles(kept)
    original = np.array([place[row.text] for row in both])
    progress(f"{len(both)} rows with the copies in the other role")
    counts = features.counted(
        features.first_windows(open_tokenizer(vocabulary), [row.text for row in both], [row.role for row in both])
    )
    idf = features.inverse_document_frequency(counts)
    progress(f"{counts.nnz} features")
    return TrainingSet(
        rows=both,
        labels=label_matrix(both),
        sources=np.array([row.source for row in both]),
        roles=np.array([row.role for row in both]),
        clusters=kept_clusters[original],
        folds=kept_folds[original],
        idf=idf,
        features=features.normalised(counts, idf),
        left_out=len(rows) - len(kept),
    )


def kept_rows(
    rows: list[Row], dev: list[DevRow], vocabulary: Path, progress: Progress
) -> tuple[list[Row], np.ndarray, np.ndarray]:
    """Leaves out each row that is near to a row we measure on, and gives the others their cluster and its fold."""
    measured = [row.text for row in dev] + [row.text for row in sanity_rows()]
    texts = [row.text for row in rows] + measured
    windows = features.first_windows(open_tokenizer(vocabulary), texts, ["user"] * len(texts))
    cluster = clusters(windows)
    progress(f"{len(texts)} texts in {cluster.max() + 1} clusters of near-duplicates")
    forbidden = np.unique(cluster[len(rows) :])
    keep = ~np.isin(cluster[: len(rows)], forbidden)
    folds = folds_of(cluster[: len(rows)], texts[: len(rows)], FOLDS)
    progress(f"{int((~keep).sum())} rows left out: near to a row that is measured on")
    return [row for row, kept in zip(rows, keep, strict=True) if kept], cluster[: len(rows)][keep], folds[keep]


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
