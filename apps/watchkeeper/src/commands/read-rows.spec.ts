import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CommandFailed, EXIT } from '../exit-codes';
import type { FileRow } from './post-rows';
import { csvRows, ndjsonRows } from './read-rows';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rows-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

async function all(rows: AsyncIterable<FileRow>): Promise<FileRow[]> {
  const found: FileRow[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

async function failure(rows: AsyncIterable<FileRow>): Promise<CommandFailed> {
  const error: unknown = await all(rows).catch((thrown: unknown) => thrown);
  if (!(error instanceof CommandFailed)) throw new Error('it did not fail as a command does', { cause: error });
  return error;
}

describe('rows of an NDJSON file', () => {
  const TEXT = '{"id":"a"}\r\n\n{"id":\n  \n{"id":"b"}';
  const ROWS = [
    { line: 1, value: { id: 'a' } },
    { line: 3, fault: 'is not JSON' },
    { line: 5, value: { id: 'b' } },
  ];

  it('have the number of their line, blank lines counted', async () => {
    expect(await all(ndjsonRows(await fileOf('events.ndjson', TEXT)))).toEqual(ROWS);
  });

  it('are unpacked from gzip', async () => {
    expect(await all(ndjsonRows(await fileOf('events.ndjson.gz', gzipSync(TEXT))))).toEqual(ROWS);
  });

  it('may begin with a byte order mark', async () => {
    expect(await all(ndjsonRows(await fileOf('bom.ndjson', `\uFEFF${TEXT}`)))).toEqual(ROWS);
  });

  it('are none in an empty file', async () => {
    expect(await all(ndjsonRows(await fileOf('empty.ndjson', '')))).toEqual([]);
  });

  it.each([
    ['is no gzip', Buffer.from('{"id":"a"}\n')],
    ['is cut short', gzipSync('{"id":"a"}\n'.repeat(10_000)).subarray(0, 60)],
  ])('end with a sentence when a .gz %s', async (name, content) => {
    const failed = await failure(ndjsonRows(await fileOf(`${name}.ndjson.gz`, content)));
    expect(failed).toMatchObject({
      exitCode: EXIT.no,
      message: expect.stringContaining('cannot be unpacked') as string,
    });
  });

  it('end with a sentence when there is no such file', async () => {
    const failed = await failure(ndjsonRows(join(dir, 'nowhere.ndjson')));
    expect(failed.exitCode).toBe(EXIT.usage);
    expect(failed.message).toContain('nowhere.ndjson');
  });
});

describe('rows of a CSV file', () => {
  const HEADER = 'id,turnId,conversationId,raterId,question,value,comment\n';
  const rows = async (text: string, name = 'ratings.csv') => all(csvRows(await fileOf(name, text)));

  it('have the number of their line and their cells by the header; empty cells are left out', async () => {
    expect(await rows(`${HEADER}ev-1,,c-1,r-1,accuracy,true,\n\nev-2,evt-7,c-1,r-1,satisfaction,4,"so, so"\n`)).toEqual(
      [
        {
          line: 2,
          value: { id: 'ev-1', conversationId: 'c-1', raterId: 'r-1', question: 'accuracy', value: true },
        },
        {
          line: 4,
          value: {
            id: 'ev-2',
            turnId: 'evt-7',
            conversationId: 'c-1',
            raterId: 'r-1',
            question: 'satisfaction',
            value: 4,
            comment: 'so, so',
          },
        },
      ],
    );
  });

  it.each([
    ['true', true],
    ['YES', true],
    ['false', false],
    ['No', false],
    ['4', 4],
    ['-1', -1],
    ['3.5', 3.5],
    ['1e3', '1e3'],
    ['fluent', 'fluent'],
  ])('read the value %s as what it is', async (cell, value) => {
    expect(await rows(`id,value\nev-1,${cell}\n`)).toEqual([{ line: 2, value: { id: 'ev-1', value } }]);
  });

  it('keep ids that look like numbers as text', async () => {
    expect(await rows('id,raterId,value\n007,42,1\n')).toEqual([
      { line: 2, value: { id: '007', raterId: '42', value: 1 } },
    ]);
  });

  it('may begin with a byte order mark, end lines with CRLF and be gzip', async () => {
    const path = await fileOf('ratings.csv.gz', gzipSync('\uFEFFid,value\r\nev-1,1\r\n'));
    expect(await all(csvRows(path))).toEqual([{ line: 2, value: { id: 'ev-1', value: 1 } }]);
  });

  it('with more or fewer cells than the header are faults, and spoil no other row', async () => {
    expect(await rows('id,value,comment\nev-1,1,good, really\nev-2,2\nev-3,3,fine\n')).toEqual([
      { line: 2, fault: 'has 4 cells, the header has 3: put a cell that holds a comma in quotes' },
      { line: 3, fault: 'has 2 cells, the header has 3: put a cell that holds a comma in quotes' },
      { line: 4, value: { id: 'ev-3', value: 3, comment: 'fine' } },
    ]);
  });

  it('end with a sentence when the file is no CSV', async () => {
    const failed = await failure(csvRows(await fileOf('broken.csv', 'id,value\nev-1,"open')));
    expect(failed).toMatchObject({ exitCode: EXIT.no, message: expect.stringContaining('is not CSV') as string });
  });

  it('end with a sentence when a .gz is none', async () => {
    const failed = await failure(csvRows(await fileOf('broken.csv.gz', 'id,value\nev-1,1\n')));
    expect(failed).toMatchObject({
      exitCode: EXIT.no,
      message: expect.stringContaining('cannot be unpacked') as string,
    });
  });
});
