import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { TOPICS, verdictSchema, type AcceptedTurn, type Verdict } from '@watchkeeper/domain';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import {
  anEventRecord,
  CountedMetrics,
  OnePolicy,
  TestStreamSettings,
  WordClassifier,
} from '../../../test/fixtures/stream';
import { anAcceptedTurn } from '../../../test/fixtures/turns';
import { DeadLettersService } from './dead-letters.service';
import { JudgeEvents } from './judge-events';
import { JudgeTurnsService } from './judge-turns.service';
import { RetryUnclassifiedService } from './retry-unclassified.service';

/** The stream on a real log, with what it appended. */
class Stream {
  readonly classifier = new WordClassifier();
  readonly settings = new TestStreamSettings();
  readonly metrics = new CountedMetrics();
  readonly judging = new JudgeEvents(this.classifier, new OnePolicy(), this.settings);
  readonly live: JudgeTurnsService;
  readonly letters: DeadLettersService;

  constructor(readonly log: LmdbEventLog) {
    this.live = new JudgeTurnsService(log, this.judging, this.settings, this.metrics);
    this.letters = new DeadLettersService(log, this.judging);
  }

  aRetry(): RetryUnclassifiedService {
    return new RetryUnclassifiedService(this.log, this.letters, this.settings, this.metrics);
  }

  async runLive(turns: readonly (AcceptedTurn | string)[]): Promise<void> {
    await this.log.append(
      turns.map((turn, at) =>
        typeof turn === 'string'
          ? { topic: TOPICS.events, key: 'acme/c-1', id: `raw-${at}`, value: Buffer.from(turn) }
          : anEventRecord(turn),
      ),
    );
    await this.live.onApplicationBootstrap();
    for (let waits = 0; waits < 400 && (await this.lag()) > 0; waits++) await this.log.changed(TOPICS.verdicts, 10);
    await this.live.beforeApplicationShutdown();
  }

  async verdicts(): Promise<Verdict[]> {
    const verdicts: Verdict[] = [];
    for (let partition = 0; partition < (await this.log.partitions(TOPICS.verdicts)); partition++) {
      const records = await this.log.read({ topic: TOPICS.verdicts, partition, offset: 0 }, { recordsMax: 1_000 });
      verdicts.push(...records.map(({ value }) => verdictSchema.parse(JSON.parse(Buffer.from(value).toString()))));
    }
    return verdicts;
  }

  private async lag(): Promise<number> {
    const lag = await this.log.lag(TOPICS.events, 'judge-turns');
    return lag.reduce((sum, { records }) => sum + records, 0);
  }
}

describe('on a real log', () => {
  let dir: string;
  let stream: Stream;

  beforeEach(() => {
    Logger.overrideLogger(false);
    dir = mkdtempSync(join(tmpdir(), 'stream-'));
    stream = new Stream(LmdbEventLog.open({ dir }));
  });

  afterEach(async () => {
    await stream.log.close();
    rmSync(dir, { recursive: true });
  });

  const kettles = (count: number): AcceptedTurn[] =>
    Array.from({ length: count }, (_, at) =>
      anAcceptedTurn({ id: `evt-${at}`, conversationId: `c-${at}`, text: `kettle ${at}` }),
    );

  describe('JudgeTurnsService', () => {
    it('judges what is appended, in order per conversation, and commits its position with it', async () => {
      const turns = Array.from({ length: 60 }, (_, at) =>
        anAcceptedTurn({
          id: `evt-${at}`,
          seq: at,
          conversationId: `c-${at % 3}`,
          text: at % 10 === 0 ? 'storm' : 'calm',
        }),
      );
      await stream.runLive(turns);

      const verdicts = await stream.verdicts();
      expect(verdicts).toHaveLength(60);
      for (const conversation of ['c-0', 'c-1', 'c-2']) {
        const ids = verdicts
          .filter(({ conversationId }) => conversationId === conversation)
          .map(({ eventId }) => eventId);
        expect(ids).toEqual(turns.filter(({ conversationId }) => conversationId === conversation).map(({ id }) => id));
      }
      expect(stream.metrics.counts).toMatchObject({ judged: 60, 'alerted violence high': 6 });
    });
  });

  describe('DeadLettersService', () => {
    it('lists page by page, without what was said', async () => {
      await stream.runLive([...kettles(7), 'not JSON']);
      const ids: string[] = [];
      let next: string | undefined;
      do {
        const page = await stream.letters.list({ limit: 3, ...(next !== undefined && { after: next }) });
        for (const letter of page.letters) {
          expect(letter).not.toHaveProperty('payloadBase64');
          ids.push(letter.id);
        }
        next = page.next;
      } while (next !== undefined);

      expect(new Set(ids).size).toBe(8);
      expect(ids).toHaveLength(8);
    });

    it('shows a letter to its tenant only', async () => {
      await stream.runLive(kettles(1));
      const [letter] = (await stream.letters.list({ limit: 1 })).letters;

      const shown = await stream.letters.show(letter!.id, 'acme');
      expect(Buffer.from(shown!.payloadBase64, 'base64').toString()).toContain('kettle 0');
      expect(await stream.letters.show(letter!.id, 'zeta')).toBeUndefined();
      expect((await stream.letters.list({ limit: 9, tenant: 'zeta' })).letters).toEqual([]);
      expect(await stream.letters.show('no such id')).toBeUndefined();
    });

    it('judges all again once the cause is mended, and only once', async () => {
      await stream.runLive([...kettles(3), '{}']);
      stream.classifier.isMended = true;
      const first = await stream.letters.replay('all');
      const again = await stream.letters.replay('all');

      expect(first.map(({ outcome }) => outcome).toSorted()).toEqual(['scored', 'scored', 'scored', 'unreadable']);
      expect(again.filter(({ outcome }) => outcome === 'already-scored')).toHaveLength(3);
      expect((await stream.verdicts()).map(({ outcome }) => outcome).toSorted()).toEqual([
        ...Array.from({ length: 3 }, () => 'scored'),
        ...Array.from({ length: 3 }, () => 'unclassified'),
      ]);
    });

    it('says so when an id is unknown, or its text still gets no scores', async () => {
      await stream.runLive(kettles(1));
      const [letter] = (await stream.letters.list({ limit: 1 })).letters;

      expect(await stream.letters.replay(['nothing', letter!.id])).toEqual([
        { id: 'nothing', outcome: 'unknown-id' },
        { id: letter!.id, outcome: 'unclassified' },
      ]);
    });

    it('refuses a cursor that is none', async () => {
      await expect(stream.letters.list({ limit: 1, after: 'x' })).rejects.toThrow('not a cursor of this list');
    });
  });

  describe('RetryUnclassifiedService', () => {
    it('judges unclassified turns again once they are due', async () => {
      await stream.runLive(kettles(2));
      const retry = stream.aRetry();
      stream.classifier.isMended = true;
      await retry.runOnce();
      expect(stream.metrics.counts['retried scored']).toBeUndefined();
      stream.settings.nowMs += 1_000;
      await retry.runOnce();

      expect(stream.metrics.counts['retried scored']).toBe(2);
      expect((await stream.verdicts()).filter(({ outcome }) => outcome === 'scored')).toHaveLength(2);
    });

    it('gives a turn up after a bounded number of tries', async () => {
      await stream.runLive(kettles(1));
      const retry = stream.aRetry();
      for (let run = 0; run < 6; run++) {
        stream.settings.nowMs += 100_000;
        await retry.runOnce();
      }

      expect(stream.metrics.counts).toMatchObject({ 'retried unclassified': 2, 'retried given-up': 1 });
    });

    it('finds after a restart what is left to do, and leaves alone what is done', async () => {
      await stream.runLive(kettles(2));
      const [first] = (await stream.letters.list({ limit: 1 })).letters;
      stream.classifier.isMended = true;
      await stream.letters.replay([first!.id]);
      stream.settings.nowMs += 1_000;
      await stream.aRetry().runOnce();

      expect(stream.metrics.counts['retried scored']).toBe(1);
    });

    it('counts no try while the classifier is down', async () => {
      await stream.runLive(kettles(1));
      const retry = stream.aRetry();
      stream.classifier.isDown = true;
      stream.settings.nowMs += 1_000;
      for (let run = 0; run < 5; run++) await retry.runOnce();
      stream.classifier.isDown = false;
      stream.classifier.isMended = true;
      await retry.runOnce();

      expect(stream.metrics.counts['retried scored']).toBe(1);
      expect(stream.metrics.counts['retried unclassified']).toBeUndefined();
    });
  });
});
