import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { CommandFailed, EXIT } from '../exit-codes';
import type { FileRow } from './post-rows';

/** The rows of an NDJSON file (`.gz` is unpacked; `-` is standard input). */
export async function* ndjsonRows(file: string): AsyncIterable<FileRow> {
  let line = 0;
  for await (const text of createInterface({ input: await open(file), crlfDelay: Infinity })) {
    line++;
    if (text.trim() === '') continue;
    yield readLine(text, line);
  }
}

function readLine(text: string, line: number): FileRow {
  try {
    return { line, value: JSON.parse(text) as unknown };
  } catch {
    return { line, fault: 'is not JSON' };
  }
}

/** The rows of a CSV file with a header; values are read as true, false, a number or text, empty cells are left out. */
export async function* csvRows(file: string): AsyncIterable<FileRow> {
  const parser = (await open(file)).pipe(
    parse({ columns: true, bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true }),
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      yield {
        line: info.lines,
        value: Object.fromEntries(
          Object.entries(record)
            .filter(([, cell]) => cell !== '')
            .map(typedCell),
        ),
      };
    }
  } catch (cause) {
    throw new CommandFailed(
      EXIT.no,
      `the file is not CSV: ${cause instanceof Error ? cause.message.split('\n')[0] : 'unreadable'}`,
      { cause },
    );
  }
}

/** Only the value has a type of its own: ids that look like numbers stay text. */
function typedCell([column, cell]: [string, string]): [string, unknown] {
  if (column !== 'value') return [column, cell];
  if (/^(true|yes)$/i.test(cell)) return [column, true];
  if (/^(false|no)$/i.test(cell)) return [column, false];
  return [column, /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell];
}

async function open(file: string): Promise<NodeJS.ReadableStream> {
  if (file === '-') return process.stdin;
  await stat(file).catch((cause: unknown) => {
    throw new CommandFailed(EXIT.usage, `cannot read ${file}: is the path right?`, { cause });
  });
  const bytes: ReadStream = createReadStream(file);
  return file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
}
