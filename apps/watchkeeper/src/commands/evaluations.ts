import type { Command } from 'commander';
import { postFile } from './ingest';
import { withData, withJson, type DataOptions } from './options';
import { csvRows, ndjsonRows } from './read-rows';

export function addEvaluationCommands(root: Command): void {
  const evaluations = root.command('evaluations').description('human evaluations');
  withJson(withData(evaluations.command('import')))
    .description('import ratings from a CSV file with a header or an NDJSON file; doing it again is harmless')
    .argument('<file>')
    .addHelpText(
      'after',
      '\nColumns: id, turnId (empty: the conversation is rated), conversationId, raterId, question, value, comment, ratedAt\nExamples:\n  watchkeeper evaluations import ratings.csv\n  watchkeeper evaluations import ratings.ndjson.gz --json',
    )
    .action((file: string, options: DataOptions) =>
      postFile(
        '/v1/evaluations',
        /\.csv(\.gz)?$/i.test(file) ? csvRows(file) : ndjsonRows(file),
        'evaluations',
        options,
      ),
    );
}
