import type { Command } from 'commander';
import { CommandFailed, EXIT } from '../exit-codes';
import { printJson, withConnection, withData, withJson, type DataOptions } from './options';
import { postRows, type FileRow, type PostedRows } from './post-rows';
import { ndjsonRows } from './read-rows';

export function addIngestCommand(root: Command): void {
  withJson(withData(root.command('ingest')))
    .description(
      'post the conversation events of an NDJSON file (.gz too; - is standard input); doing it again is harmless',
    )
    .argument('<file>')
    .addHelpText(
      'after',
      '\nExamples:\n  watchkeeper ingest events.ndjson\n  zcat old.ndjson.gz | watchkeeper ingest - --json',
    )
    .action((file: string, options: DataOptions) => postFile('/v1/events', ndjsonRows(file), 'events', options));
}

/** Posts the rows of a file, prints what became of them, and fails when some were refused. */
export async function postFile(
  path: string,
  rows: AsyncIterable<FileRow>,
  what: string,
  options: DataOptions,
): Promise<void> {
  const posted = await withConnection(options, ({ client }) => postRows(client, path, rows, what));
  if (options.json) printJson(posted);
  else printFaults(posted);
  if (posted.faults.length > 0) {
    throw new CommandFailed(
      EXIT.no,
      `${posted.faults.length} faults; correct those rows and post the file again: what is in stays in`,
    );
  }
}

const FAULTS_SHOWN_MAX = 50;

function printFaults({ faults }: PostedRows): void {
  for (const { line, id, pointer, detail } of faults.slice(0, FAULTS_SHOWN_MAX)) {
    process.stderr.write(`line ${line}${id === undefined ? '' : ` (${id})`}: ${pointer || '/'} ${detail}\n`);
  }
  if (faults.length > FAULTS_SHOWN_MAX)
    process.stderr.write(`… and ${faults.length - FAULTS_SHOWN_MAX} more (--json shows all)\n`);
}
