import { Command } from 'commander';
import { addDeadLetterCommands } from './commands/dead-letters';
import { addDemoCommand } from './commands/demo';
import { addDoctorCommand } from './commands/doctor';
import { addEvaluationCommands } from './commands/evaluations';
import { addIngestCommand } from './commands/ingest';
import { addKeyCommands } from './commands/keys';
import { addModerateCommand } from './commands/moderate';
import { addReportCommands } from './commands/report';
import { addServeCommand } from './commands/serve';
import { addTailCommand } from './commands/tail';
import { addVerifyCommand } from './commands/verify';
import { codeVersion } from './package-root';

const EXIT_CODES = `
Exit codes:
  0  done
  1  done, and the answer is no: rows refused, numbers disagree, a check failed
  2  the command or a setting was not understood
  3  the server or the data folder could not be used

Settings come from flags, else from the environment (WATCHKEEPER_DATA_DIR, WATCHKEEPER_PORT, …), else defaults.
Commands talk to the server that runs on --data DIR, or open DIR themselves when none does.`;

/** The whole command line. */
export function program(): Command {
  const root = new Command('watchkeeper')
    .description('Keeps the watch and writes the log of an LLM product')
    .version(codeVersion())
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  addServeCommand(root);
  addDemoCommand(root);
  addDoctorCommand(root);
  addIngestCommand(root);
  addTailCommand(root);
  addModerateCommand(root);
  addEvaluationCommands(root);
  addReportCommands(root);
  addVerifyCommand(root);
  addDeadLetterCommands(root);
  addKeyCommands(root);
  eachCommand(root, (command) => command.exitOverride());
  return root;
}

function eachCommand(command: Command, visit: (command: Command) => void): void {
  for (const child of command.commands) {
    visit(child);
    eachCommand(child, visit);
  }
}
