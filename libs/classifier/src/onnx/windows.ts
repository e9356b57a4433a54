import type { WordPiece } from './wordpiece';

/** Text is tokenised in stretches of about this many code units, so that a long one never holds a worker for long. */
const STRETCH_LENGTH = 8_192;

export interface WindowShape {
  /** Ids of text in a window. */
  readonly tokens: number;
  /** Ids that two neighbouring windows share. */
  readonly overlap: number;
}

/** The windows of a text: together they hold all of its ids, the last one included; an empty text has one empty window. */
export function* windowsOf(text: string, wordPiece: WordPiece, shape: WindowShape): Generator<readonly number[]> {
  const step = shape.tokens - shape.overlap;
  let ids: number[] = [];
  for (let at = 0; at < text.length;) {
    const end = stretchEnd(text, at);
    wordPiece.encode(end === text.length && at === 0 ? text : text.slice(at, end), ids);
    at = end;
    let start = 0;
    for (; ids.length - start > shape.tokens; start += step) yield ids.slice(start, start + shape.tokens);
    if (start > 0) ids = ids.slice(start);
  }
  yield ids;
}

/** Where the text can be cut without cutting a word: behind white space or punctuation, beside an ideograph. */
function stretchEnd(text: string, start: number): number {
  let end = start + STRETCH_LENGTH;
  while (end < text.length && !isBoundary(text.charCodeAt(end - 1))) end++;
  return Math.min(end, text.length);
}

function isBoundary(code: number): boolean {
  if (code >= 0x4e00 && code <= 0x9fff) return true;
  return code <= 32 ? code === 9 || code === 10 || code === 13 || code === 32 : code < 48;
}
