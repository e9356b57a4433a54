/** Random numbers that are the same for the same name on every machine. */
export class Dice {
  #state: number;

  constructor(name: string) {
    // FNV-1a over the name, so that neighbours get numbers that are far apart.
    this.#state = 0x811c9dc5;
    for (let at = 0; at < name.length; at++) this.#state = Math.imul(this.#state ^ name.charCodeAt(at), 0x01000193);
  }

  /** 0 <= x < 1. The generator is mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  isBelow(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number, from `least` to `most`, both possible. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(things: readonly T[]): T {
    const thing = things[this.whole(0, things.length - 1)];
    if (thing === undefined) throw new RangeError('nothing to pick from');
    return thing;
  }
}
