import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Logger } from '@nestjs/common';
import { conversationKey, evaluationUid, TOPICS, type AcceptedEvaluation } from '@watchkeeper/domain';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { IcebergLakehouse } from '@watchkeeper/lakehouse/iceberg-lakehouse';
import { FileReportStore } from '@watchkeeper/lakehouse/reports';
import { appendTurns, SetClock, wireBatch } from '../../../test/fixtures/a-batch';

Logger.overrideLogger(false);

const TURNS = 200;
/** Every second turn is of the week before; of each week's 100 turns every fifth is rated a hallucination. */
const saidAt = (i: number) => (i % 2 === 0 ? '2026-11-12T10:00:00.000Z' : '2026-11-19T10:00:00.000Z');

function aRating(i: number): AcceptedEvaluation {
  const id = `rating-${i}`;
  return {
    v: 1,
    id,
    uid: evaluationUid('acme', 'chat-web', id),
    tenant: 'acme',
    source: 'chat-web',
    turnId: `evt-${i}`,
    conversationId: `c-evt-${i}`,
    raterId: 'r-1',
    question: 'hallucination',
    value: i % 5 === 0,
    ratedAt: '2026-11-20T09:00:00.000Z',
    acceptedAt: '2026-11-20T09:00:00.000Z',
  };
}

describe('the batch on LMDB and Iceberg', () => {
  it('lands, reports, reconciles, and revises when something comes late', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'watchkeeper-embedded-'));
    const log = LmdbEventLog.open({ dir: path.join(directory, 'log') });
    const lake = await IcebergLakehouse.open({ dir: path.join(directory, 'lake') });
    const store = await FileReportStore.open({ directory: path.join(directory, 'reports') });
    const clock = new SetClock(Date.parse('2026-11-23T10:00:00.000Z'));
    const { lander, verifier, maintainer } = wireBatch({ log, lake, store, clock });
    try {
      const indexes = Array.from({ length: TURNS }, (_, i) => i);
      await appendTurns(
        log,
        ...indexes.map((i) => ({ id: `evt-${i}`, role: 'assistant' as const, saidAt: saidAt(i) })),
      );
      await log.append(
        indexes.map(aRating).map((rating) => ({
          topic: TOPICS.evaluations,
          key: conversationKey(rating.tenant, rating.conversationId),
          value: Buffer.from(JSON.stringify(rating)),
        })),
      );
      await lander.runOnce();
      const first = await store.latest('acme', '2026-W47');
      expect(first).toMatchObject({
        revision: 1,
        counts: { conversations: 100, turns: 100, evaluations: 100 },
        metrics: { hallucinationRate: { estimate: 0.2, labels: 100, change: { difference: 0, real: false } } },
        reconciliation: { log: TURNS, bronze: TURNS, silver: TURNS, gold: TURNS, agrees: true },
      });

      clock.pass(60_000);
      await appendTurns(log, { id: 'late', saidAt: '2026-11-19T10:00:00.000Z' });
      await lander.runOnce();
      expect(await store.latest('acme', '2026-W47')).toMatchObject({ revision: 2, changes: ['1 late turn'] });
      expect((await store.latest('acme', '2026-W46'))?.revision).toBe(1);

      await maintainer.maintain();
      expect(await verifier.verify()).toMatchObject({ agrees: true });
    } finally {
      await lake.close();
      await log.close();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
