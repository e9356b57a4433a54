"""Near-duplicates: rows that share most of their token triples come into one cluster, and a cluster into one fold."""

import hashlib
from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from .features import Windows

BANDS = 6
HASHES_PER_BAND = 3
PRIME = (1 << 31) - 1


def clusters(windows: Windows, seed: int = 7) -> np.ndarray:
    """A cluster number per row, by MinHash over token triples: rows with Jaccard .7 meet with probability .93, .3 with .15."""
    shingles, starts = triples(windows)
    random = np.random.default_rng(seed)
    count = len(windows)
    left, right = [], []
    for _ in range(BANDS):
        signature = np.zeros(count, dtype=np.uint64)
        for _ in range(HASHES_PER_BAND):
            factor, shift = random.integers(1, PRIME, size=2)
            lowest = np.minimum.reduceat((shingles * factor + shift) % PRIME, starts)
            signature = signature * np.uint64(0x9E3779B97F4A7C15) + lowest.astype(np.uint64)
        order = np.argsort(signature, kind="stable")
        same = signature[order][:-1] == signature[order][1:]
        left.append(order[:-1][same])
        right.append(order[1:][same])
    edges = (np.concatenate(left), np.concatenate(right))
    graph = coo_matrix((np.ones(len(edges[0]), dtype=np.int8), edges), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def triples(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of three tokens in a row, without the role token, and where each row's begin. Every row has one or more."""
    tokens, starts = windows.tokens.copy(), windows.starts
    tokens[starts[:-1] + 1] = 0
    mixed = tokens * 31_337 % PRIME
    padded = np.concatenate([mixed, [0, 0]])
    hashed = (padded[:-2] * 961 + padded[1:-1] * 31 + padded[2:]) % PRIME
    rows, place = windows.rows(), np.arange(len(tokens))
    last = starts[1:][rows]
    kept = (place + 2 < last) & (place > starts[rows])
    kept[starts[:-1] + 1] |= ~np.logical_or.reduceat(kept, starts[:-1])
    begins = np.concatenate([[0], np.cumsum(np.add.reduceat(kept.astype(np.int64), starts[:-1]))[:-1]])
    return hashed[kept], begins


def folds_of(cluster: np.ndarray, texts: Sequence[str], folds: int) -> np.ndarray:
    """A fold per row, from the content of the cluster's first text, so that more rows do not move the others."""
    representatives: dict[int, int] = {}
    for number, text in zip(cluster.tolist(), texts, strict=True):
        if number not in representatives:
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
            representatives[number] = int.from_bytes(digest[:4], "big") % folds
    return np.array([representatives[number] for number in cluster.tolist()], dtype=np.int64)
