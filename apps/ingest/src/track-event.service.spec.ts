import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbActionStore } from '@watchkeeper/action-store/lmdb';
import {
  GROUPS,
  judgeTurn,
  policyRef,
  TOPICS,
  type AcceptedTurn,
  type Scores,
  type Verdict,
  verdictSchema,
} from '@watchkeeper/domain';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { MemoryLakehouse } from '../../../test/fixtures/memory-lakehouse';
import { A_POLICY, anEventRecord, WordClassifier } from '../../../test/fixtures/stream';
import { anAcceptedTurn } from '../../../test/fixtures/turns';
import { TrackEventService, VerdictFinder, type EventTrail } from './track-event.service';

const CALM: Scores = {
  sexual: 0,
  hate: 0,
  harassment: 0,
  self_harm: 0,
  violence: 0,
  illicit: 0,
  jailbreak: 0,
  unsafe: 0,
};
const VIOLENT: Scores = { ...CALM, violence: 0.9, unsafe: 0.9 };

class ListedVerdicts extends VerdictFinder {
  readonly verdicts = new Map<string, Verdict>();

  async find(_tenant: string, uid: string): Promise<Verdict | undefined> {
    return this.verdicts.get(uid);
  }
}

describe('the trail of an event', () => {
  const turn = anAcceptedTurn();
  let dir: string;
  let log: LmdbEventLog;
  let actions: LmdbActionStore;
  let lake: MemoryLakehouse;
  let verdicts: ListedVerdicts;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'trail-'));
    log = LmdbEventLog.open({ dir: join(dir, 'log'), partitions: 1 });
    actions = await LmdbActionStore.open({ dir: join(dir, 'actions') });
    lake = new MemoryLakehouse();
    verdicts = new ListedVerdicts();
    await log.append([anEventRecord(turn)]);
  });
  afterEach(async () => {
    await actions.close();
    await log.close();
    await rm(dir, { recursive: true, force: true });
  });

  const track = (id = turn.id, tenant = 'acme', source = 'chat-web'): Promise<EventTrail | undefined> =>
    new TrackEventService(log, actions, lake, verdicts).track(tenant, source, id);

  /** As if the stream had read it. */
  const read = () => log.seek(TOPICS.events, GROUPS.judge, [1]);

  function judged(scores: Scores, of: AcceptedTurn = turn) {
    const found = judgeTurn(
      of,
      { outcome: 'scored', scores },
      {
        model: new WordClassifier().model,
        policy: A_POLICY,
        policyRef: policyRef(A_POLICY),
        codeVersion: '0.1.0',
        position: { topic: TOPICS.events, partition: 0, offset: 0 },
        judgedAt: '2026-11-20T10:00:00.300Z',
      },
    );
    verdicts.verdicts.set(of.uid, found.verdict);
    return found;
  }

  it('begins where it was accepted', async () => {
    expect(await track()).toEqual({
      id: 'evt-7',
      source: 'chat-web',
      type: 'turn',
      conversationId: 'c-1',
      status: 'accepted',
      accepted: { at: '2026-11-20T10:00:00.100Z', partition: 0, offset: 0 },
      judged: null,
      alert: null,
      action: null,
      landed: false,
      week: '2026-W47',
    });
  });

  it('goes on to its verdict', async () => {
    judged(CALM);
    await read();
    expect(await track()).toMatchObject({
      status: 'judged',
      judged: { at: '2026-11-20T10:00:00.300Z', outcome: 'scored', flagged: false },
    });
  });

  it('says of a turn without scores that it has none', async () => {
    const { verdict } = judged(CALM);
    const unclassified = { ...verdict, outcome: 'unclassified', reason: 'deadline' };
    verdicts.verdicts.set(turn.uid, verdictSchema.parse(unclassified));
    await read();
    expect(await track()).toMatchObject({ judged: { outcome: 'unclassified', flagged: null } });
  });

  it('never says that a turn was found harmless when its verdict is not at hand', async () => {
    await read();
    const trail = await track();
    expect(trail).toMatchObject({ status: 'judged', judged: { outcome: 'unknown', flagged: null } });
  });

  it('goes on to its alert and the actions in force', async () => {
    const { alert } = judged(VIOLENT);
    await read();
    await actions.apply(alert!, Date.parse('2026-11-20T10:00:00.350Z'));
    expect(await track()).toMatchObject({
      status: 'acted',
      judged: { flagged: true },
      alert: { id: alert!.id, category: 'violence', severity: 'high', score: 0.9 },
      action: { appliedAt: '2026-11-20T10:00:00.350Z', actions: [{ kind: 'block', subject: 'user:u-9' }] },
    });
  });

  it('ends in the lake', async () => {
    await read();
    const records = await log.read({ topic: TOPICS.events, partition: 0, offset: 0 }, { recordsMax: 10 });
    await lake.land(TOPICS.events, await log.identity(), records);
    expect(await track()).toMatchObject({ status: 'landed', landed: true });
  });

  it.each([
    ['an id that nobody posted', 'evt-8', 'acme', 'chat-web'],
    ['another source', 'evt-7', 'acme', 'app'],
    ["another tenant's", 'evt-7', 'zeta', 'chat-web'],
  ])('is not there for %s', async (_, id, tenant, source) => {
    expect(await track(id, tenant, source)).toBeUndefined();
  });

  it('shows nothing of an alert on the same id from another source', async () => {
    const other = anAcceptedTurn({ source: 'app' });
    const { alert } = judged(VIOLENT, other);
    await actions.apply(alert!, Date.parse('2026-11-20T10:00:00.350Z'));
    expect(await track()).toMatchObject({ alert: null });
  });
});
