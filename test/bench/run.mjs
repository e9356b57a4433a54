// Runs the benchmarks one after the other and prints a table: figure, its goal, and where there is one the bare library
// doing the same work in the same run. People read them; CI only checks that they run (`--smoke`).
//   npm run bench [-- door live event-log …] [--smoke]
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean', default: false } },
});
const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(here)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''))
  .filter((name) => positionals.length === 0 || positionals.includes(name));

process.stdout.write(
  `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.versions.node}\n`,
);
let failures = 0;
for (const name of names) {
  const args = [join(here, `${name}.bench.mjs`), '--dist', 'dist', ...(values.smoke ? ['--smoke'] : [])];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  process.stdout.write(`\n${name}\n`);
  for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) print(JSON.parse(line));
  if (status !== 0) {
    failures++;
    process.stdout.write(`  FAILED: ended with ${status}\n`);
  }
}
process.exit(failures === 0 ? 0 : 1);

function print({ bench, value, unit, goal, limit, ratio }) {
  const beside = [
    limit !== undefined && `bare: ${limit}`,
    ratio !== undefined && `ratio ${ratio}`,
    goal !== undefined && `goal ${goal}`,
  ]
    .filter(Boolean)
    .join(', ');
  process.stdout.write(`  ${bench.padEnd(90)} ${String(value).padStart(10)} ${unit}${beside && `   (${beside})`}\n`);
}
