import { CommanderError } from 'commander';
import { DomainError } from '@watchkeeper/domain';
import { CommandFailed, EXIT } from './exit-codes';
import { program } from './program';

async function main(): Promise<number> {
  try {
    await program().parseAsync(process.argv);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`watchkeeper: ${error instanceof Error ? error.message : 'failed'}\n`);
    if (process.env['WATCHKEEPER_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    if (error instanceof CommandFailed) return error.exitCode;
    return error instanceof DomainError && error.code === 'bad-settings' ? EXIT.usage : EXIT.unavailable;
  }
}

// Whatever a driver left running must not keep a finished command alive.
void main().then((code) => process.exit(code));
