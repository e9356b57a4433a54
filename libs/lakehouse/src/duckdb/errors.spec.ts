import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duck } from './duck';
import { literal } from './sql';

const SAID = 'a sentence that must stay where it is';

describe('a statement that fails', () => {
  let dir: string;
  let duck: Duck;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'duck-errors-'));
    duck = await Duck.open({ threads: 1, memoryLimitMb: 128, tempDir: dir });
  });
  afterAll(async () => {
    duck.close();
    await rm(dir, { recursive: true });
  });

  it.each([
    ['malformed JSON', `SELECT json_extract_string(${literal(`{"text": "${SAID}`)} || x, '$.a') FROM (SELECT '' AS x)`],
    ['a cast', `SELECT x::INTEGER FROM (SELECT ${literal(SAID)} || '' AS x)`],
    ['an error of its own', `SELECT error(x) FROM (SELECT ${literal(SAID)} || '' AS x)`],
  ])('says what failed and never quotes a row: %s', async (_, sql) => {
    const failed = await duck.with((session) => session.rows('read turns', sql)).catch((error: unknown) => error);

    expect(failed).toMatchObject({ code: 'query-failed', message: expect.stringContaining('could not read turns') });
    expect(JSON.stringify(failed) + String((failed as Error).stack)).not.toContain(SAID);
    expect((failed as Error).cause).toBeUndefined();
  });
});
