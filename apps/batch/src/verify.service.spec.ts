import { Logger } from '@nestjs/common';
import { aBatch, appendTurns } from '../../../test/fixtures/a-batch';

Logger.overrideLogger(false);

describe('verify', () => {
  let batch: Awaited<ReturnType<typeof aBatch>>;
  beforeEach(async () => {
    batch = await aBatch();
  });
  afterEach(() => batch.remove());

  it('lands what waits and finds log = bronze = silver = gold', async () => {
    await appendTurns(batch.log, { id: 'a' }, { id: 'b' }, { id: 'c' });
    const { agrees, checks, asOf } = await batch.verifier.verify();
    expect(agrees).toBe(true);
    expect(checks).toContainEqual({
      what: 'conversation.events: end of the log = offset landed',
      expected: 3,
      found: 3,
      agrees: true,
    });
    expect(asOf).toBe('2026-11-20T10:00:00.000Z');
  });

  it.each([
    [
      'a turn missing in silver',
      { turns: { bronze: 3, silver: 2, silverDistinct: 2, gold: 2 } },
      'turns: bronze = silver',
    ],
    [
      'a turn twice in silver',
      { turns: { bronze: 3, silver: 3, silverDistinct: 2, gold: 3 } },
      'turns: rows of silver, each once',
    ],
    ['a turn missing in gold', { turns: { bronze: 3, silver: 3, silverDistinct: 3, gold: 2 } }, 'turns: silver = gold'],
    ['a rating missing', { evaluations: { bronze: 2, silver: 1, silverDistinct: 1 } }, 'evaluations: bronze = silver'],
  ])('shows %s', async (_, wrong, what) => {
    const counts = await batch.lake.counts();
    jest.spyOn(batch.lake, 'counts').mockResolvedValue({ ...counts, ...wrong });
    const { agrees, checks } = await batch.verifier.verify();
    expect(agrees).toBe(false);
    expect(checks.filter((check) => !check.agrees).map((check) => check.what)).toEqual([what]);
  });

  it('shows offsets that only agree in sum', async () => {
    await appendTurns(batch.log, { id: 'a', conversationId: 'c' });
    await batch.lander.flush();
    const counts = await batch.lake.counts();
    // As many, but in a partition that the log does not have.
    const bronze = counts.bronze.map((table, i) => (i === 0 ? { ...table, offsets: [0, 0, 0, 0, 1] } : table));
    jest.spyOn(batch.lake, 'counts').mockResolvedValue({ ...counts, bronze });
    expect((await batch.verifier.verify()).checks.filter((check) => !check.agrees)).toEqual([
      { what: 'conversation.events: end of the log = offset landed', expected: 1, found: 1, agrees: false },
    ]);
  });

  it('shows a record that was landed twice', async () => {
    await appendTurns(batch.log, { id: 'a' });
    await batch.lander.flush();
    const counts = await batch.lake.counts();
    const bronze = counts.bronze.map((table, i) => (i === 0 ? { ...table, rows: 2 } : table));
    jest.spyOn(batch.lake, 'counts').mockResolvedValue({ ...counts, bronze });
    expect((await batch.verifier.verify()).checks.filter((check) => !check.agrees)).toHaveLength(2);
  });
});

describe('maintenance', () => {
  it('leaves the log alone unless it has a retention', async () => {
    const batch = await aBatch();
    await batch.maintainer.maintain();
    expect(batch.log.trims).toEqual([]);
    await batch.remove();
  });

  it('keeps of the log what is not landed and not judged', async () => {
    const batch = await aBatch({ logAgeMsMax: 1_000 });
    await appendTurns(batch.log, { id: 'a', conversationId: 'c' });
    await batch.lander.flush();
    await appendTurns(batch.log, { id: 'b', conversationId: 'c' });
    await batch.maintainer.maintain();
    const [events] = batch.log.trims;
    expect(events).toMatchObject({ topic: 'conversation.events', holdFor: ['judge-turns'] });
    expect(events?.keepFrom.reduce((total, offset) => total + offset, 0)).toBe(1);
    await batch.remove();
  });
});
