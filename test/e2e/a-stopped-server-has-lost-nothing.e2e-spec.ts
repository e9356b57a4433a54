import { eventually, ServerProcess } from '../fixtures/server';

const turn = (id: string) => ({
  type: 'turn',
  id,
  conversationId: `c-${id}`,
  role: 'user',
  userId: `u-${id}`,
  text: 'I am going to kill you tonight',
});

describe('a server', () => {
  it('that gets SIGTERM under load answers 503 or finishes, ends with 0, and has everything it acknowledged', async () => {
    const server = await ServerProcess.start();
    try {
      const acknowledged: string[] = [];
      const over = new AbortController();
      const poster = async (name: string) => {
        for (let i = 0; !over.signal.aborted; i++) {
          const id = `${name}-${i}`;
          const answer = await server.post('/v1/events', turn(id)).catch(() => undefined);
          if (answer === undefined) return;
          if (answer.status === 202) acknowledged.push(id);
          else expect(answer.status).toBe(503);
        }
      };
      const posters = Array.from({ length: 4 }, (_, i) => poster(`p${i}`));
      await eventually('some acknowledgements', async () => (acknowledged.length > 100 ? true : undefined));
      const exit = server.kill('SIGTERM');
      expect(await exit).toBe(0);
      over.abort();
      await Promise.all(posters);

      await server.start();
      const verified = await server.post('/v1/verify', {});
      expect(verified.body).toMatchObject({ agrees: true });
      const { alerts } = await server.get<{ alerts: { eventId: string }[] }>('/v1/alerts?limit=1');
      expect(alerts).toHaveLength(1);
      for (const id of [acknowledged[0]!, acknowledged.at(-1)!]) {
        await eventually(`the alert on ${id}`, async () => {
          const trail = await server.get<{ alert: unknown }>(`/v1/events/${id}`);
          return trail.alert ?? undefined;
        });
      }
    } finally {
      await server.remove();
    }
  });

  it('rebuilds the actions in force from the log when their store is lost', async () => {
    const server = await ServerProcess.start();
    try {
      await server.post('/v1/events', turn('lost'));
      const before = await eventually('the enforcement', async () => {
        const found = await server.get<{ allowed: boolean; actions: unknown[] }>(
          '/v1/enforcements?subject=user:u-lost',
        );
        return found.allowed ? undefined : found;
      });
      await server.kill();
      const { rmSync } = await import('node:fs');
      rmSync(`${server.dataDir}/actions`, { recursive: true });
      await server.start();
      expect(await server.get('/v1/enforcements?subject=user:u-lost')).toEqual(before);
    } finally {
      await server.remove();
    }
  });
});
