import { access, constants, mkdir, statfs } from 'node:fs/promises';
import type { Command } from 'commander';
import { CommandFailed, EXIT } from '../exit-codes';
import { runningServer } from '../connect';
import { readSettings, type Settings } from '../settings';
import { print, printJson, withData, withJson, type DataOptions } from './options';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

const NODE_MIN = [20, 19] as const;
const DISK_FREE_BYTES_MIN = 1024 ** 3;
const EXPECTED_WORD = 'hello';

export function addDoctorCommand(root: Command): void {
  withJson(withData(root.command('doctor')))
    .description('check everything that serving needs, and say what to do where something is missing')
    .action(async (options: DataOptions) => {
      const settings = readSettings(process.env, { dataDir: options.data });
      const findings: Finding[] = [];
      for (const [what, check] of CHECKS) findings.push(await find(what, () => check(settings)));
      if (options.json) printJson({ ok: findings.every((finding) => finding.ok), findings });
      else for (const { ok, what, detail } of findings) print(`${ok ? 'ok  ' : 'FAIL'}  ${what}: ${detail}`);
      if (findings.some((finding) => !finding.ok))
        throw new CommandFailed(EXIT.no, 'something is not in order: see the lines marked FAIL');
    });
}

const CHECKS: readonly (readonly [string, (settings: Settings) => Promise<string>])[] = [
  ['node', nodeVersion],
  ['data folder', dataFolder],
  ['disk', diskSpace],
  ['server', serverState],
  ['safety model', safetyModel],
  ['default policy', defaultPolicy],
];

async function find(what: string, check: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await check() };
  } catch (error) {
    return { what, ok: false, detail: error instanceof Error ? error.message : 'failed' };
  }
}

async function nodeVersion(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    throw new Error(`this is Node ${process.versions.node}: install ${NODE_MIN.join('.')} or newer`);
  }
  return process.versions.node;
}

async function dataFolder({ dataDir }: Settings): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  await access(dataDir, constants.R_OK | constants.W_OK);
  return `${dataDir} can be read and written`;
}

async function diskSpace({ dataDir }: Settings): Promise<string> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const gib = (free / 1024 ** 3).toFixed(1);
  if (free < DISK_FREE_BYTES_MIN)
    throw new Error(`only ${gib} GiB are free in ${dataDir}: make room or move the folder`);
  return `${gib} GiB free`;
}

async function serverState({ dataDir }: Settings): Promise<string> {
  const server = await runningServer(dataDir);
  if (!server) return 'none runs on this folder; `watchkeeper serve` starts one';
  const answer = await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(5_000) });
  const { faults = [] } = (await answer.json()) as { faults?: { part: string; reason: string }[] };
  if (!answer.ok)
    throw new Error(
      `${server.url} is not ready: ${faults.map(({ part, reason }) => `${part} (${reason})`).join(', ')}`,
    );
  return `${server.url} is ready (pid ${server.pid})`;
}

async function safetyModel(settings: Settings): Promise<string> {
  const { openClassifier } = await import('../open-adapters.js');
  const classifier = await openClassifier(settings);
  try {
    const [answer] = await classifier.classify([{ text: EXPECTED_WORD, role: 'user' }]);
    if (answer?.outcome !== 'scored') throw new Error('the model gives no scores: `npm ci` restores its files');
    return `${classifier.model.name} ${classifier.model.version}, sha256 ${classifier.model.sha256.slice(0, 12)}…`;
  } finally {
    await classifier.close();
  }
}

async function defaultPolicy({ policyFile }: Settings): Promise<string> {
  const { readPolicyFile } = await import('../open-adapters.js');
  const policy = await readPolicyFile(policyFile);
  return `${policy.id} version ${policy.version} with ${policy.rules.length} rules`;
}
