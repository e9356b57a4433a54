// Compiles apps and libs to dist/ with Nest's swc builder and packs the template of an empty registry beside them.
// `--if-possible` is for `npm ci --omit=dev`, where the compiler is absent and a dist/ that was shipped is used as it is.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const require = createRequire(import.meta.url);

compile();
packRegistry();

function compile() {
  let nest;
  try {
    nest = require.resolve('@nestjs/cli/bin/nest.js');
  } catch (cause) {
    if (process.argv.includes('--if-possible')) process.exit(0);
    throw new Error('the compiler is not installed: run `npm ci` without --omit=dev', { cause });
  }
  rmSync('dist', { recursive: true, force: true });
  run([nest, 'build'], 'it does not compile');
}

/** Making the template takes seconds, so it is kept for as long as what it is made of stays the same. */
function packRegistry() {
  const parts = [
    'libs/registry/src/typeorm/migrations.ts',
    'scripts/prepare-registry.mjs',
    'node_modules/@electric-sql/pglite/package.json',
  ];
  const key = parts
    .reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256'))
    .digest('hex')
    .slice(0, 16);
  const kept = join('.cache', `registry-template-${key}.tar.gz`);
  const template = join('dist', 'registry-template.tar.gz');
  if (!existsSync(kept)) {
    run(['scripts/prepare-registry.mjs'], 'the template of the registry could not be made');
    mkdirSync('.cache', { recursive: true });
    cpSync(template, kept);
    return;
  }
  cpSync(kept, template);
}

function run(args, failure) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}\n${failure}\n`);
  process.exit(1);
}
