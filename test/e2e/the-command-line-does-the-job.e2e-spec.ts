import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY, ServerProcess } from '../fixtures/server';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function watchkeeper(args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(REPOSITORY, 'bin', 'watchkeeper.js'), ...args],
      { cwd: REPOSITORY, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

const dir = mkdtempSync(join(tmpdir(), 'watchkeeper-cli-'));
const data = join(dir, 'data');
const file = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const turns = Array.from({ length: 30 }, (_, i) =>
  JSON.stringify({
    type: 'turn',
    id: `t-${i}`,
    conversationId: `c-${i % 5}`,
    role: i % 2 ? 'assistant' : 'user',
    text: `message ${i}`,
    saidAt: '2026-11-17T10:00:00Z',
  }),
).join('\n');

describe('without a server the command line opens the folder itself', () => {
  it('ingests a file and points to the rows that are wrong', async () => {
    const ended = await watchkeeper([
      'ingest',
      file('events.ndjson', `${turns}\n{"type":"turn"}\nnonsense\n`),
      '--data',
      data,
      '--json',
    ]);
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      accepted: 30,
      invalid: 2,
      faults: expect.arrayContaining([
        expect.objectContaining({ line: 31 }),
        { line: 32, pointer: '', detail: 'is not JSON' },
      ]),
    });
  });

  it('imports evaluations from CSV', async () => {
    const rows = [
      'id,turnId,conversationId,raterId,question,value,comment',
      'e-1,t-1,c-1,r-1,accuracy,true,"fine, really"',
      'e-2,t-3,c-3,r-1,accuracy,false,',
      'e-3,,c-3,r-1,satisfaction,9,',
    ];
    const ended = await watchkeeper(['evaluations', 'import', file('ratings.csv', rows.join('\n')), '--data', data]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('line 4 (e-3): /value must be a number from 1 to 5');
  });

  it('verifies that log, bronze, silver and gold agree', async () => {
    const ended = await watchkeeper(['verify', '--json', '--data', data]);
    expect(ended).toMatchObject({ code: 0 });
    expect(JSON.parse(ended.stdout)).toMatchObject({ agrees: true });
  });

  it('builds the weekly report, as text, JSON and page', async () => {
    const ended = await watchkeeper([
      'report',
      '2026-W47',
      '--rebuild',
      '--json',
      '--html',
      join(dir, 'report.html'),
      '--data',
      data,
    ]);
    expect(ended).toMatchObject({ code: 0 });
    expect(JSON.parse(ended.stdout)).toMatchObject({
      week: '2026-W47',
      counts: { turns: 30, conversations: 5, evaluations: 2 },
      reconciliation: { agrees: true },
    });
    expect((await watchkeeper(['report', '2026-W47', '--data', data])).stdout).toContain('2026-W47');
  });
});

describe('with a server it talks to it', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await ServerProcess.start({}, data);
  });
  afterAll(() => server.kill());

  it('makes, lists and revokes keys', async () => {
    const made = await watchkeeper([
      'keys',
      'create',
      'chat-web',
      '--scopes',
      'ingest:write',
      '--json',
      '--data',
      data,
    ]);
    const { key, keyId } = JSON.parse(made.stdout) as { key: string; keyId: string };
    expect(
      (
        await server.fetch('/v1/events', {
          method: 'POST',
          key,
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
      ).status,
    ).toBe(422);
    expect((await watchkeeper(['keys', 'list', '--data', data])).stdout).toContain(keyId);
    expect((await watchkeeper(['keys', 'revoke', keyId, '--data', data])).code).toBe(0);
  });

  it('lists dead letters', async () => {
    expect(await watchkeeper(['dlq', 'list', '--json', '--data', data])).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('finds everything in order', async () => {
    const ended = await watchkeeper(['doctor', '--json', '--data', data]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ ok: true });
  });
});

describe('moderate', () => {
  it('gives a line of scores for each JSON string of standard input', async () => {
    const ended = await watchkeeper(
      ['moderate', '--json', '--data', data],
      '"what a lovely morning"\n"I am going to kill you tonight"\n',
    );
    expect(ended).toMatchObject({ code: 0 });
    const [kind, unkind] = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { scores: Record<string, number>; flagged: boolean });
    expect(kind).toMatchObject({
      flagged: false,
      scores: { violence: expect.any(Number), unsafe: expect.any(Number) },
    });
    expect(unkind!.flagged).toBe(true);
  });
});

describe('usage', () => {
  it.each([
    [['nonsense'], 2],
    [['report', '2026-W99'], 2],
    [['serve', '--port', 'x'], 2],
    [['ingest', '/no/such/file'], 2],
    [['--help'], 0],
    [['report', '--help'], 0],
  ])('%j ends with %i', async (args, code) => {
    expect(
      (
        await watchkeeper([
          ...args,
          ...(args.includes('--help') || args[0] === 'nonsense' ? [] : ['--data', join(dir, 'none')]),
        ])
      ).code,
    ).toBe(code);
  });
});
