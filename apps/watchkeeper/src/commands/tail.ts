import type { Command } from 'commander';
import { SEVERITIES } from '@watchkeeper/domain';
import { alertLine, followAlerts } from '../follow-alerts';
import { runningServer, adminKey } from '../connect';
import { CommandFailed, EXIT } from '../exit-codes';
import { readSettings } from '../settings';
import { print, withData, withJson, type DataOptions } from './options';

export function addTailCommand(root: Command): void {
  withJson(withData(root.command('tail')))
    .description('print alerts as they come; resumes by itself after a break')
    .option('--min-severity <severity>', SEVERITIES.join(', '))
    .option('--category <category>', 'only this category')
    .option('--from-start', 'begin with the oldest alert in the log')
    .addHelpText(
      'after',
      '\nExamples:\n  watchkeeper tail --min-severity high\n  watchkeeper tail --json | jq .category',
    )
    .action(async (options: DataOptions & { minSeverity?: string; category?: string; fromStart?: boolean }) => {
      const { dataDir } = readSettings(process.env, { dataDir: options.data });
      const server = await runningServer(dataDir);
      if (!server)
        throw new CommandFailed(
          EXIT.unavailable,
          `no server runs on ${dataDir}: start one with \`watchkeeper serve --data ${dataDir}\``,
        );
      const query = new URLSearchParams({
        ...(options.minSeverity && { minSeverity: options.minSeverity }),
        ...(options.category && { category: options.category }),
        ...(options.fromStart && { from: 'start' }),
      });
      const stop = followAlerts(
        { url: server.url, key: await adminKey(dataDir), query },
        {
          alert: (alert) => print(options.json ? JSON.stringify(alert) : alertLine(alert)),
          gap: () => process.stderr.write('watchkeeper: some alerts are no longer in the log and were missed\n'),
        },
      );
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      stop();
    });
}
