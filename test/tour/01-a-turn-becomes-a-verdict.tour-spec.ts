import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkEvent } from '@watchkeeper/app-ingest/check-posted';
import type { Classifier } from '@watchkeeper/classifier';
import { acceptedEventSchema, judgeTurn, policyRef, type AcceptedTurn, type Caller } from '@watchkeeper/domain';
import { A_POLICY } from '../fixtures/stream';
import { Folder } from './a-folder';

const ROOT = resolve(__dirname, '../..');
// The model runs in worker threads, and those load compiled JavaScript: `npm run build` makes it.
const COMPILED = resolve(ROOT, process.env['WATCHKEEPER_DIST'] ?? 'dist', 'libs/classifier/src/onnx');

/**
 * Chapter 1. Watchkeeper keeps the watch over the conversations of an LLM product. Everything begins with a *turn*: one
 * message, said by a user or by the assistant. This chapter follows a single turn until there is a *verdict* on it. There
 * is no server yet, and no log: these are the plain functions that the services call.
 */
describe('1. A turn becomes a verdict', () => {
  let folder: Folder;
  let classifier: Classifier;

  beforeAll(async () => {
    if (!existsSync(COMPILED)) throw new Error(`${COMPILED} is absent: run npm run build first`);
    folder = await Folder.make();
    const { OnnxClassifier } = require(COMPILED) as typeof import('@watchkeeper/classifier/onnx');
    const modelDir = join(ROOT, 'models/safety/stage1-0.1.0');
    classifier = folder.keep(await OnnxClassifier.open({ modelDir, workers: 1 }));
  });
  afterAll(() => folder.end());

  // A product's backend posts the turn with its API key. The key says who is calling: the tenant comes from there, and
  // never from the body.
  const caller: Caller = { tenant: 'acme', keyId: 'key-1', name: 'chat-web', scopes: ['ingest:write'] };
  const acceptance = { caller, acceptedAt: '2026-11-20T10:00:00.100Z' };

  function accepted(text: string): AcceptedTurn {
    const value = { type: 'turn', id: 'evt-7', conversationId: 'c-1', userId: 'u-9', role: 'user', text };
    const checked = checkEvent({ value }, acceptance);
    if (!checked.ok) throw new Error('the turn is valid');
    // What the door gives is a record for the log: bytes, a key and an id.
    const event = acceptedEventSchema.parse(JSON.parse(Buffer.from(checked.record.value).toString('utf8')));
    if (event.type !== 'turn') throw new Error('a turn stays a turn');
    return event;
  }

  it('is checked at the door, where it gets its identity', () => {
    const turn = accepted('Which ferry goes to the island on Sunday?');
    expect(turn).toMatchObject({ tenant: 'acme', source: 'chat-web', acceptedAt: '2026-11-20T10:00:00.100Z' });

    // (tenant, source, id) is who the event is. Its uid is a hash of the three: posted again, it is the same event.
    expect(turn.uid).toBe(accepted('Which ferry goes to the island on Sunday?').uid);

    // What is wrong is told with a pointer to each fault, in words that never quote what was posted.
    const refused = checkEvent({ value: { type: 'turn', id: 'evt-8', role: 'pirate' } }, acceptance);
    expect(refused).toMatchObject({
      ok: false,
      faults: expect.arrayContaining([{ pointer: '/role', detail: expect.any(String) as string }]) as unknown,
    });
    expect(JSON.stringify(refused)).not.toContain('pirate');
  });

  it('gets scores, and the policy makes a verdict of them', async () => {
    const turn = accepted('I will find you and kill you');

    // The classifier knows no rules: it gives a calibrated score from 0 to 1 for each category of harm. What it cannot
    // score is `unclassified`, which is tried again later and shown; nothing is ever safe for want of an answer.
    const [classification] = await classifier.classify([{ text: turn.text, role: 'user' }]);
    if (classification?.outcome !== 'scored') throw new Error('this text can be scored');
    expect(classification.scores.violence).toBeGreaterThan(0.8);

    // The policy is data: from which score on, for whom, how grave, and what is to be done. `judgeTurn` puts the two
    // together, and the stream, the replay and every back-test call this one function.
    const context = {
      model: classifier.model,
      policy: A_POLICY,
      policyRef: policyRef(A_POLICY),
      codeVersion: '0.1.0',
      position: { topic: 'conversation.events', partition: 2, offset: 40 },
      judgedAt: '2026-11-20T10:00:00.300Z',
    };
    const { verdict, alert } = judgeTurn(turn, classification, context);
    expect(verdict).toMatchObject({ outcome: 'scored', flagged: true, eventId: 'evt-7' });

    // A verdict says where it comes from: the model by its checksum, the policy by its hash, the event by its place in
    // the log. It never holds the text.
    expect(verdict).toMatchObject({ model: { sha256: classifier.model.sha256 }, position: { offset: 40 } });
    expect(JSON.stringify([verdict, alert])).not.toContain('kill');

    // Nothing in it depends on chance or the clock: the same inputs give the same bytes.
    expect(JSON.stringify(judgeTurn(turn, classification, context))).toBe(JSON.stringify({ verdict, alert }));
  });

  it('and most turns are what they seem', async () => {
    const turn = accepted('Which ferry goes to the island on Sunday?');
    const [classification] = await classifier.classify([{ text: turn.text, role: 'user' }]);
    if (classification?.outcome !== 'scored') throw new Error('this text can be scored');
    expect(Math.max(...Object.values(classification.scores))).toBeLessThan(0.1);
  });
});

// Chapter 2 asks what happens when a verdict is flagged.
