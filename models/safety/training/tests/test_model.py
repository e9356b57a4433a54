"""The released files agree with each other, and the graph with its definition."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from watchkeeper_training import CATEGORIES, features  # noqa: E402
from watchkeeper_training.__main__ import RELEASE  # noqa: E402
from watchkeeper_training.calibrate import Calibration, acting_threshold, looking_threshold  # noqa: E402
from watchkeeper_training.clusters import clusters  # noqa: E402
from watchkeeper_training.data import own_rows, sanity_rows  # noqa: E402
from watchkeeper_training.export import build  # noqa: E402
from watchkeeper_training.fitting import Fitted  # noqa: E402
from watchkeeper_training.metrics import Ranking, calibration_error  # noqa: E402
from watchkeeper_training.model import Linear  # noqa: E402
from watchkeeper_training.released import Released  # noqa: E402
from watchkeeper_training.training_set import file_hash  # noqa: E402
from watchkeeper_training.wordpiece import open_tokenizer  # noqa: E402

TEXTS = ["how do i boil an egg", "I will kill you", "", "word " * 400]


def a_random_model() -> Fitted:
    random = np.random.default_rng(3)
    weights = random.normal(size=(features.BUCKETS, len(CATEGORIES))).astype(np.float32)
    idf = random.uniform(1, 9, size=features.BUCKETS).astype(np.float32)
    calibration = Calibration(random.uniform(0.5, 2, 8), random.normal(size=8))
    return Fitted(Linear(weights, random.normal(size=8).astype(np.float32)), idf, calibration, {}, np.zeros((0, 8)))


class ModelTests(unittest.TestCase):
    def test_the_graph_computes_its_definition(self) -> None:
        import onnxruntime

        fitted = a_random_model()
        session = onnxruntime.InferenceSession(build(fitted).SerializeToString(), providers=["CPUExecutionProvider"])
        tokenizer = open_tokenizer(RELEASE / "vocab.txt")
        counts = features.counted(features.first_windows(tokenizer, TEXTS, ["user"] * len(TEXTS)))
        indices, values = features.slots(counts)
        said = session.run(None, {"indices": indices, "values": values})[0]
        logits = fitted.linear.logits(features.normalised(counts, fitted.idf))
        np.testing.assert_allclose(said, fitted.calibration.probabilities(logits), atol=2e-3)

    def test_labels_name_the_released_files(self) -> None:
        released = Released(RELEASE)
        for name, expected in released.labels["sha256"].items():
            self.assertEqual(file_hash(RELEASE / name), expected)
        self.assertEqual(released.labels["categories"], list(CATEGORIES))

    def test_scores_are_probabilities_and_batches_do_not_matter(self) -> None:
        released = Released(RELEASE)
        together = released.scores(TEXTS, ["user"] * len(TEXTS))
        alone = np.concatenate([released.scores([text], ["user"]) for text in TEXTS])
        self.assertTrue(((together >= 0) & (together <= 1)).all())
        np.testing.assert_allclose(together, alone, atol=1e-5)

    def test_near_duplicates_share_a_cluster(self) -> None:
        base = "the keeper of the lighthouse counted every ship that passed the cape during the long night"
        texts = [base, base + " again", "a recipe for lentil soup with carrots, celery and a little lemon juice at the end"]
        found = clusters(features.first_windows(open_tokenizer(RELEASE / "vocab.txt"), texts, ["user"] * 3))
        self.assertEqual(found[0], found[1])
        self.assertNotEqual(found[0], found[2])

    def test_measures_agree_with_hand_computed_ones(self) -> None:
        truth, scores, weights = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1]), np.ones(4)
        ranking = Ranking.of(truth, scores)
        self.assertAlmostEqual(ranking.auprc(weights), 0.5 * 1 + 0.5 * 2 / 3)
        self.assertAlmostEqual(ranking.auroc(weights), 0.75)
        self.assertAlmostEqual(calibration_error(np.array([1, 0]), np.array([0.5, 0.5]), np.ones(2)), 0.0)

    def test_a_rule_that_acts_is_right_three_times_of_four(self) -> None:
        truth, said = np.array([1, 1, 1, 0, 0, 1]), np.array([0.9, 0.8, 0.7, 0.6, 0.4, 0.2])
        self.assertAlmostEqual(acting_threshold(truth, said, np.ones(6)), 0.41)
        self.assertAlmostEqual(acting_threshold(truth, said, np.array([1, 1, 1, 9, 1, 1])), 0.61)
        self.assertAlmostEqual(acting_threshold(1 - truth, 1 - truth * 0.01, np.ones(6)), 0.95)

    def test_a_rule_that_looks_alarms_in_few_harmless_messages(self) -> None:
        truth, said = np.array([1, 1, 0, 0]), np.array([0.9, 0.5, 0.7, 0.1])
        self.assertAlmostEqual(looking_threshold(truth, said, np.array([1, 1, 0.004, 0.996])), 0.15)
        self.assertAlmostEqual(looking_threshold(truth, said, np.array([1, 1, 0.006, 0.994])), 0.71)

    def test_own_rows_are_many_and_none_is_a_sanity_sentence(self) -> None:
        own = {row.text.lower() for row in own_rows()}
        self.assertGreater(len(own), 400)
        self.assertGreaterEqual(len(sanity_rows()), 80)
        self.assertEqual(own & {row.text.lower() for row in sanity_rows()}, set())


if __name__ == "__main__":
    unittest.main()
