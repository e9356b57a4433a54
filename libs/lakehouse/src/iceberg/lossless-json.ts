/** JSON as Iceberg needs it: an integer beyond 2^53 is a bigint here, and the same digits in the text. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json };

const DEPTH_MAX = 100;
const INTEGER_DIGITS_MAX = 40;

/** Integers that a number holds exactly come back as numbers, others as bigint. Throws SyntaxError. */
export function parseJson(text: string): Json {
  const reader = new JsonReader(text);
  return reader.document();
}

/** Members that are undefined are left out, as JSON.stringify does. */
export function formatJson(value: unknown): string {
  const parts: string[] = [];
  format(value, parts, 0);
  return parts.join('');
}

function format(value: unknown, parts: string[], depth: number): void {
  if (depth > DEPTH_MAX) throw new TypeError(`JSON deeper than ${DEPTH_MAX}`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') parts.push(JSON.stringify(value));
  else if (typeof value === 'bigint') parts.push(value.toString());
  else if (typeof value === 'number') parts.push(formatNumber(value));
  else if (Array.isArray(value)) formatList(value, parts, depth);
  else if (typeof value === 'object') formatMembers(value, parts, depth);
  else throw new TypeError(`no JSON for a ${typeof value}`);
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('no JSON for a number that is not finite');
  if (Object.is(value, -0)) return '-0';
  // A number that only happens to be whole: with a fraction it is read as a number again.
  const text = String(value);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? text : `${text}.0`;
}

function formatList(list: readonly unknown[], parts: string[], depth: number): void {
  parts.push('[');
  list.forEach((item, i) => {
    if (i > 0) parts.push(',');
    format(item, parts, depth + 1);
  });
  parts.push(']');
}

function formatMembers(object: object, parts: string[], depth: number): void {
  let separator = '{';
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    parts.push(separator, JSON.stringify(key), ':');
    format(value, parts, depth + 1);
    separator = ',';
  }
  parts.push(separator === '{' ? '{}' : '}');
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
/** The control characters may not stand in a JSON string; JSON.parse says so. */
const NEEDS_UNESCAPING = new RegExp(String.raw`[\\\u0000-\u001f]`);

class JsonReader {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.value(0);
    this.skipSpace();
    if (this.at !== this.text.length) throw this.unexpected();
    return value;
  }

  private value(depth: number): Json {
    if (depth > DEPTH_MAX) throw new SyntaxError(`JSON deeper than ${DEPTH_MAX}`);
    this.skipSpace();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.list(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(depth: number): Json {
    const object: Record<string, Json> = {};
    this.at++;
    if (this.next('}')) return object;
    do {
      this.skipSpace();
      if (this.text[this.at] !== '"') throw this.unexpected();
      const key = this.string();
      if (!this.next(':')) throw this.unexpected();
      const value = this.value(depth + 1);
      if (key === '__proto__') {
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
      } else {
        object[key] = value;
      }
    } while (this.next(','));
    if (!this.next('}')) throw this.unexpected();
    return object;
  }

  private list(depth: number): Json {
    const list: Json[] = [];
    this.at++;
    if (this.next(']')) return list;
    do list.push(this.value(depth + 1));
    while (this.next(','));
    if (!this.next(']')) throw this.unexpected();
    return list;
  }

  private string(): string {
    const start = this.at + 1;
    let end = this.text.indexOf('"', start);
    while (end >= 0 && this.isEscaped(end, start)) end = this.text.indexOf('"', end + 1);
    if (end < 0) throw this.unexpected();
    this.at = end + 1;
    const inside = this.text.slice(start, end);
    if (!NEEDS_UNESCAPING.test(inside)) return inside;
    const unescaped: unknown = JSON.parse(this.text.slice(start - 1, end + 1));
    return String(unescaped);
  }

  private isEscaped(quote: number, start: number): boolean {
    let slash = quote;
    while (slash > start && this.text[slash - 1] === '\\') slash--;
    return (quote - slash) % 2 === 1;
  }

  private number(): number | bigint {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) throw this.unexpected();
    this.at = NUMBER.lastIndex;
    const [digits, fraction, exponent] = match;
    if (fraction !== undefined || exponent !== undefined) return Number(match[0]);
    const value = Number(digits);
    if (Number.isSafeInteger(value)) return value;
    if (digits.length > INTEGER_DIGITS_MAX) throw new SyntaxError(`an integer of over ${INTEGER_DIGITS_MAX} digits`);
    return BigInt(digits);
  }

  private word<T extends Json>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw this.unexpected();
    this.at += word.length;
    return value;
  }

  private next(character: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    const code = this.text.charCodeAt(this.at);
    if (code > 0x20) return;
    SPACE.lastIndex = this.at;
    SPACE.exec(this.text);
    this.at = SPACE.lastIndex;
  }

  private unexpected(): SyntaxError {
    return new SyntaxError(`unexpected text in JSON at character ${this.at}`);
  }
}
