// Compiles apps and libs to dist/ with Nest's swc builder. `--if-possible` is for `npm ci --omit=dev`,
// where the compiler is absent and a dist/ that was shipped is used as it is.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { rmSync } from 'node:fs';

const require = createRequire(import.meta.url);
let nest;
try {
  nest = require.resolve('@nestjs/cli/bin/nest.js');
} catch (cause) {
  if (process.argv.includes('--if-possible')) process.exit(0);
  throw new Error('the compiler is not installed: run `npm ci` without --omit=dev', { cause });
}
rmSync('dist', { recursive: true, force: true });
const { status, stdout, stderr } = spawnSync(process.execPath, [nest, 'build'], { encoding: 'utf8' });
if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
process.exit(status ?? 1);
