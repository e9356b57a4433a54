"""Texts of our own writing whose ids every tokeniser of Watchkeeper must reproduce."""

import json
from pathlib import Path

from .wordpiece import encode, open_tokenizer

PLAIN = [
    "",
    " ",
    "\t\r\n",
    "Hello, world!",
    "The harbour was quiet before the storm.",
    "where did you put the blue kettle?",
    "I can't believe it's already Thursday; we're late, aren't we?",
    "THIS IS WRITTEN IN CAPITALS AND STILL POLITE",
    "rock'n'roll, o'clock, y'all, 'twas",
    "e-mail, re-entry, twenty-one, state-of-the-art",
    "antidisestablishmentarianism and floccinaucinihilipilification",
    "tokenization untokenizable retokenized",
    "one  two   three    four",
    "  leading and trailing  ",
    "line one\nline two\r\nline three\rline four",
    "tab\tseparated\tvalues",
    "a",
    "I",
    ".",
    "Please summarise the attached minutes in three bullet points, then suggest a title.",
    "The lighthouse keeper counted forty-two ships, noted each in her log, and went to bed at dawn. " * 6,
]

PUNCTUATION = [
    "!!!???...",
    "wait......what?!?!",
    "((nested) [brackets] {and} <angles>)",
    "semi;colon:colon,comma.period",
    "a/b\\c|d",
    "50% off & more @ the #1 shop *today*",
    "under_score __init__ snake_case_name",
    "“curly quotes” and ‘single’ ones",
    "em—dash, en–dash, minus−sign, ellipsis…",
    "¿Dónde está? ¡Aquí!",
    "«guillemets» and „low quotes”",
    "^~`$+=<>|",
    "$5 + €7 = £10 < ¥2000",
    "** bold ** ~~struck~~ `code`",
    "-----=====*****-----",
    "§ 12 (3) ¶ † ‡ • ‣",
    "、。「」・!?",
    "؟ ، ؛",
]

NUMBERS = [
    "3.14159",
    "1,234,567.89",
    "0x1F 0b1010 1e-9",
    "2026-11-23T22:04:22Z",
    "+1 (555) 010-4477",
    "192.0.2.17:8080",
    "v1.2.3-rc.4",
    "½ ¼ ² ³ ₁ ⅷ ①",
    "٠١٢٣ ०१२ 123",
    "1234567890123456789012345678901234567890",
    "4K 1080p 60fps 5GHz",
]

ACCENTS = [
    "café naïve résumé façade",
    "Ünïcödé Ångström Łódź Žižek",
    "Cafe\u0301 with a combining accent",
    "ñandú, piñata, el niño",
    "İstanbul'da ışık ve ığdır",
    "STRASSE straße Straẞe",
    "ΟΔΥΣΣΕΥΣ και ὁ Ὅμηρος",
    "smörgåsbord þorn ðe æsc œuvre",
    "Việt Nam, tiếng Việt, Đà Nẵng",
    "Čeština: příliš žluťoučký kůň úpěl",
    "z\u0336a\u0336l\u0336g\u0336o\u0336",
    "Å Å Å",
    "fi fl ff ligatures",
    "FULL width abc",
    "𝔉𝔯𝔞𝔨𝔱𝔲𝔯 𝓼𝓬𝓻𝓲𝓹𝓽 𝐛𝐨𝐥𝐝",
    "Ⓒⓘⓡⓒⓛⓔⓓ",
]

SCRIPTS = [
    "你好,世界",
    "今天天气很好,我们去海边吧。",
    "日本語とEnglishが混ざった文です。",
    "カタカナ ひらがな 漢字",
    "ガギグ パピプ ガギグ",
    "한국어 문장도 시험합니다",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "Привет, как дела? Ёжик и йод",
    "Україна їжак ґанок",
    "שלום עולם, שָׁלוֹם",
    "مرحبا بالعالم، كَيْفَ حَالُكَ",
    "हिन्दी में एक वाक्य",
    "தமிழ் மொழி",
    "ภาษาไทยไม่มีช่องว่าง",
    "ქართული ენა",
    "Հայերեն լեզու",
    "ខ្មែរ",
    "አማርኛ",
    "mixed漢字and日本kanaカナtext",
    "abcабвαβγ",
    "раypаl with Cyrillic letters",
    "𠀀𠀁 rare ideographs 豈",
    "ꙮ ⴰⴱⴲ ᚠᚢᚦ",
]

SYMBOLS = [
    "😀",
    "great job 👍🏽 team 🎉🎉",
    "family 👨‍👩‍👧‍👦 and flag 🇳🇴",
    "heart ❤️ and ❤",
    "text😀between😀faces",
    "1️⃣ 2️⃣ #️⃣",
    "→ ← ↑ ↓ ⇒ ∀x∈ℝ: x² ≥ 0",
    "∑ ∫ √ ∞ ≈ ≠ ≤",
    "© ® ™ ° µ Ω",
    "♔ ♕ ♖ ♪ ☃ ☂",
    "¯\\_(ツ)_/¯",
    "(╯°□°)╯︵ ┻━┻",
    ":-) ;-P <3 XD",
]

INVISIBLE = [
    "zero\u200bwidth\u200bspace",
    "non\u00a0breaking\u202fspaces\u2003and\u3000wide",
    "soft\u00adhyphen joiner\u200dnon\u200cjoiner",
    "\ufeffbyte order mark first",
    "nul\u0000inside and bell\u0007here",
    "replacement \ufffd character",
    "right\u202eto\u202cleft override",
    "line\u2028separator and paragraph\u2029separator",
    "next\u0085line and vertical\u000btab and form\u000cfeed",
    "\u200b",
    "a\u0301\u200b\u0301b",
    "private \ue000 use",
    "variation\ufe0f selector",
]

LONG = [
    "a" * 99,
    "a" * 100,
    "a" * 101,
    "word " + "x" * 150 + " word",
    "é" * 101,
    "e\u0301" * 60,
    "😀" * 120,
    "1" * 120,
    "漢" * 120,
    "ab-" * 60,
    "https://example.org/a/very/long/path?with=query&and=more#" + "fragment" * 20,
]

CODE = [
    "SELECT name, COUNT(*) FROM turns WHERE week = '2026-W47' GROUP BY 1;",
    "const f = async (x) => { await g(x ?? 0); };",
    "if (a<b && c>=d || !e) { return x[i++]; }",
    "rm -rf ./build && npm ci",
    "def area(r): return 3.14 * r ** 2",
    '{"key": "value", "list": [1, 2, null]}',
    "<p class=\"note\">R&amp;D &lt;3</p>",
    "user.name+tag@mail.example.com",
    "C:\\Temp\\new folder\\file.txt",
    "aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ=",
]

SPECIAL = [
    "[CLS] text [SEP]",
    "[unused1] I am the assistant [unused2]",
    "[MASK] [PAD] [UNK]",
    "##ing ##s",
    "[SEP][SEP]the end[SEP]",
    "[ CLS ] [cls]",
]

TEXTS = PLAIN + PUNCTUATION + NUMBERS + ACCENTS + SCRIPTS + SYMBOLS + INVISIBLE + LONG + CODE + SPECIAL


def write_golden(vocabulary: Path, target: Path) -> int:
    """Writes [{text, ids}] as ASCII JSON, one case a line; gives the number of cases."""
    cases = zip(TEXTS, encode(open_tokenizer(vocabulary), TEXTS), strict=True)
    lines = [json.dumps({"text": text, "ids": ids}, separators=(",", ":")) for text, ids in cases]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="ascii")
    return len(lines)
