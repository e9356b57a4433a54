import * as fc from 'fast-check';
import { IdTable } from './id-table';

describe('IdTable', () => {
  it('gives back the last place set for each hash, whatever was set in between', () => {
    // Few different words, so that hashes share slots.
    const hash = fc.array(fc.constantFrom(0, 1, 0x8000_0000, 0xffff_ffff), { minLength: 4, maxLength: 4 });
    const entry = fc.record({ hash, ref: fc.integer({ min: 1, max: 0xffff_ffff }), offset: fc.nat(2 ** 31) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300 }), (entries) => {
        const table = new IdTable();
        const model = new Map<string, { readonly ref: number; readonly offset: number }>();
        for (const { hash: words, ref, offset } of entries) {
          table.set(Uint32Array.from(words), ref, offset);
          model.set(words.join(), { ref, offset });
        }
        expect(table.size).toBe(model.size);
        for (const [words, place] of model) {
          const slot = table.slotOf(Uint32Array.from(words.split(',').map(Number)));
          expect({ ref: table.refAt(slot), offset: table.offsetAt(slot) }).toEqual(place);
        }
      }),
    );
  });

  it('grows, and walks the hashes nearly in order', () => {
    const table = new IdTable();
    for (let n = 0; n < 5000; n++) table.set(Uint32Array.of(Math.imul(n, 2654435761) >>> 0, n, 0, 0), 1, n);
    expect(table.size).toBe(5000);
    const firstWords: number[] = [];
    for (let slot = 0; slot < table.slotCount; slot++) {
      if (table.refAt(slot) !== 0) firstWords.push(table.hashAt(slot)[0]! >>> 24);
    }
    const inversions = firstWords.filter((word, i) => i > 0 && word < firstWords[i - 1]!).length;
    expect(inversions).toBeLessThan(50);
  });
});
