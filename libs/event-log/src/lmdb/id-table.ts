const SLOTS_MIN = 1024;
const WORDS = 4;

/**
 * Hash of an id to the place of its record, in memory: open addressing over typed arrays, 28 bytes a slot. The slot is
 * the hash's top bits, so that walking the slots walks the hashes nearly in order.
 */
export class IdTable {
  private slots = SLOTS_MIN;
  private hashes = new Uint32Array(SLOTS_MIN * WORDS);
  /** Partition ref, 0 = free (topic numbers start at 1). */
  private refs = new Uint32Array(SLOTS_MIN);
  private offsets = new Float64Array(SLOTS_MIN);
  private used = 0;

  get size(): number {
    return this.used;
  }

  get slotCount(): number {
    return this.slots;
  }

  set(hash: Uint32Array, ref: number, offset: number): void {
    if (this.used * 2 >= this.slots) this.grow();
    const slot = this.find(hash[0]!, hash[1]!, hash[2]!, hash[3]!);
    if (this.refs[slot] === 0) this.used++;
    this.hashes.set(hash, slot * WORDS);
    this.refs[slot] = ref;
    this.offsets[slot] = offset;
  }

  /** The slot that holds the hash, or -1. */
  slotOf(hash: Uint32Array): number {
    const slot = this.find(hash[0]!, hash[1]!, hash[2]!, hash[3]!);
    return this.refs[slot] === 0 ? -1 : slot;
  }

  /** 0 for a free slot. */
  refAt(slot: number): number {
    return this.refs[slot]!;
  }

  offsetAt(slot: number): number {
    return this.offsets[slot]!;
  }

  hashAt(slot: number): Uint32Array {
    return this.hashes.subarray(slot * WORDS, slot * WORDS + WORDS);
  }

  private find(a: number, b: number, c: number, d: number): number {
    const { hashes, refs, slots } = this;
    let slot = a >>> (32 - Math.log2(slots));
    for (;;) {
      if (refs[slot] === 0) return slot;
      const at = slot * WORDS;
      if (hashes[at] === a && hashes[at + 1] === b && hashes[at + 2] === c && hashes[at + 3] === d) return slot;
      slot = (slot + 1) & (slots - 1);
    }
  }

  private grow(): void {
    const { slots, hashes, refs, offsets } = this;
    this.slots = slots * 2;
    this.hashes = new Uint32Array(this.slots * WORDS);
    this.refs = new Uint32Array(this.slots);
    this.offsets = new Float64Array(this.slots);
    this.used = 0;
    for (let slot = 0; slot < slots; slot++) {
      if (refs[slot] !== 0) this.set(hashes.subarray(slot * WORDS, slot * WORDS + WORDS), refs[slot]!, offsets[slot]!);
    }
  }
}
