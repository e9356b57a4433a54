import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { CommandFailed, EXIT } from '../exit-codes';
import type { FileRow } from './post-rows';

/** The rows of an NDJSON file (`.gz` is unpacked; `-` is standard input). */
export async function* ndjsonRows(file: string): AsyncIterable<FileRow> {
  let line = 0;
  try {
    for await (const text of createInterface({ input: await open(file), crlfDelay: Infinity })) {
      line++;
      if (text.trim() === '') continue;
      yield readLine(line === 1 ? text.replace(/^\uFEFF/, '') : text, line);
    }
  } catch (cause) {
    throw unreadable(file, 'cannot be read', cause);
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
  const parser = parse({ bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true });
  let header: readonly string[] | undefined;
  try {
    // Errors of the file go through the parser to its reader.
    pipeline(await open(file), parser, () => undefined);
    for await (const { record, info } of parser as AsyncIterable<{
      record: readonly string[];
      info: { lines: number };
    }>) {
      if (header) yield csvRow(header, record, info.lines);
      else header = record;
    }
  } catch (cause) {
    throw unreadable(file, 'is not CSV', cause);
  }
}

function csvRow(header: readonly string[], cells: readonly string[], line: number): FileRow {
  if (cells.length !== header.length) {
    const counts = `has ${cells.length} cells, the header has ${header.length}`;
    return { line, fault: `${counts}: put a cell that holds a comma in quotes` };
  }
  const named = header.map((column, at): [string, string] => [column, cells[at] ?? '']);
  return { line, value: Object.fromEntries(named.filter(([, cell]) => cell !== '').map(typedCell)) };
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
  const bytes = createReadStream(file);
  return file.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
}

function unreadable(file: string, otherwise: string, cause: unknown): CommandFailed {
  if (cause instanceof CommandFailed) return cause;
  // By its shape: an error of Node's own may be of another realm.
  const { code, message } = (
    typeof cause === 'object' && cause !== null ? cause : {}
  ) as Partial<NodeJS.ErrnoException>;
  const fault = code?.startsWith('Z_')
    ? 'cannot be unpacked: it is no gzip file, or only part of one'
    : `${otherwise}: ${message?.split('\n')[0] ?? 'unreadable'}`;
  return new CommandFailed(EXIT.no, `${file} ${fault}`, { cause });
}
