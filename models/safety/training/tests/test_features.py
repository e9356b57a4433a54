"""What the features promise to the classifier in TypeScript."""

import ctypes
import json
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from watchkeeper_training import features  # noqa: E402
from watchkeeper_training.__main__ import GOLDEN, RELEASE  # noqa: E402
from watchkeeper_training.wordpiece import encode, open_tokenizer  # noqa: E402


def int32_bigram(left: int, right: int) -> int:
    """The definition with the wrap-around of 32 bits, as Math.imul gives it."""
    product = ctypes.c_int32(left * 1_000_003).value ^ ctypes.c_int32(right * 8_191).value
    return product & ((1 << 19) - 1)


class FeatureTests(unittest.TestCase):
    def test_bigrams_are_the_same_in_32_and_64_bits(self) -> None:
        random = np.random.default_rng(1)
        left, right = random.integers(0, 30_522, size=(2, 2_000))
        wide = features.bigram_index(left, right)
        narrow = [int32_bigram(int(a), int(b)) for a, b in zip(left, right, strict=True)]
        self.assertEqual(wide.tolist(), narrow)

    def test_a_window_is_cls_role_text_sep_and_no_longer_than_254_ids(self) -> None:
        window = features.window_of(range(1_000, 2_000), "assistant")
        self.assertEqual(window[:3], [101, 3, 1_000])
        self.assertEqual((window[-2:], len(window)), ([1_253, 102], 257))

    def test_windows_overlap_by_64_and_reach_the_end(self) -> None:
        ids = list(range(1_000, 1_600))
        windows = features.windows_of(ids, "user")
        self.assertEqual(windows[1][2], 1_000 + 190)
        self.assertEqual({one for window in windows for one in window} - {101, 2, 102}, set(ids))
        self.assertEqual(len(features.windows_of([], "user")), 1)
        self.assertEqual(len(features.windows_of(ids[:254], "user")), 1)

    def test_a_repeated_token_counts_one_plus_the_logarithm(self) -> None:
        counts = features.counted(features.joined([[101, 2, 7, 7, 7, 102]]))
        self.assertAlmostEqual(counts[0, 7], 1 + np.log(3), places=6)
        pair = int(features.bigram_index(np.array(7), np.array(7)))
        self.assertAlmostEqual(counts[0, pair], 1 + np.log(2), places=6)
        self.assertEqual(counts.nnz, 4 + 4)

    def test_slots_are_padded_with_the_row_of_zeros(self) -> None:
        indices, values = features.slots(features.counted(features.joined([[101, 2, 102], [101, 2, 5, 6, 102]])))
        self.assertEqual(indices.shape, (2, 9))
        self.assertTrue((indices[0, 5:] == 1 << 19).all() and (values[0, 5:] == 0).all())

    def test_the_tokeniser_gives_the_golden_ids(self) -> None:
        cases = json.loads(GOLDEN.read_text(encoding="utf-8"))
        tokenizer = open_tokenizer(RELEASE / "vocab.txt")
        self.assertGreater(len(cases), 100)
        self.assertEqual(encode(tokenizer, [case["text"] for case in cases]), [case["ids"] for case in cases])


if __name__ == "__main__":
    unittest.main()
