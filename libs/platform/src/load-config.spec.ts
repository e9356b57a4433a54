import { z } from 'zod';
import { loadConfig } from './load-config';

const schema = z.object({
  port: z.coerce.number().int().max(65_535),
  host: z.string().min(1),
  limits: z.object({ bytesMax: z.number() }).default({ bytesMax: 1 }),
});

describe('settings', () => {
  it('are given as the schema makes them', () => {
    expect(loadConfig(schema, { port: '8787', host: 'localhost' })).toEqual({
      port: 8_787,
      host: 'localhost',
      limits: { bytesMax: 1 },
    });
  });

  it('tell all their faults at once, each with its name', () => {
    const load = () => loadConfig(schema, { port: '99999', host: '', limits: { bytesMax: 'many' } });
    expect(load).toThrow(expect.objectContaining({ code: 'bad-settings' }));
    expect(load).toThrow(/^these settings are not right:\n {2}port: .+\n {2}host: .+\n {2}limits\/bytesMax: .+$/);
  });

  it('never quote a value: it may be a secret', () => {
    expect(() => loadConfig(z.object({ key: z.string().regex(/^wk_/) }), { key: 's3cret' })).not.toThrow(/s3cret/);
    expect(() => loadConfig(z.object({ key: z.string().regex(/^wk_/) }), { key: 's3cret' })).toThrow(/key/);
  });
});
