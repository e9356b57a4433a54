import type { Command } from 'commander';
import { print, printJson, withConnection, withData, withJson, type DataOptions } from './options';

interface DeadLetterRow {
  readonly id: string;
  readonly reason: string;
  readonly failedAt: string;
  readonly position: { readonly topic: string; readonly partition: number; readonly offset: number };
}

export function addDeadLetterCommands(root: Command): void {
  const dlq = root.command('dlq').description('dead letters: records that could not be read or judged');
  withJson(withData(dlq.command('list')))
    .description('what is there, newest last')
    .option('--limit <count>', 'how many', '50')
    .action(async (options: DataOptions & { limit: string }) => {
      const { deadLetters } = await withConnection(options, ({ client }) =>
        client.get<{ deadLetters: DeadLetterRow[] }>(`/v1/dead-letters?limit=${encodeURIComponent(options.limit)}`),
      );
      if (options.json) printJson(deadLetters);
      else if (deadLetters.length === 0) print('no dead letters');
      else
        for (const { id, reason, failedAt, position } of deadLetters)
          print(`${id}  ${failedAt}  ${position.topic}/${position.partition}/${position.offset}  ${reason}`);
    });
  withJson(withData(dlq.command('show')))
    .description('one of them, with its bytes')
    .argument('<id>')
    .action(async (id: string, options: DataOptions) => {
      printJson(
        await withConnection(options, ({ client }) => client.get(`/v1/dead-letters/${encodeURIComponent(id)}`)),
      );
    });
  withJson(withData(dlq.command('replay')))
    .description('judge one again, or all of them; what was done before is not done twice')
    .argument('<id>', 'an id, or `all`')
    .action(async (id: string, options: DataOptions) => {
      const result = await withConnection(options, ({ client }) =>
        client.post<Record<string, unknown>>(`/v1/dead-letters/${encodeURIComponent(id)}/replay`, {}),
      );
      if (options.json) printJson(result);
      else
        print(
          Object.entries(result)
            .map(([name, value]) => `${name}: ${String(value)}`)
            .join(', '),
        );
    });
}
