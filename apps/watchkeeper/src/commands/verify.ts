import type { Command } from 'commander';
import { CommandFailed, EXIT } from '../exit-codes';
import { print, printJson, withConnection, withData, withJson, type DataOptions } from './options';

interface Verification {
  readonly agrees: boolean;
  readonly asOf: string;
  readonly checks: readonly {
    readonly what: string;
    readonly expected: number;
    readonly found: number;
    readonly agrees: boolean;
  }[];
}

export function addVerifyCommand(root: Command): void {
  withJson(withData(root.command('verify')))
    .description('land what is in the log and compare: log = bronze = silver = gold')
    .addHelpText(
      'after',
      '\nEnds with 0 when everything agrees, 1 when something does not.\nExample:\n  watchkeeper verify --json',
    )
    .action(async (options: DataOptions) => {
      const result = await withConnection(options, ({ client }) => client.post<Verification>('/v1/verify', {}));
      if (options.json) printJson(result);
      else
        for (const check of result.checks)
          print(`${check.agrees ? 'ok  ' : 'DIFF'}  ${check.what}: expected ${check.expected}, found ${check.found}`);
      if (!result.agrees)
        throw new CommandFailed(EXIT.no, 'log, bronze, silver and gold do not agree: see the lines marked DIFF');
    });
}
