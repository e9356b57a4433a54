/** Remembers what was read for `ttlMs`, counted from when the reading began, for at most `entriesMax` keys. */
export class FreshCache<V> {
  readonly #entries = new Map<string, { readonly readAt: number; readonly value: Promise<V> }>();

  constructor(
    private readonly ttlMs: number,
    private readonly entriesMax: number,
    private readonly now: () => number,
  ) {}

  /** The value remembered, or else what `read` gives; many who ask at once share one reading. Failures are forgotten. */
  async get(key: string, read: () => Promise<V>): Promise<V> {
    const known = this.#fresh(key);
    if (known) return await known.value;
    const entry = { readAt: this.now(), value: read() };
    this.#entries.set(key, entry);
    if (this.#entries.size > this.entriesMax) this.#forgetOldest();
    try {
      return await entry.value;
    } catch (cause) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw cause;
    }
  }

  has(key: string): boolean {
    return this.#fresh(key) !== undefined;
  }

  /** What is being read at this moment is forgotten too: it may be older than what was just written. */
  forget(key: string): void {
    this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  #fresh(key: string) {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (this.now() - entry.readAt >= this.ttlMs) return undefined;
    // Put back at the end: the first in the map is the one that was asked for least lately.
    this.#entries.set(key, entry);
    return entry;
  }

  #forgetOldest(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
