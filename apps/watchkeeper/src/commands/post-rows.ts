import type { WatchkeeperClient } from '../client';
import { Progress } from '../progress';

const BATCH_ROWS = 500;
/** Of their JSON, in UTF-16 code units: one row more and a body stays within what the door takes. */
const BATCH_LENGTH = 2 * 1024 * 1024;

/** A row of a file on its way to the door: its line for the reader, its value or why it could not be read. */
export type FileRow =
  { readonly line: number; readonly value: unknown } | { readonly line: number; readonly fault: string };

export interface PostedRows {
  accepted: number;
  duplicate: number;
  conflict: number;
  invalid: number;
  readonly faults: { readonly line: number; readonly id?: string; readonly pointer: string; readonly detail: string }[];
}

interface Answer {
  readonly accepted?: number;
  readonly duplicate?: number;
  readonly conflict?: number;
  readonly invalid?: number;
  readonly detail?: string;
  readonly results?: readonly {
    readonly index?: number;
    readonly id?: string;
    readonly status: string;
    readonly detail?: string;
    readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  }[];
}

interface BatchRow {
  readonly line: number;
  readonly json: string;
}

/** Posts rows in batches and says of each refused one where it stands and why. Posting a file again is harmless. */
export async function postRows(
  client: WatchkeeperClient,
  path: string,
  rows: AsyncIterable<FileRow>,
  what: string,
): Promise<PostedRows> {
  const posted: PostedRows = { accepted: 0, duplicate: 0, conflict: 0, invalid: 0, faults: [] };
  const progress = new Progress(what, undefined);
  let batch: BatchRow[] = [];
  let length = 0;
  const flush = async () => {
    if (batch.length > 0) await postBatch(client, path, batch, posted);
    batch = [];
    length = 0;
    progress.update(total(posted), `${posted.invalid} refused`);
  };
  for await (const row of rows) {
    if ('fault' in row) {
      posted.invalid++;
      posted.faults.push({ line: row.line, pointer: '', detail: row.fault });
    } else {
      const json = JSON.stringify(row.value);
      batch.push({ line: row.line, json });
      length += json.length;
      if (batch.length === BATCH_ROWS || length >= BATCH_LENGTH) await flush();
    }
  }
  await flush();
  progress.done(
    total(posted),
    `${posted.accepted} new, ${posted.duplicate} known, ${posted.conflict} in conflict, ${posted.invalid} refused`,
  );
  return posted;
}

async function postBatch(
  client: WatchkeeperClient,
  path: string,
  batch: readonly BatchRow[],
  posted: PostedRows,
): Promise<void> {
  const response = await client.send('POST', path, {
    text: `[${batch.map(({ json }) => json).join(',')}]`,
    contentType: 'application/json',
  });
  const answer = (await response.json().catch(() => ({}))) as Answer;
  if (!answer.results) throw new Error(answer.detail ?? `the server answered ${response.status}`);
  posted.accepted += answer.accepted ?? 0;
  posted.duplicate += answer.duplicate ?? 0;
  posted.conflict += answer.conflict ?? 0;
  posted.invalid += answer.invalid ?? 0;
  for (const result of answer.results) {
    const line = batch[result.index ?? -1]?.line;
    if (line === undefined) continue;
    const id = result.id === undefined ? {} : { id: result.id };
    for (const error of result.errors ?? []) posted.faults.push({ line, ...id, ...error });
    if (result.status === 'conflict')
      posted.faults.push({ line, ...id, pointer: '/id', detail: result.detail ?? 'conflict' });
  }
}

function total(posted: PostedRows): number {
  return posted.accepted + posted.duplicate + posted.conflict + posted.invalid;
}
