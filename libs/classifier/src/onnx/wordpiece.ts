import { DomainError } from '@watchkeeper/domain';

/** Words of more code points are [UNK], as in BERT. */
const WORD_CODE_POINTS_MAX = 100;
/** Two generations of this many words bound the cache: about 20 MB at its fullest. */
const CACHE_WORDS_MAX = 50_000;

const SPACE = 0;
const WORD = 1;
const PUNCTUATION = 2;

/** What each ASCII character is to BERT; the control characters that it drops never reach this table. */
const ASCII_KIND = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code <= 32) return SPACE;
  return /[!-/:-@[-`{-~]/.test(String.fromCharCode(code)) ? PUNCTUATION : WORD;
});

const BEYOND_PLAIN_ASCII = /[^\t\n\r\x20-\x7e]/;
const DROPPED = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/gu;
const SPACES = /\s/gu;
const IDEOGRAPH =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
const ACCENTS = /\p{Mn}/gu;
const PIECES = /[!-/:-@[-`{-~\p{P}]|[^\s!-/:-@[-`{-~\p{P}]+/gu;

/** One id, or several where a word is made of pieces. */
type Ids = number | readonly number[];

/**
 * BERT's uncased WordPiece: text in, vocabulary ids out, without [CLS] and [SEP].
 * "[SEP]" and its like inside a text are ordinary text, so that no writer can forge a window's end or a role.
 * The golden ids of test/fixtures/golden/wordpiece.json hold it to the tokeniser the model was trained with.
 */
export class WordPiece {
  private readonly vocabulary: ReadonlyMap<string, number>;
  private readonly unknown: number;
  private young = new Map<string, Ids>();
  private old = new Map<string, Ids>();

  /** `vocabulary` is the content of vocab.txt: a token a line, the line's number from 0 is its id. */
  constructor(vocabulary: string) {
    this.vocabulary = new Map(
      vocabulary
        .replace(/\r?\n$/, '')
        .split(/\r?\n/)
        .map((token, id) => [token, id]),
    );
    const unknown = this.vocabulary.get('[UNK]');
    if (unknown === undefined) throw new DomainError('bad-model', 'vocab.txt does not hold [UNK]');
    this.unknown = unknown;
  }

  /** Appends the ids of the text to `ids`. */
  encode(text: string, ids: number[]): void {
    if (BEYOND_PLAIN_ASCII.test(text)) this.encodeUnicode(text, ids);
    else this.encodeAscii(text.toLowerCase(), ids);
  }

  private encodeAscii(text: string, ids: number[]): void {
    let wordStart = -1;
    for (let at = 0; at < text.length; at++) {
      const kind = ASCII_KIND[text.charCodeAt(at)];
      if (kind === WORD) {
        if (wordStart < 0) wordStart = at;
        continue;
      }
      if (wordStart >= 0) this.push(text.slice(wordStart, at), ids);
      wordStart = -1;
      if (kind === PUNCTUATION) this.push(text.charAt(at), ids);
    }
    if (wordStart >= 0) this.push(text.slice(wordStart), ids);
  }

  // The order is the normaliser's: clean, set ideographs apart, decompose, strip accents, lower-case.
  private encodeUnicode(text: string, ids: number[]): void {
    const cleaned = text
      .replace(DROPPED, '')
      .replace(SPACES, ' ')
      .replace(IDEOGRAPH, ' $& ')
      .normalize('NFD')
      .replace(ACCENTS, '');
    // Character by character, as the normaliser does it: a final sigma is an ordinary one.
    const normal = cleaned.replaceAll('Σ', 'σ').toLowerCase();
    for (const [piece] of normal.matchAll(PIECES)) this.push(piece, ids);
  }

  private push(word: string, ids: number[]): void {
    const found = this.vocabulary.get(word) ?? this.young.get(word) ?? this.inPieces(word);
    if (typeof found === 'number') ids.push(found);
    else for (const id of found) ids.push(id);
  }

  private inPieces(word: string): Ids {
    if (isTooLong(word)) return this.unknown;
    const pieces = this.old.get(word) ?? this.longestMatches(word);
    if (this.young.size >= CACHE_WORDS_MAX) {
      this.old = this.young;
      this.young = new Map();
    }
    // A copy of its own: a slice would keep the whole text it was cut from in memory.
    this.young.set(Buffer.from(word, 'utf16le').toString('utf16le'), pieces);
    return pieces;
  }

  /** Greedy, the longest piece first; a word that cannot be made of pieces is [UNK] as a whole. */
  private longestMatches(word: string): Ids {
    const pieces: number[] = [];
    let start = 0;
    while (start < word.length) {
      let end = word.length;
      let id: number | undefined;
      while (end > start && id === undefined) {
        const piece = word.slice(start, end);
        id = this.vocabulary.get(start > 0 ? `##${piece}` : piece);
        if (id === undefined) end--;
      }
      if (id === undefined) return this.unknown;
      pieces.push(id);
      start = end;
    }
    return pieces;
  }
}

function isTooLong(word: string): boolean {
  if (word.length <= WORD_CODE_POINTS_MAX) return false;
  // A code point has at most two code units; longer words need no counting.
  return word.length > 2 * WORD_CODE_POINTS_MAX || Array.from(word).length > WORD_CODE_POINTS_MAX;
}
