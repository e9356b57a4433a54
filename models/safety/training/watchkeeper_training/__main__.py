"""python -m watchkeeper_training fit|export|evaluate|card|all|check|golden [--data DIR] [--out DIR] [--work DIR]"""

import argparse
import os
import sys
from pathlib import Path

from . import VERSION, export, fitting
from .card import write_card
from .check import check
from .data import HERE
from .evaluate import evaluate
from .golden import write_golden
from .training_set import Progress, TrainingSet, build_training_set

DATA_VARIABLE = "WATCHKEEPER_SAFETY_DATA"
RELEASE = HERE.parent / f"stage1-{VERSION}"
GOLDEN = HERE.parents[2] / "test" / "fixtures" / "golden" / "wordpiece.json"
COMMANDS = {
    "fit": "fit on the data; keeps the result in --work",
    "export": "write model.onnx and labels.json of the last fit",
    "evaluate": "measure the exported model and write eval.json",
    "card": "write MODEL_CARD.md from eval.json",
    "all": "fit, export, evaluate, card",
    "check": "fit again and compare with the committed files; writes nothing",
    "golden": "write the golden ids of the tokeniser",
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="watchkeeper_training", description=__doc__)
    parser.add_argument("command", choices=COMMANDS, help="; ".join(f"{name}: {what}" for name, what in COMMANDS.items()))
    parser.add_argument("--data", type=Path, help=f"folder of train.jsonl.gz and dev-public.jsonl.gz (or {DATA_VARIABLE})")
    parser.add_argument("--out", type=Path, default=RELEASE, help="folder of the released model; holds vocab.txt")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="folder for what is kept between commands")
    return parser.parse_args()


def data_folder(given: Path | None) -> Path:
    named = os.environ.get(DATA_VARIABLE)
    folder = given or (Path(named) if named else None)
    if folder is None or not (folder / "train.jsonl.gz").exists():
        raise SystemExit(f"name the folder of train.jsonl.gz with --data or {DATA_VARIABLE}")
    return folder


def run_with_data(command: str, settings: argparse.Namespace, progress: Progress) -> int:
    data, out, kept = data_folder(settings.data), settings.out, settings.work / "fitted.npz"
    training: TrainingSet = build_training_set(data, out / "vocab.txt", progress)
    if command == "check":
        faults = check(training, fitting.fit_all(training, progress), data, out, progress)
        print("\n".join(faults) if faults else "the committed model follows from the data")
        return 1 if faults else 0
    if command in ("fit", "all"):
        fitting.save(fitting.fit_all(training, progress), kept)
    fitted = fitting.load(kept)
    if command == "all":
        export.write(fitted, out)
        progress("exported")
    if command in ("evaluate", "all"):
        evaluate(training, fitted, data, out, progress)
        progress("evaluated")
    if command == "all":
        write_card(out)
    return 0


def main() -> int:
    settings, progress = arguments(), Progress()
    if settings.command == "golden":
        progress(f"{write_golden(settings.out / 'vocab.txt', GOLDEN)} cases")
        return 0
    if settings.command == "export":
        export.write(fitting.load(settings.work / "fitted.npz"), settings.out)
        return 0
    if settings.command == "card":
        write_card(settings.out)
        return 0
    return run_with_data(settings.command, settings, progress)


if __name__ == "__main__":
    sys.exit(main())
