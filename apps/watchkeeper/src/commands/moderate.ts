import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import {
  CATEGORIES,
  judge,
  policySchema,
  ROLES,
  type Classification,
  type Policy,
  type Role,
} from '@watchkeeper/domain';
import { WatchkeeperClient } from '../client';
import { adminKey, runningServer } from '../connect';
import { CommandFailed, EXIT } from '../exit-codes';
import { readSettings } from '../settings';
import { print, withData, withJson, type DataOptions } from './options';

const LINES_IN_FLIGHT_MAX = 256;

export function addModerateCommand(root: Command): void {
  withJson(withData(root.command('moderate')))
    .description('score texts by the safety model and the policy in force, without posting them anywhere')
    .argument('[text]', 'a text; without one, lines of standard input are read')
    .option('--role <role>', ROLES.join(', '), 'user')
    .addHelpText(
      'after',
      '\nWith --json each line of standard input is a JSON string, and each line of the answer {"scores":{…},"flagged":…}.\nExamples:\n  watchkeeper moderate "how are you?"\n  jq -c .text events.ndjson | watchkeeper moderate --json',
    )
    .action(async (text: string | undefined, options: DataOptions & { role: string }) => {
      const role = ROLES.find((known) => known === options.role);
      if (!role) throw new CommandFailed(EXIT.usage, `--role must be one of ${ROLES.join(', ')}`);
      await moderate(text === undefined ? stdinTexts(options.json === true) : [text], role, options);
    });
}

async function moderate(
  texts: AsyncIterable<string> | Iterable<string>,
  role: Role,
  options: DataOptions,
): Promise<void> {
  const settings = readSettings(process.env, { dataDir: options.data });
  const { openClassifier, readPolicyFile } = await import('../open-adapters.js');
  const [classifier, policy] = await Promise.all([
    openClassifier(settings),
    policyInForce(settings.dataDir, () => readPolicyFile(settings.policyFile)),
  ]);
  const show = (found: Classification) =>
    print(options.json ? jsonLine(found, role, policy) : textLine(found, role, policy));
  try {
    let pending: string[] = [];
    const flush = async () => {
      const inputs = pending.map((text) => ({
        text,
        role: role === 'assistant' ? ('assistant' as const) : ('user' as const),
      }));
      pending = [];
      for (const found of await classifier.classify(inputs)) show(found);
    };
    for await (const text of texts) {
      pending.push(text);
      if (pending.length >= LINES_IN_FLIGHT_MAX) await flush();
    }
    if (pending.length > 0) await flush();
  } finally {
    await classifier.close();
  }
}

function jsonLine(found: Classification, role: Role, policy: Policy): string {
  // What could not be scored is not flagged false: there is no answer.
  if (found.outcome === 'unclassified')
    return JSON.stringify({ scores: null, flagged: null, unclassified: found.reason });
  const { flagged, matches } = judge({ role }, found.scores, policy);
  return JSON.stringify({
    scores: found.scores,
    flagged,
    categories: [...new Set(matches.map((match) => match.category))],
  });
}

function textLine(found: Classification, role: Role, policy: Policy): string {
  if (found.outcome === 'unclassified') return `unclassified: ${found.reason}`;
  const { flagged, matches } = judge({ role }, found.scores, policy);
  const scores = CATEGORIES.map((category) => `${category} ${found.scores[category].toFixed(3)}`).join('  ');
  return `${flagged ? `FLAGGED ${matches[0]!.category} (${matches[0]!.severity})` : 'not flagged'}  ${scores}`;
}

/** The tenant's policy when a server runs on the folder, else the default one. */
async function policyInForce(dataDir: string, readDefault: () => Promise<Policy>): Promise<Policy> {
  const server = await runningServer(dataDir);
  if (!server) return readDefault();
  const { policy } = await new WatchkeeperClient(server.url, await adminKey(dataDir)).get<{ policy: unknown }>(
    '/v1/policy',
  );
  return policySchema.parse(policy);
}

async function* stdinTexts(isJson: boolean): AsyncIterable<string> {
  let line = 0;
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    line++;
    if (text.trim() === '') continue;
    yield isJson ? jsonString(text, line) : text;
  }
}

function jsonString(text: string, line: number): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'string') throw new CommandFailed(EXIT.no, `line ${line} is not a JSON string`);
  return value;
}
