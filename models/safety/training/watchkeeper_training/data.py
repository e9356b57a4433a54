"""The rows that the model learns from, and the rows that it must never see."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import CATEGORIES
from .templates import templated

CLEAN_LICENCES = ("permissive", "share-alike")
OWN_SOURCE = "own-writing"
TEMPLATE_SOURCE = "own-templates"
HERE = Path(__file__).resolve().parent.parent
OWN_WRITING = HERE / "own-writing.jsonl"
SANITY = HERE / "sanity.jsonl"

# What a person writes to an assistant, or gets from one; the rest is social media.
CHAT_SOURCES = frozenset(
    "halu dolly acp frr gptfuzz gptfuzzp malp malinst catqa itw selfrem deepset i2p rtp".split() + [OWN_SOURCE, TEMPLATE_SOURCE]
)

# Sources whose labels are loose (the beginning of a sentence, a single word, a picture prompt, a puzzle of one contest)
# count less than the others, in what is learnt and in what is taken for traffic.
SOURCE_FACTOR = {"rtp": 0.1, "prof": 0.1, "i2p": 0.3, "malp": 0.3}


@dataclass(frozen=True)
class Row:
    source: str
    licence: str
    role: str
    text: str
    # 1 or 0 per category; a category that is absent is unknown and carries no loss.
    labels: dict[str, int]


@dataclass(frozen=True)
class DevRow:
    """A row of a public test set: it asks about one category only."""

    set: str
    text: str
    label: str
    y: int


@dataclass(frozen=True)
class SanityRow:
    """A sentence of our own with what must be seen in it: a category, or None for everyday talk."""

    text: str
    role: str
    expect: str | None
    language: str


def read_lines(path: Path) -> Iterable[dict]:
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def training_rows(data: Path) -> list[Row]:
    """The rows whose licence lets the model be given away, then those of our own writing."""
    given = [
        Row(one["source"], one["licence"], one["role"], one["text"], one["labels"])
        for one in read_lines(data / "train.jsonl.gz")
        if one["licence"] in CLEAN_LICENCES
    ]
    made = [Row(TEMPLATE_SOURCE, "own", "user", text, labels) for text, labels in templated()]
    return given + own_rows() + made


def own_rows() -> list[Row]:
    """`harm` names the categories that hold; each other one is known not to hold. `maybe` names those left open."""
    rows = []
    for one in read_lines(OWN_WRITING):
        labels = {category: int(category in one["harm"]) for category in CATEGORIES}
        labels["unsafe"] = int(bool(one["harm"]))
        for category in one.get("maybe", []):
            labels.pop(category, None)
        rows.append(Row(OWN_SOURCE, "own", one["role"], one["text"], labels))
    return rows


def dev_rows(data: Path) -> list[DevRow]:
    return [DevRow(one["set"], one["text"], one["label"], one["y"]) for one in read_lines(data / "dev-public.jsonl.gz")]


def sanity_rows() -> list[SanityRow]:
    return [SanityRow(one["text"], one["role"], one["expect"], one.get("language", "en")) for one in read_lines(SANITY)]


def label_matrix(rows: list[Row]) -> np.ndarray:
    """[rows, 8]: 1, 0, or -1 where unknown."""
    matrix = np.full((len(rows), len(CATEGORIES)), -1, dtype=np.int8)
    for number, row in enumerate(rows):
        for category, value in row.labels.items():
            matrix[number, CATEGORIES.index(category)] = value
    return matrix


def with_both_roles(rows: list[Row]) -> list[Row]:
    """Chat rows a second time in the other role.

    Nearly all assistant rows come from one source that is 40 % harmful: without the copies the role itself would be
    taken for harm. The copies lie in the cluster, and so in the fold, of their originals.
    """
    other = {"user": "assistant", "assistant": "user"}
    copies = [
        Row(row.source, row.licence, other[row.role], row.text, row.labels) for row in rows if row.source in CHAT_SOURCES
    ]
    return rows + copies


def spread(
    weights: np.ndarray, chosen: np.ndarray, sources: np.ndarray, share: float, factors: dict[str, float]
) -> None:
    """Gives `share` of the weight to the chosen rows; each source gets by its factor and the root of its rows."""
    names, numbers, counts = np.unique(sources[chosen], return_inverse=True, return_counts=True)
    if len(names) == 0:
        return
    factor = np.array([factors.get(name, 1.0) for name in names])
    weights[chosen] = share * (factor / np.sqrt(counts))[numbers] / (factor * np.sqrt(counts)).sum()
