import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { weekBounds, weeklyReportSchema, weekOf, type WeeklyReport } from '@watchkeeper/domain';
import { renderTerminal } from '@watchkeeper/app-console/render-terminal';
import type { WatchkeeperClient } from '../client';
import { CommandFailed, EXIT } from '../exit-codes';
import { print, printJson, withConnection, withData, withJson, type DataOptions } from './options';

interface ReportOptions extends DataOptions {
  readonly rebuild?: boolean;
  readonly html?: string;
}

export function addReportCommands(root: Command): void {
  const report = withJson(withData(root.command('report')))
    .description('the weekly quality report; the newest week without WEEK')
    .argument('[week]', 'ISO week, such as 2026-W47')
    .option('--rebuild', 'land what is in the log and build it anew')
    .option('--html <file>', 'write it as one self-contained page')
    .addHelpText(
      'after',
      '\nExamples:\n  watchkeeper report 2026-W47\n  watchkeeper report --rebuild --json\n  watchkeeper report diff 2026-W46 2026-W47',
    )
    .action((week: string | undefined, options: ReportOptions) =>
      withConnection(options, ({ client }) => showReport(client, week, options)),
    );
  withJson(withData(report.command('diff')))
    .description('what changed between two weeks')
    .argument('<from>')
    .argument('<to>')
    .action(async (from: string, to: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<DataOptions>();
      const query = new URLSearchParams({ from: checked(from), to: checked(to) });
      const diff = await withConnection(options, ({ client }) =>
        client.get<Record<string, unknown>>(`/v1/reports/diff?${query.toString()}`),
      );
      printJson(diff);
    });
}

async function showReport(client: WatchkeeperClient, asked: string | undefined, options: ReportOptions): Promise<void> {
  if (asked !== undefined) checked(asked);
  if (options.rebuild) await client.post('/v1/reports/weekly/rebuild', asked === undefined ? {} : { week: asked });
  const week = asked ?? (await newestWeek(client));
  const path = `/v1/reports/weekly/${week}`;
  const built = weeklyReportSchema.parse(await client.get(path));
  if (options.html) {
    const page = await client.send('GET', `${path}.html`);
    await writeFile(options.html, await page.text());
  }
  if (options.json) printJson(built);
  else print(renderTerminal(built));
  if (!built.reconciliation.agrees) warnOfDifference(built);
}

async function newestWeek(client: WatchkeeperClient): Promise<string> {
  const list = () => client.get<{ reports: readonly { readonly week: string }[] }>('/v1/reports/weekly');
  const newest = (reports: readonly { readonly week: string }[]) =>
    reports
      .map(({ week }) => week)
      .toSorted()
      .at(-1);
  const known = newest((await list()).reports);
  if (known !== undefined) return known;
  // Events may have come that no run has seen yet.
  await client.post('/v1/reports/weekly/rebuild', {});
  const built = newest((await list()).reports);
  if (built === undefined) {
    throw new CommandFailed(EXIT.no, `there is no report yet: post events first (this week is ${weekOf(Date.now())})`);
  }
  return built;
}

function warnOfDifference({ week }: WeeklyReport): void {
  process.stderr.write(`watchkeeper: the counts behind ${week} do not agree; \`watchkeeper verify\` says where\n`);
}

function checked(week: string): string {
  try {
    weekBounds(week);
    return week;
  } catch (cause) {
    throw new CommandFailed(EXIT.usage, cause instanceof Error ? cause.message : 'not an ISO week', { cause });
  }
}
