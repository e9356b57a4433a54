interface Entry<V> {
  readonly readAt: number;
  readonly value: Promise<V>;
  /** Is being read to take this one's place. */
  hasSuccessor: boolean;
}

/**
 * Remembers what was read for `ttlMs`, counted from when the reading began, for at most `entriesMax` keys. What is asked for
 * in the second half of its time is read anew meanwhile, so that nobody who asks often has to wait for a reading.
 */
export class FreshCache<V> {
  readonly #entries = new Map<string, Entry<V>>();

  constructor(
    private readonly ttlMs: number,
    private readonly entriesMax: number,
    private readonly now: () => number,
  ) {}

  /** The value remembered, or else what `read` gives; many who ask at once share one reading. Failures are forgotten. */
  async get(key: string, read: () => Promise<V>): Promise<V> {
    const known = this.#fresh(key);
    if (known) {
      if (!known.hasSuccessor && this.now() - known.readAt >= this.ttlMs / 2) void this.#readAhead(key, known, read);
      return await known.value;
    }
    const entry = { readAt: this.now(), value: read(), hasSuccessor: false };
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

  /** A reading that fails changes nothing: the old value serves out its time, and who asks then is told. */
  async #readAhead(key: string, known: Entry<V>, read: () => Promise<V>): Promise<void> {
    known.hasSuccessor = true;
    const readAt = this.now();
    try {
      const value = await read();
      // Forgotten meanwhile: what was read may be older than what was just written.
      if (this.#entries.get(key) !== known) return;
      this.#entries.set(key, { readAt, value: Promise.resolve(value), hasSuccessor: false });
    } catch {
      known.hasSuccessor = false;
    }
  }

  #forgetOldest(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
