import { resolve } from 'node:path';
import { readSettings, settingsSchema } from './settings';

describe('settings', () => {
  it('have a default for everything', () => {
    expect(readSettings({}, {})).toMatchObject({
      dataDir: resolve('data'),
      host: '127.0.0.1',
      port: 8_787,
      logLevel: 'info',
      partitions: 4,
      webhooksAllowPrivate: false,
    });
  });

  it.each([
    ['WATCHKEEPER_DATA_DIR', '/tmp/wk', 'dataDir', '/tmp/wk'],
    ['WATCHKEEPER_PORT', '0', 'port', 0],
    ['WATCHKEEPER_LOG_LEVEL', 'debug', 'logLevel', 'debug'],
    ['WATCHKEEPER_BODY_BYTES_MAX', '2048', 'bodyBytesMax', 2_048],
    ['WATCHKEEPER_EVENTS_PER_SECOND_MAX', '50', 'eventsPerSecondMax', 50],
    ['WATCHKEEPER_LABELS_MIN', '30', 'labelsMin', 30],
    ['WATCHKEEPER_RETENTION_DAYS', '0.5', 'retentionDays', 0.5],
    ['WATCHKEEPER_WEBHOOKS_ALLOW_PRIVATE', 'true', 'webhooksAllowPrivate', true],
    ['WATCHKEEPER_FAILPOINT', 'log.append.after:3', 'failpoint', 'log.append.after:3'],
  ])('come from the environment: %s', (name, text, setting, value) => {
    expect(readSettings({ [name]: text }, {})).toHaveProperty(setting, value);
  });

  it('take a flag before the environment, and the environment where there is no flag', () => {
    const env = { WATCHKEEPER_PORT: '1', WATCHKEEPER_HOST: '::1' };
    expect(readSettings(env, { port: '2', host: undefined })).toMatchObject({ port: 2, host: '::1' });
  });

  it('take an empty variable for one that is not set', () => {
    expect(readSettings({ WATCHKEEPER_PORT: '', WATCHKEEPER_DATA_DIR: '' }, {})).toMatchObject({
      port: 8_787,
      dataDir: resolve('data'),
    });
  });

  it('know nothing of other variables', () => {
    expect(readSettings({ PORT: '1', WATCHKEEPER_port: '2' }, {})).toMatchObject({ port: 8_787 });
  });

  it('tell all their faults at once', () => {
    const read = () =>
      readSettings(
        { WATCHKEEPER_PARTITIONS: '0', WATCHKEEPER_LOG_LEVEL: 'loud', WATCHKEEPER_LAG_MS_MAX: 'x' },
        { port: '-1' },
      );
    expect(read).toThrow(expect.objectContaining({ code: 'bad-settings' }));
    for (const name of ['partitions', 'logLevel', 'lagMsMax', 'port'])
      expect(read).toThrow(new RegExp(`\n  ${name}: `));
  });

  it('are bounded, each of them that is a number', () => {
    const numbers = Object.entries(readSettings({}, {})).filter(([, value]) => typeof value === 'number');
    expect(numbers.length).toBeGreaterThan(8);
    for (const [name] of numbers) expect(() => readSettings({}, { [name]: '-1' })).toThrow(`${name}: `);
  });

  it('are all told apart by their variables', () => {
    const variables = Object.keys(settingsSchema.shape).map((name) =>
      name.replaceAll(/[A-Z]/g, (c) => `_${c}`).toUpperCase(),
    );
    expect(new Set(variables).size).toBe(variables.length);
  });
});
