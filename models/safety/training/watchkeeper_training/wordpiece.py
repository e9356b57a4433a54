"""The WordPiece tokeniser, built from vocab.txt alone.

Normalising and splitting are those of BERT uncased: control characters dropped, CJK characters set apart,
lower case, accents stripped, punctuation split off; a word of more than 100 characters is [UNK].
"[SEP]" and its like inside a text are ordinary text, so that no writer can forge a window's end or its role.
"""

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

WORD_CHARACTERS_MAX = 100


def read_vocabulary(path: Path) -> dict[str, int]:
    """Token to id; the id is the number of the line, from 0."""
    lines = path.read_text(encoding="utf-8").split("\n")
    if lines[-1] == "":
        lines.pop()
    return {token: number for number, token in enumerate(lines)}


def open_tokenizer(vocabulary: Path) -> Tokenizer:
    model = models.WordPiece(
        vocab=read_vocabulary(vocabulary), unk_token="[UNK]", max_input_chars_per_word=WORD_CHARACTERS_MAX
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Ids of each text, without [CLS] and [SEP], not truncated."""
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
