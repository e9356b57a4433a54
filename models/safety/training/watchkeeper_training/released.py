"""The released model, run as the product runs it: onnxruntime, one thread, all windows of a text, the highest score."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from . import CATEGORIES, features
from .wordpiece import encode, open_tokenizer

BATCH = 64
WARM_UP_BATCHES = 20


class Released:
    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = open_tokenizer(folder / "vocab.txt")
        self.labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))

    def scores(self, texts: Sequence[str], roles: Sequence[str]) -> np.ndarray:
        """[texts, 8] probabilities; of a text with several windows, the highest of each category."""
        sequences, owners = [], []
        cut = [text[: features.ENCODED_CHARACTERS_MAX] for text in texts]
        for number, (ids, role) in enumerate(zip(encode(self.tokenizer, cut), roles, strict=True)):
            windows = features.windows_of(ids, role)
            sequences += windows
            owners += [number] * len(windows)
        result = np.zeros((len(texts), len(CATEGORIES)), dtype=np.float32)
        order = np.argsort([len(one) for one in sequences], kind="stable")
        for at in range(0, len(order), BATCH):
            chosen = order[at : at + BATCH]
            indices, values = features.slots(features.counted(features.joined([sequences[one] for one in chosen])))
            scores = self.session.run(["probabilities"], {"indices": indices, "values": values})[0]
            np.maximum.at(result, np.array(owners)[chosen], scores)
        return result

    def speed(self, texts: Sequence[str], seconds: float = 4.0) -> dict:
        """Messages a second of the graph alone: one thread, batches of 64 of like length, features made beforehand."""
        windows = features.first_windows(self.tokenizer, texts, ["user"] * len(texts))
        order = np.argsort(np.diff(windows.starts), kind="stable")
        counts = features.counted(windows)[order]
        batches = [features.slots(counts[at : at + BATCH]) for at in range(0, len(texts) - BATCH + 1, BATCH)]
        feeds = [{"indices": indices, "values": values} for indices, values in batches]
        np.random.default_rng(0).shuffle(feeds)
        for feed in feeds[:WARM_UP_BATCHES]:
            self.session.run(None, feed)
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            self.session.run(None, feeds[done % len(feeds)])
            done += 1
        rate = done * BATCH / (time.perf_counter() - began)
        return {
            "messagesPerSecond": round(rate),
            "batch": BATCH,
            "threads": 1,
            "tokensMean": round(float(np.diff(windows.starts).mean()), 1),
            "what": "onnxruntime alone, without the tokeniser and the hashing",
        }
