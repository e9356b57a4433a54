import { Injectable } from '@nestjs/common';
import { DomainError, GROUPS, TOPICS, type DeadLetter } from '@watchkeeper/domain';
import { EventLog, type StoredRecord } from '@watchkeeper/event-log';
import { JudgeEvents } from './judge-events';
import { readEvent } from './read-event';
import { letterOf, verdictRecords } from './stream-records';

/** A dead letter without what was said. */
export type DeadLetterSummary = Omit<DeadLetter, 'payloadBase64'> & { readonly payloadBytes: number };

export interface DeadLetterPage {
  readonly letters: readonly DeadLetterSummary[];
  /** Give it as `after` to go on; absent at the end. */
  readonly next?: string;
}

/** What came of judging a dead letter again. */
export const REPLAY_OUTCOMES = [
  'scored',
  'already-scored',
  'unclassified',
  'unreadable',
  'not-a-turn',
  'other-group',
  'unknown-id',
] as const;
export type ReplayOutcome = (typeof REPLAY_OUTCOMES)[number];

export interface Replayed {
  readonly id: string;
  readonly outcome: ReplayOutcome;
}

const PAGE_LETTERS_MAX = 500;
/** Records read for one page or step, and about how many bytes: a letter may hold a whole text. */
const READ_LIMITS = { recordsMax: 200, bytesMax: 8 * 1024 * 1024 } as const;

/** What could not be dealt with: seen, and judged again once its cause is mended. */
@Injectable()
export class DeadLettersService {
  constructor(
    private readonly log: EventLog,
    private readonly judging: JudgeEvents,
  ) {}

  /** Partition by partition, oldest first. With `tenant`, only what was said to that tenant. A page may be short though more follow. */
  async list(options: {
    readonly limit: number;
    readonly after?: string;
    readonly tenant?: string;
  }): Promise<DeadLetterPage> {
    const limit = Math.max(1, Math.min(options.limit, PAGE_LETTERS_MAX));
    const from = options.after === undefined ? undefined : cursorOf(options.after);
    for (const { partition, start, end } of await this.log.bounds(TOPICS.deadLetters)) {
      if (from && partition < from.partition) continue;
      const offset = from?.partition === partition ? Math.max(start, from.offset) : start;
      if (offset >= end) continue;
      const page = await this.page({ partition, offset }, limit, options.tenant);
      if (page.letters.length > 0) return page;
    }
    return { letters: [] };
  }

  /** The letter with its payload, or undefined; with `tenant`, another tenant's is undefined too. */
  async show(id: string, tenant?: string): Promise<DeadLetter | undefined> {
    const position = await this.log.find(TOPICS.deadLetters, id);
    if (!position) return undefined;
    const [record] = await this.log.read(position, { recordsMax: 1 });
    if (record?.offset !== position.offset || !isOf(record, tenant)) return undefined;
    return letterOf(record);
  }

  /**
   * Judges the letters again, through the same code as the live stream, and appends what comes of it. The event itself is
   * not appended again: the log holds it already, under its id, and its verdict names its first position. Doing it twice
   * changes nothing: a turn with a scored verdict of today's model and policy is left alone.
   * Throws when the classifier or the policies are out of order.
   */
  async replay(which: readonly string[] | 'all', tenant?: string): Promise<readonly Replayed[]> {
    const replayed: Replayed[] = [];
    if (which !== 'all') {
      for (const id of which) {
        const letter = await this.show(id, tenant);
        replayed.push({ id, outcome: letter ? await this.judgeAgain(letter) : 'unknown-id' });
      }
      return replayed;
    }
    for await (const letter of this.letters(tenant)) {
      replayed.push({ id: letter.id, outcome: await this.judgeAgain(letter) });
    }
    return replayed;
  }

  private async judgeAgain(letter: DeadLetter): Promise<ReplayOutcome> {
    if (letter.group !== GROUPS.judge) return 'other-group';
    const value = Buffer.from(letter.payloadBase64, 'base64');
    const event = readEvent(value);
    if (event.kind !== 'turn') return event.kind === 'feedback' ? 'not-a-turn' : 'unreadable';
    const done = await this.judging.scoredVerdictId(event.turn);
    if (await this.log.find(TOPICS.verdicts, done)) return 'already-scored';
    const [judged] = await this.judging.judge([{ position: letter.position, value }]);
    if (judged?.outcome !== 'scored') return 'unclassified';
    await this.log.append(verdictRecords(judged));
    return 'scored';
  }

  private async page(
    from: { readonly partition: number; readonly offset: number },
    limit: number,
    tenant: string | undefined,
  ): Promise<DeadLetterPage> {
    const letters: DeadLetterSummary[] = [];
    let { offset } = from;
    for (;;) {
      const records = await this.log.read(
        { topic: TOPICS.deadLetters, partition: from.partition, offset },
        READ_LIMITS,
      );
      if (records.length === 0) break;
      for (const record of records) {
        offset = record.offset + 1;
        const letter = isOf(record, tenant) ? letterOf(record) : undefined;
        if (letter) letters.push(summaryOf(letter));
        if (letters.length === limit) return { letters, next: `${from.partition}.${offset}` };
      }
    }
    return { letters, next: `${from.partition + 1}.0` };
  }

  private async *letters(tenant: string | undefined): AsyncGenerator<DeadLetter> {
    for (const { partition, start, end } of await this.log.bounds(TOPICS.deadLetters)) {
      for (let offset = start; offset < end;) {
        const records = await this.log.read({ topic: TOPICS.deadLetters, partition, offset }, READ_LIMITS);
        if (records.length === 0) break;
        for (const record of records) {
          offset = record.offset + 1;
          const letter = isOf(record, tenant) ? letterOf(record) : undefined;
          if (letter) yield letter;
        }
      }
    }
  }
}

function isOf(record: StoredRecord, tenant: string | undefined): boolean {
  return tenant === undefined || record.key.startsWith(`${tenant}/`);
}

function summaryOf({ payloadBase64, ...letter }: DeadLetter): DeadLetterSummary {
  return { ...letter, payloadBytes: Buffer.byteLength(payloadBase64, 'base64') };
}

function cursorOf(text: string): { readonly partition: number; readonly offset: number } {
  const match = /^(\d{1,6})\.(\d{1,15})$/.exec(text);
  if (!match) throw new DomainError('bad-cursor', 'not a cursor of this list: give the value of `next` as it came');
  return { partition: Number(match[1]), offset: Number(match[2]) };
}
