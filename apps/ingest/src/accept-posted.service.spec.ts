import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOPICS, type Caller } from '@watchkeeper/domain';
import type { Appended, EventLog } from '@watchkeeper/event-log';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { Problem } from '@watchkeeper/platform';
import { aTurn } from '../../../test/fixtures/turns';
import { AcceptPostedService } from './accept-posted.service';
import { checkEvent } from './check-posted';
import { IngestMetrics } from './ingest-metrics';
import { IngestSettings } from './ingest.settings';
import { TenantQuota } from './tenant-quota';

const CALLER: Caller = { tenant: 'acme', keyId: 'key-1', name: 'chat-web', scopes: ['ingest:write'] };

class Counted extends IngestMetrics {
  readonly counts: string[] = [];
  received(kind: string, result: string, count: number): void {
    this.counts.push(`${count} ${kind} ${result}`);
  }
  acknowledged(): void {
    this.counts.push('acknowledged');
  }
  refused(reason: string): void {
    this.counts.push(`refused for ${reason}`);
  }
}

const check = (value: unknown) => checkEvent({ value }, { caller: CALLER, acceptedAt: '2026-11-20T10:00:00.100Z' });

describe('accepting what was posted', () => {
  let dir: string;
  let log: LmdbEventLog;
  let metrics: Counted;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ingest-'));
    log = LmdbEventLog.open({ dir });
    metrics = new Counted();
  });
  afterEach(async () => {
    await log.close();
    await rm(dir, { recursive: true, force: true });
  });

  function service(on: Pick<EventLog, 'append'> = log, pendingBytesMax = 1_000_000): AcceptPostedService {
    const settings = new IngestSettings({ ...new IngestSettings().limits, pendingBytesMax });
    return new AcceptPostedService(on as EventLog, settings, new TenantQuota(settings, metrics), metrics);
  }

  const recordsInLog = async () =>
    (await log.bounds(TOPICS.events)).reduce((total, { start, end }) => total + end - start, 0);

  it('gives a result for each, in the order in which they were posted', async () => {
    const accept = service();
    await accept.accept('event', CALLER, [check(aTurn({ id: 'known' })), check(aTurn({ id: 'taken' }))]);
    const receipt = await accept.accept('event', CALLER, [
      check({ id: 'broken', type: 'turn' }),
      check(aTurn({ id: 'new' })),
      check(aTurn({ id: 'known' })),
      check(aTurn({ id: 'taken', text: 'Another text' })),
      check('no object'),
    ]);
    expect(receipt).toMatchObject({
      accepted: 1,
      duplicate: 1,
      conflict: 1,
      invalid: 2,
      results: [
        { index: 0, id: 'broken', status: 'invalid' },
        { id: 'new', status: 'accepted' },
        { id: 'known', status: 'duplicate' },
        { index: 3, id: 'taken', status: 'conflict' },
        { index: 4, status: 'invalid' },
      ],
    });
    expect(await recordsInLog()).toBe(3);
  });

  it('knows a repetition within one body too', async () => {
    const receipt = await service().accept('event', CALLER, [check(aTurn()), check(aTurn())]);
    expect(receipt.results.map(({ status }) => status)).toEqual(['accepted', 'duplicate']);
  });

  it('is over only when the log has it on disk', async () => {
    let commit: (appended: readonly Appended[]) => void = () => undefined;
    const slow = { append: () => new Promise<readonly Appended[]>((resolve) => (commit = resolve)) };
    let isOver = false;
    const accepted = service(slow)
      .accept('event', CALLER, [check(aTurn())])
      .then(() => (isOver = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isOver).toBe(false);
    commit([{ outcome: 'appended', position: { topic: TOPICS.events, partition: 0, offset: 0 } }]);
    await accepted;
  });

  it('asks the log nothing when nothing is valid', async () => {
    const append = jest.fn();
    const receipt = await service({ append }).accept('event', CALLER, [check({})]);
    expect(receipt).toMatchObject({ accepted: 0, invalid: 1 });
    expect(append).not.toHaveBeenCalled();
  });

  it('is 503 when the log fails: nothing is said to be accepted, and why stays with us', async () => {
    const cause = new Error('the disk is full');
    const refusal = await problemOf(
      service({ append: async () => Promise.reject(cause) }).accept('event', CALLER, [check(aTurn())]),
    );
    expect(refusal.fields).toMatchObject({ status: 503, retryAfterSeconds: 2 });
    expect(JSON.stringify(refusal.toJson())).not.toContain('disk');
    expect(refusal.cause).toBe(cause);
    expect(metrics.counts).toEqual([]);
  });

  it('is 503 while the log is behind, and lets in again once it has caught up', async () => {
    const commits: (() => void)[] = [];
    const slow = {
      append: (records: readonly unknown[]) =>
        new Promise<readonly Appended[]>((resolve) =>
          commits.push(() =>
            resolve(
              records.map(() => ({
                outcome: 'appended',
                position: { topic: TOPICS.events, partition: 0, offset: 0 },
              })),
            ),
          ),
        ),
    };
    const accept = service(slow, 500);
    // A body is let in though it is larger than the bound: or it never could be.
    const first = accept.accept('event', CALLER, [check(aTurn({ text: 'a'.repeat(1_000) }))]);
    const refusal = await problemOf(accept.accept('event', CALLER, [check(aTurn({ id: 'evt-8' }))]));
    expect(refusal.fields).toMatchObject({ status: 503, retryAfterSeconds: 1 });
    expect(metrics.counts).toEqual(['refused for overload']);

    commits[0]!();
    await first;
    const again = accept.accept('event', CALLER, [check(aTurn({ id: 'evt-8' }))]);
    await new Promise((resolve) => setImmediate(resolve));
    commits[1]!();
    expect(await again).toMatchObject({ accepted: 1 });
  });

  it('counts what became of everything', async () => {
    await service().accept('event', CALLER, [check(aTurn()), check(aTurn()), check({})]);
    expect(metrics.counts).toEqual(['acknowledged', '1 event accepted', '1 event duplicate', '1 event invalid']);
  });

  async function problemOf(acceptance: Promise<unknown>): Promise<Problem> {
    const error: unknown = await acceptance.catch((thrown: unknown) => thrown);
    if (!(error instanceof Problem)) throw new Error('it was accepted');
    return error;
  }
});
