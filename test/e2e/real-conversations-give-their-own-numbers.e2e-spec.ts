import { createReadStream, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { weekBounds } from '@watchkeeper/domain';
import { REPOSITORY, ServerProcess } from '../fixtures/server';

const SHARED = process.env['WATCHKEEPER_SHARED'] ?? resolve(REPOSITORY, '..', 'shared');
const FILE = join(SHARED, 'data', 'quality', 'conversations.jsonl.gz');
const WEEKS = ['2026-W44', '2026-W45', '2026-W46'] as const;
const BATCH = 500;

interface Rated {
  readonly source: string;
  readonly id: string;
  readonly model: string;
  readonly turns: readonly { readonly role: string; readonly text: string }[];
  readonly human: { readonly hallucination?: 'yes' | 'no'; readonly satisfaction?: readonly number[] };
}

/** What the file itself says of a week, counted without any code of ours. */
interface Truth {
  turns: number;
  hallucinationYes: number;
  hallucinationLabels: number;
  satisfactionSum: number;
  satisfactionLabels: number;
}

// Without the shared data there is nothing to compare with; the name says so, where people look.
const isPresent = existsSync(FILE);
if (!isPresent && process.env['REQUIRE_REAL'] === '1') throw new Error(`${FILE} is required and absent`);

describe(`real conversations with human labels${isPresent ? '' : ' (LEFT OUT: the shared data are absent)'}`, () => {
  if (!isPresent) {
    it('are left out: the shared data are absent', () => expect(existsSync(FILE)).toBe(false));
    return;
  }

  it('give the rates that the file itself gives, to the last digit', async () => {
    const server = await ServerProcess.start({
      WATCHKEEPER_LAND_INTERVAL_MS: '2000',
      WATCHKEEPER_REFRESH_INTERVAL_MS: '60000',
    });
    try {
      const truth = new Map<string, Truth>();
      let events: unknown[] = [];
      let evaluations: unknown[] = [];
      const flush = async (isLast: boolean) => {
        if (events.length > 0 && (isLast || events.length >= BATCH)) {
          expect(await server.post('/v1/events', events)).toMatchObject({
            status: 202,
            body: { accepted: events.length },
          });
          events = [];
        }
        if (evaluations.length > 0 && (isLast || evaluations.length >= BATCH)) {
          expect(await server.post('/v1/evaluations', evaluations)).toMatchObject({
            status: 202,
            body: { accepted: evaluations.length },
          });
          evaluations = [];
        }
      };
      let index = 0;
      for await (const line of createInterface({ input: createReadStream(FILE).pipe(createGunzip()) })) {
        const rated = JSON.parse(line) as Rated;
        const week = WEEKS[index++ % WEEKS.length]!;
        const found = post(rated, week, index);
        events.push(...found.events);
        evaluations.push(...found.evaluations);
        addTo(truth, week, rated);
        await flush(false);
      }
      await flush(true);
      expect(await server.post('/v1/verify', {})).toMatchObject({ status: 200, body: { agrees: true } });
      expect((await server.post('/v1/reports/weekly/rebuild', {})).status).toBe(200);

      for (const week of WEEKS) {
        const expected = truth.get(week)!;
        const report = await server.get<{
          counts: { turns: number };
          metrics: Record<string, { estimate?: number; labels: number }>;
          reconciliation: { agrees: boolean };
        }>(`/v1/reports/weekly/${week}`);
        expect(report.counts.turns).toBe(expected.turns);
        expect(report.metrics['hallucinationRate']).toMatchObject({
          labels: expected.hallucinationLabels,
          estimate: expected.hallucinationYes / expected.hallucinationLabels,
        });
        expect(report.metrics['satisfaction']).toMatchObject({
          labels: expected.satisfactionLabels,
          estimate: expected.satisfactionSum / expected.satisfactionLabels,
        });
        expect(report.reconciliation.agrees).toBe(true);
      }
    } finally {
      await server.remove();
    }
  }, 300_000);
});

function post(rated: Rated, week: string, index: number): { events: unknown[]; evaluations: unknown[] } {
  const startMs = weekBounds(week).startMs + (index % 600_000) * 1_000;
  // Some ids stand in the file twice, with other turns: the line tells them apart.
  const conversationId = `${rated.source}-${rated.id}-${index}`;
  const events = rated.turns
    .filter((turn) => turn.text !== '')
    .map((turn, seq) => ({
      type: 'turn',
      id: `${conversationId}-${seq}`,
      source: rated.source,
      conversationId,
      seq,
      role: turn.role === 'user' ? 'user' : 'assistant',
      text: turn.text.replaceAll('\0', ''),
      saidAt: new Date(startMs + seq * 10).toISOString(),
      ...(turn.role !== 'user' && { model: { provider: 'real', name: rated.model } }),
    }));
  const rate = (suffix: string, question: string, value: unknown) => ({
    id: `${conversationId}-${suffix}`,
    conversationId,
    raterId: suffix,
    question,
    value,
  });
  const lastTurn = events.at(-1);
  return {
    events,
    evaluations: [
      ...(rated.human.hallucination && lastTurn
        ? [{ ...rate('h', 'hallucination', rated.human.hallucination === 'yes'), turnId: lastTurn.id }]
        : []),
      ...(rated.human.satisfaction ?? []).map((value, rater) => rate(`s${rater}`, 'satisfaction', value)),
    ],
  };
}

function addTo(truth: Map<string, Truth>, week: string, rated: Rated): void {
  const sum = truth.get(week) ?? {
    turns: 0,
    hallucinationYes: 0,
    hallucinationLabels: 0,
    satisfactionSum: 0,
    satisfactionLabels: 0,
  };
  truth.set(week, sum);
  sum.turns += rated.turns.filter((turn) => turn.text !== '').length;
  if (rated.human.hallucination) sum.hallucinationLabels++;
  if (rated.human.hallucination === 'yes') sum.hallucinationYes++;
  for (const value of rated.human.satisfaction ?? []) {
    sum.satisfactionSum += value;
    sum.satisfactionLabels++;
  }
}
