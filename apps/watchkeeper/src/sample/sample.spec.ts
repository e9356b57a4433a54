import {
  addWeeks,
  evaluationSchema,
  eventSchema,
  modelMetadataSchema,
  weekOf,
  type ConversationEvent,
  type Turn,
} from '@watchkeeper/domain';
import { sampleConversations, sampleEvaluations, sampleModels } from './sample';
import { SUBJECTS, UNSAFE_SCENES } from './texts';

const NOW = new Date('2026-11-20T10:20:00.000Z');
const WEEK = weekOf(NOW.getTime());
const WEEKS = [-3, -2, -1, 0].map((back) => addWeeks(WEEK, back));

const events = sampleConversations(NOW);
const evaluations = sampleEvaluations(NOW);
const turns = events.filter((event): event is Turn => event.type === 'turn');
const weekSaid = (event: ConversationEvent) => weekOf(Date.parse(event.saidAt ?? ''));
const unsafeTexts = new Set(UNSAFE_SCENES.flatMap((scene) => scene.map(([, text]) => text)));
const conversationsIn = (some: readonly ConversationEvent[]) => new Set(some.map((event) => event.conversationId));

function counts(things: readonly string[]): Record<string, number> {
  return things.reduce<Record<string, number>>((seen, thing) => ({ ...seen, [thing]: (seen[thing] ?? 0) + 1 }), {});
}

describe('the sample', () => {
  it.each([
    ['events', events, eventSchema],
    ['evaluations', evaluations, evaluationSchema],
    ['models', sampleModels(), modelMetadataSchema],
  ] as const)('holds only %s that the door accepts as they are', (_what, things, schema) => {
    for (const thing of things) expect(schema.parse(thing)).toEqual(thing);
  });

  it('gives each event and each evaluation an id of its own', () => {
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(new Set(evaluations.map(({ id }) => id)).size).toBe(evaluations.length);
  });

  it('is the same each time, also a little later in the same hour', () => {
    expect(sampleConversations(NOW)).toEqual(events);
    expect(sampleConversations(new Date(NOW.getTime() + 30 * 60_000))).toEqual(events);
    expect(sampleEvaluations(NOW)).toEqual(evaluations);
  });

  it('says nothing else under the same id when it is asked an hour, a day or a week later', () => {
    const said = new Map([...events, ...evaluations].map((each) => [each.id, JSON.stringify(each)]));
    for (const hours of [1, 24, 24 * 7]) {
      const later = new Date(NOW.getTime() + hours * 3_600_000);
      for (const each of [...sampleConversations(later), ...sampleEvaluations(later)]) {
        expect(said.get(each.id) ?? JSON.stringify(each)).toBe(JSON.stringify(each));
      }
    }
  });

  it('has about 160 conversations over four weeks, the week that runs among them', () => {
    expect(conversationsIn(events).size).toBe(162);
    expect([...new Set(events.map(weekSaid))].toSorted()).toEqual(WEEKS);
  });

  it.each([
    '2026-11-16T00:00:00.000Z',
    '2026-11-16T00:04:00.000Z',
    '2026-11-22T23:59:59.999Z',
    '2027-01-01T12:00:00.000Z',
  ])('holds nothing that is said or rated after %s', (at) => {
    const now = new Date(at);
    const instants = [
      ...sampleConversations(now).map(({ saidAt }) => saidAt),
      ...sampleEvaluations(now).map(({ ratedAt }) => ratedAt),
    ];
    expect(instants.filter((instant) => Date.parse(instant ?? '') > now.getTime())).toEqual([]);
  });

  it('has unsafe turns in 6 to 8 percent of the conversations, in every week', () => {
    const unsafe = turns.filter(({ text }) => unsafeTexts.has(text));
    const share = conversationsIn(unsafe).size / conversationsIn(turns).size;
    expect(share).toBeGreaterThanOrEqual(0.06);
    expect(share).toBeLessThanOrEqual(0.08);
    expect(new Set(unsafe.map(weekSaid)).size).toBe(WEEKS.length);
  });

  it('has enough labels for numbers in the weeks that are over, and too few in the one that runs', () => {
    const weekOfConversation = new Map(turns.map((turn) => [turn.conversationId, weekSaid(turn)]));
    for (const question of ['accuracy', 'hallucination', 'satisfaction']) {
      const labels = evaluations.filter((each) => each.question === question);
      const perWeek = counts(labels.map(({ conversationId }) => weekOfConversation.get(conversationId) ?? ''));
      for (const week of WEEKS.slice(0, 3)) expect(perWeek[week]).toBeGreaterThanOrEqual(110);
      expect(perWeek[WEEK]).toBeLessThan(100);
      expect(perWeek[WEEK]).toBeGreaterThan(0);
    }
  });

  it('lets two or three raters judge the same thing', () => {
    const judged = counts(
      evaluations.map(({ turnId, conversationId, question }) => `${turnId ?? conversationId} ${question}`),
    );
    expect(new Set(Object.values(judged))).toEqual(new Set([2, 3]));
  });

  it('shows one of its three models to make more things up than the others', () => {
    const modelOfTurn = new Map(
      turns.map((turn) => [turn.id, turn.model && `${turn.model.name} ${turn.model.version}`]),
    );
    const rate = (model: string) => {
      const labels = evaluations.filter(
        (each) => each.question === 'hallucination' && modelOfTurn.get(each.turnId ?? '') === model,
      );
      return labels.filter(({ value }) => value === true).length / labels.length;
    };
    expect(rate('corvid-mini 1.4')).toBeGreaterThan(0.25);
    expect(rate('lumen-chat 2.0')).toBeLessThan(0.2);
    expect(rate('lumen-chat 2.1')).toBeLessThan(0.15);
    expect(new Set(modelOfTurn.values())).toEqual(
      new Set([undefined, 'corvid-mini 1.4', 'lumen-chat 2.0', 'lumen-chat 2.1']),
    );
  });

  it('comes from three surfaces, in two languages, with thumbs and a report', () => {
    expect(Object.keys(counts(turns.map(({ surface }) => surface ?? ''))).toSorted()).toEqual(['api', 'mobile', 'web']);
    const languages = counts(turns.map(({ language }) => language ?? ''));
    expect(languages['de']! / turns.length).toBeGreaterThan(0.08);
    const kinds = counts(events.map((event) => (event.type === 'feedback' ? event.kind : 'turn')));
    expect(kinds['thumb']).toBeGreaterThan(50);
    expect(kinds['report']).toBeGreaterThanOrEqual(1);
  });

  it('repeats itself little: no two conversations are alike, and no question is asked in more than twelve', () => {
    const texts = new Map<string, string>();
    for (const { conversationId, text } of turns)
      texts.set(conversationId, `${texts.get(conversationId) ?? ''}\n${text}`);
    expect(new Set(texts.values()).size).toBe(texts.size);
    const asked = counts(turns.filter(({ role, text }) => role === 'user' && text.length > 30).map(({ text }) => text));
    expect(Math.max(...Object.values(asked))).toBeLessThanOrEqual(12);
  });

  it('has written each question and each answer once', () => {
    const texts = SUBJECTS.flatMap(({ exchanges }) => exchanges.flat());
    expect(new Set(texts).size).toBe(texts.length);
  });
});
