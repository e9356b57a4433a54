import { judgeTurn, measure, METRICS, TOPICS, type AcceptedTurn, type FactRow } from '@watchkeeper/domain';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { IcebergLakehouse } from '@watchkeeper/lakehouse/iceberg-lakehouse';
import { anEventRecord, WordClassifier, A_POLICY } from '../fixtures/stream';
import { policyRef } from '@watchkeeper/domain';
import { aJudge, aRating, judgedRecords, landEverything, recordsOf, SOME_TURNS } from './a-week';
import { Folder } from './a-folder';

/**
 * Chapter 6. What is an alert rate? If the dashboard and the weekly report answer differently, nobody believes either. So
 * a metric is written down once, as data, and interpreted twice: by `measure` over rows in memory, and as SQL over the
 * lake. A test holds all of them together on rows made up by chance (test/contracts/metric-parity); here are two by hand.
 */
describe('6. One metric, two interpreters', () => {
  let folder: Folder;
  let lake: IcebergLakehouse;
  const answers = SOME_TURNS.filter(({ role }) => role === 'assistant');
  const ratings = answers.map((turn, at) => aRating(turn, at === 0));

  beforeAll(async () => {
    folder = await Folder.make();
    const log = folder.keep(LmdbEventLog.open({ dir: folder.of('log') }));
    await log.append(SOME_TURNS.map(anEventRecord));
    await log.append(await judgedRecords(aJudge(), await recordsOf(log, TOPICS.events)));
    await log.append(
      ratings.map((rating) => ({
        topic: TOPICS.evaluations,
        key: `${rating.tenant}/${rating.conversationId}`,
        id: rating.uid,
        value: Buffer.from(JSON.stringify(rating)),
      })),
    );
    lake = folder.keep(await IcebergLakehouse.open({ dir: folder.of('lake') }));
    await landEverything(log, lake);
    await lake.refresh();
  });
  afterAll(() => folder.end());

  it('a definition is data: what is counted, over what, under which conditions', () => {
    expect(METRICS.alertRate).toEqual({
      name: 'alertRate',
      unit: 'proportion',
      over: 'turns',
      kind: 'ratio',
      where: [],
      of: [{ column: 'alert_id', isNull: false }],
    });
  });

  it('the alert rate is the same from rows in memory and from the lake', async () => {
    const inMemory = measure(METRICS.alertRate, await turnRows(SOME_TURNS));
    // Not only the rate: n, the sum and the sum of squares too. They are all that an interval needs (chapter 7).
    expect(inMemory).toEqual({ n: 6, value: 1 / 6, sum: 1, sumOfSquares: 1 });

    const facts = await lake.weekFacts('acme', '2026-W47');
    expect(facts!.all.metrics.alertRate).toEqual(inMemory);
  });

  it('so is the hallucination rate, which people have judged', async () => {
    const rows = ratings.map(({ question, value }): FactRow => ({ question, value_boolean: value === true }));
    const inMemory = measure(METRICS.hallucinationRate, rows);
    expect(inMemory).toEqual({ n: 3, value: 1 / 3, sum: 1, sumOfSquares: 1 });

    const facts = await lake.weekFacts('acme', '2026-W47');
    expect(facts!.all.metrics.hallucinationRate).toEqual(inMemory);
    // Only the assistant's turns were rated, and they name their model: the group of the model has the same number.
    const ofModel = facts!.byModel.find(({ model }) => model?.name === 'acme-chat');
    expect(ofModel!.metrics.hallucinationRate).toEqual(inMemory);
  });

  /** The columns that metrics of turns speak of, as the stream knows them. */
  async function turnRows(turns: readonly AcceptedTurn[]): Promise<FactRow[]> {
    const classifier = new WordClassifier();
    const classified = await classifier.classify(turns.map(({ text }) => ({ text, role: 'user' as const })));
    return turns.map((turn, at): FactRow => {
      const { verdict, alert } = judgeTurn(turn, classified[at]!, {
        model: classifier.model,
        policy: A_POLICY,
        policyRef: policyRef(A_POLICY),
        codeVersion: '0.1.0',
        position: { topic: TOPICS.events, partition: 0, offset: at },
        judgedAt: '2026-11-20T10:00:00.300Z',
      });
      return { conversation_key: turn.conversationId, outcome: verdict.outcome, alert_id: alert?.id ?? null };
    });
  }
});

// One rating in three is a made-up answer. Is that much? Chapter 7 says how sure one can be.
