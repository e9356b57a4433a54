"""Features of a window: hashed WordPiece unigrams and bigrams, weighted by their count.

The classifier in TypeScript computes the same; test/fixtures/golden and tests/ hold both to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags
from tokenizers import Tokenizer

from .wordpiece import encode

BUCKETS = 1 << 19
CLS, SEP = 101, 102
ROLE_TOKENS = {"user": 2, "assistant": 3}
WINDOW_TOKENS = 254
OVERLAP_TOKENS = 64
ENCODED_CHARACTERS_MAX = 100_000
BATCH_ROWS = 4_096
LEFT, RIGHT = 1_000_003, 8_191


@dataclass(frozen=True)
class Windows:
    """Token sequences end to end; row i is tokens[starts[i]:starts[i + 1]]."""

    tokens: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def rows(self) -> np.ndarray:
        """The row that each token belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))


def window_of(ids: Sequence[int], role: str) -> list[int]:
    """[CLS], the role, at most 254 ids, [SEP]. Tools and the system speak as `user` does."""
    return [CLS, ROLE_TOKENS[role], *ids[:WINDOW_TOKENS], SEP]


def windows_of(ids: Sequence[int], role: str) -> list[list[int]]:
    """All windows of a text: steps of 190 tokens, the last one ends with the text."""
    step = WINDOW_TOKENS - OVERLAP_TOKENS
    last = max(0, len(ids) - OVERLAP_TOKENS)
    return [window_of(ids[at : at + WINDOW_TOKENS], role) for at in range(0, max(1, last), step)]


def joined(sequences: Sequence[Sequence[int]]) -> Windows:
    lengths = np.fromiter((len(one) for one in sequences), dtype=np.int64, count=len(sequences))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    tokens = np.fromiter((token for one in sequences for token in one), dtype=np.int64, count=int(starts[-1]))
    return Windows(tokens, starts)


def first_windows(tokenizer: Tokenizer, texts: Sequence[str], roles: Sequence[str]) -> Windows:
    """The first window of each text. Only what can be in it is tokenised: 254 tokens lie in 2,000 characters or so."""
    sequences: list[list[int]] = []
    for at in range(0, len(texts), BATCH_ROWS):
        chunk = [text[: 8 * WINDOW_TOKENS] for text in texts[at : at + BATCH_ROWS]]
        pairs = zip(encode(tokenizer, chunk), roles[at : at + BATCH_ROWS], strict=True)
        sequences.extend(window_of(ids, role) for ids, role in pairs)
    return joined(sequences)


def bigram_index(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The low 19 bits of (left * 1000003) ^ (right * 8191); 32 and 64 bit arithmetic agree on them."""
    return ((left * LEFT) ^ (right * RIGHT)) & (BUCKETS - 1)


def counted(windows: Windows) -> csr_matrix:
    """Rows of 1 + ln(count) per distinct index, float32, without idf and not normalised."""
    tokens, rows = windows.tokens, windows.rows()
    inside = rows[:-1] == rows[1:]
    bigrams = bigram_index(tokens[:-1][inside], tokens[1:][inside])
    keys = np.concatenate([rows * BUCKETS + tokens, rows[:-1][inside] * BUCKETS + bigrams])
    distinct, counts = np.unique(keys, return_counts=True)
    starts = np.searchsorted(distinct, np.arange(len(windows) + 1) * BUCKETS)
    values = (1 + np.log(counts)).astype(np.float32)
    return csr_matrix((values, (distinct % BUCKETS).astype(np.int32), starts), shape=(len(windows), BUCKETS))


def inverse_document_frequency(counts: csr_matrix, rows_min: int = 2) -> np.ndarray:
    """ln((1 + rows) / (1 + rows with it)) + 1; 0 for what fewer than `rows_min` rows have."""
    seen = np.bincount(counts.indices, minlength=BUCKETS)
    idf = np.log((1 + counts.shape[0]) / (1 + seen)) + 1
    idf[seen < rows_min] = 0
    return idf.astype(np.float32)


def normalised(counts: csr_matrix, idf: np.ndarray) -> csr_matrix:
    """Each row times idf, divided by its length (L2); a row of zeros stays so."""
    weighted = counts.multiply(idf[None, :]).tocsr()
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    return (diags(1 / lengths) @ weighted).tocsr()


def slots(counts: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """The inputs of the ONNX graph: indices int32 and values float32, [rows, widest row], padded with 2^19 and 0."""
    lengths = np.diff(counts.indptr)
    width = int(lengths.max(initial=1))
    filled = np.arange(width)[None, :] < lengths[:, None]
    indices = np.full((counts.shape[0], width), BUCKETS, dtype=np.int32)
    values = np.zeros((counts.shape[0], width), dtype=np.float32)
    indices[filled] = counts.indices
    values[filled] = counts.data
    return indices, values
