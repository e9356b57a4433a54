"""`export`: the fitted model as one ONNX file, and labels.json, which says how to feed and read it."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from . import CATEGORIES, NAME, VERSION, features
from .calibrate import HARM_SHARE
from .fitting import Fitted
from .training_set import file_hash

OPSET = 17
IR_VERSION = 8


def table_of(fitted: Fitted) -> np.ndarray:
    """[2^19 + 1, 9] float16: idf x weight of the 8 categories, then idf squared; the last row, for padding, is zero."""
    idf = fitted.idf.astype(np.float64)[:, None]
    rows = np.concatenate([fitted.linear.weights * idf, idf * idf], axis=1)
    return np.concatenate([rows, np.zeros((1, rows.shape[1]))]).astype(np.float16)


def build(fitted: Fitted) -> onnx.ModelProto:
    """probability = sigmoid(slope * (sum(v idf W) / sqrt(sum(v^2 idf^2)) + bias) + offset), one Gather for both sums."""
    slope = fitted.calibration.slope
    offset = fitted.calibration.slope * fitted.linear.bias + fitted.calibration.offset
    constants = {
        "table": table_of(fitted),
        "slope": slope.astype(np.float32),
        "offset": offset.astype(np.float32),
        "tiny": np.array(1e-12, dtype=np.float32),
        "one": np.array([1], dtype=np.int64),
        "from": np.array([0], dtype=np.int64),
        "to": np.array([len(CATEGORIES)], dtype=np.int64),
        "end": np.array([len(CATEGORIES) + 1], dtype=np.int64),
        "last_axis": np.array([1], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["table", "indices"], ["rows16"], axis=0),
        helper.make_node("Cast", ["rows16"], ["rows"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["values", "values"], ["squares"]),
        helper.make_node("Unsqueeze", ["values", "one"], ["values1"]),
        helper.make_node("Unsqueeze", ["squares", "one"], ["squares1"]),
        helper.make_node("Concat", ["values1", "squares1"], ["both"], axis=1),
        helper.make_node("MatMul", ["both", "rows"], ["sums"]),
        helper.make_node("Split", ["sums"], ["sums_of_values", "sums_of_squares"], axis=1),
        helper.make_node("Squeeze", ["sums_of_values", "one"], ["plain"]),
        helper.make_node("Squeeze", ["sums_of_squares", "one"], ["squared"]),
        helper.make_node("Slice", ["plain", "from", "to", "last_axis"], ["dots"]),
        helper.make_node("Slice", ["squared", "to", "end", "last_axis"], ["length2"]),
        helper.make_node("Max", ["length2", "tiny"], ["length2_safe"]),
        helper.make_node("Sqrt", ["length2_safe"], ["length"]),
        helper.make_node("Div", ["dots", "length"], ["logits"]),
        helper.make_node("Mul", ["logits", "slope"], ["sloped"]),
        helper.make_node("Add", ["sloped", "offset"], ["calibrated"]),
        helper.make_node("Sigmoid", ["calibrated"], ["probabilities"]),
    ]
    graph = helper.make_graph(
        nodes,
        NAME,
        [
            helper.make_tensor_value_info("indices", TensorProto.INT32, ["batch", "slots"]),
            helper.make_tensor_value_info("values", TensorProto.FLOAT, ["batch", "slots"]),
        ],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(CATEGORIES)])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name=NAME
    )
    model.model_version = 1
    onnx.checker.check_model(model, full_check=True)
    return model


def labels_of(fitted: Fitted, out: Path) -> dict:
    return {
        "name": NAME,
        "version": VERSION,
        "sha256": {name: file_hash(out / name) for name in ("model.onnx", "vocab.txt")},
        "categories": list(CATEGORIES),
        "inputs": {"indices": "int32 [batch, slots]", "values": "float32 [batch, slots]"},
        "output": {"probabilities": f"float32 [batch, {len(CATEGORIES)}]"},
        "buckets": features.BUCKETS,
        "paddingIndex": features.BUCKETS,
        "windowTokens": features.WINDOW_TOKENS,
        "overlap": features.OVERLAP_TOKENS,
        "roleTokens": features.ROLE_TOKENS,
        "recommendedThresholds": fitted.thresholds,
        "calibration": {
            "method": "Platt scaling per category on rows held out by near-duplicate cluster (5 folds), inside the graph",
            "shareOfTraffic": HARM_SHARE,
            "slope": [round(float(value), 6) for value in fitted.calibration.slope],
            "offset": [round(float(value), 6) for value in fitted.calibration.offset],
        },
        "licence": {"model": "Apache-2.0", "vocabulary": "Apache-2.0 (bert-base-uncased, through all-MiniLM-L6-v2)"},
        "trainedOn": "permissive and share-alike public rows and our own writing; see MODEL_CARD.md",
    }


def write(fitted: Fitted, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(build(fitted).SerializeToString(deterministic=True))
    (out / "labels.json").write_text(json.dumps(labels_of(fitted, out), indent=2) + "\n", encoding="utf-8")
