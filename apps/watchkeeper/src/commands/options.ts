import type { Command } from 'commander';
import { connect, type Connection } from '../connect';
import { readSettings } from '../settings';

/** `--data DIR`, as every command has it. */
export function withData(command: Command): Command {
  return command.option('--data <dir>', 'data folder (default: ./data, or WATCHKEEPER_DATA_DIR)');
}

export function withJson(command: Command): Command {
  return command.option('--json', 'answer in JSON');
}

export interface DataOptions {
  readonly data?: string;
  readonly json?: boolean;
}

/** Runs `use` with a connection to the data folder, and ends what was started for it. */
export async function withConnection<T>(options: DataOptions, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connect(readSettings(process.env, { dataDir: options.data }));
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

/** Machine-readable answers go to stdout, one JSON document. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
