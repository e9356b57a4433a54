import { ServerProcess, eventually } from '../fixtures/server';

const CANARY = 'zx-canary-7f3a9';

/** A marker in everything that can be posted, right and wrong; then a look into everything that is written or answered. */
describe('the text of a conversation', () => {
  it('is in no log line, no error, no metric', async () => {
    const server = await ServerProcess.start({ WATCHKEEPER_LOG_LEVEL: 'debug' });
    const answers: string[] = [];
    try {
      const post = async (path: string, body: unknown, headers?: Record<string, string>) => {
        answers.push(JSON.stringify((await server.post(path, body, headers)).body));
      };
      const good = {
        type: 'turn',
        id: 'ok-1',
        conversationId: 'c-1',
        role: 'user',
        userId: 'u',
        text: `I am going to kill you tonight. I will kill you. I am going to kill you and your family. I will kill you. ${CANARY}`,
        attributes: { note: CANARY },
      };
      await post('/v1/events', good);
      await post('/v1/events', { ...good, text: `another body ${CANARY}` });
      for (const field of ['type', 'role', 'text', 'saidAt', 'seq', 'model', 'attributes', 'language']) {
        await post('/v1/events', { ...good, id: `bad-${field}`, [field]: { [CANARY]: `${CANARY}\0` } });
        await post('/v1/events', { ...good, id: `worse-${field}`, [field]: `${CANARY}\0\ud800` });
      }
      await post('/v1/events', `{"text":"${CANARY}" oops`);
      await post('/v1/events', CANARY, { 'content-type': 'application/x-ndjson' });
      await post('/v1/events', `{"specversion":"${CANARY}","data":"${CANARY}"}`, {
        'content-type': 'application/cloudevents+json',
      });
      await post('/v1/evaluations', {
        id: 'e-1',
        conversationId: 'c-1',
        raterId: 'r',
        question: 'accuracy',
        value: CANARY,
        comment: CANARY,
      });
      await post('/v1/evaluations', {
        id: 'e-2',
        conversationId: 'c-1',
        raterId: 'r',
        question: 'accuracy',
        value: true,
        comment: CANARY,
      });
      await post('/v1/events', {
        type: 'feedback',
        id: 'f-1',
        conversationId: 'c-1',
        kind: 'report',
        reason: CANARY,
        comment: CANARY,
      });
      await post('/v1/policy', { schema: CANARY });
      await eventually('the alert', async () =>
        (await server.get<{ alerts: unknown[] }>('/v1/alerts')).alerts.length > 0 ? true : undefined,
      );
      await server.post('/v1/verify', {});
      for (const path of [
        '/metrics',
        '/readyz',
        '/v1/alerts',
        '/v1/events/ok-1',
        '/v1/enforcements?subject=user:u',
        `/v1/nothing/${CANARY.slice(0, 2)}`,
      ]) {
        answers.push(await (await server.fetch(path)).text());
      }
      await server.kill('SIGTERM');
    } finally {
      await server.remove();
    }
    expect(server.output.length).toBeGreaterThan(0);
    expect(server.output).not.toContain(CANARY);
    expect(server.output).not.toContain(server.key);
    // Pointers name the keys that the poster chose; values never come back.
    expect(
      answers.map((answer) => answer.replaceAll(`/${CANARY}`, '')).filter((answer) => answer.includes(CANARY)),
    ).toEqual([]);
  });
});
