// Draws who imports whom, folder by folder, into ARCHITECTURE.md. `--check` fails when the drawing is out of date.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'ARCHITECTURE.md';
const BEGIN = '<!-- structure: made by `npm run structure:draw` -->';
const END = '<!-- structure ends -->';

const drawn = spawnSync(
  process.execPath,
  [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    'apps',
    'libs',
    '--config',
    '.dependency-cruiser.cjs',
    '--include-only',
    '^(apps|libs)',
    '--exclude',
    '\\.spec\\.ts$',
    '--collapse',
    '^(apps|libs)/[^/]+',
    '--output-type',
    'mermaid',
  ],
  { encoding: 'utf8' },
);
if (drawn.status !== 0) {
  process.stderr.write(drawn.stderr || drawn.stdout);
  process.exit(1);
}
const text = readFileSync(FILE, 'utf8');
const begin = text.indexOf(BEGIN);
const end = text.indexOf(END);
if (begin < 0 || end < begin) throw new Error(`${FILE} lacks the marks of the drawing`);
const next = `${text.slice(0, begin)}${BEGIN}\n\n\`\`\`mermaid\n${drawn.stdout.trim()}\n\`\`\`\n\n${text.slice(end)}`;
if (process.argv.includes('--check')) {
  if (next === text) process.exit(0);
  process.stderr.write(`the drawing in ${FILE} is out of date: run \`npm run structure:draw\` and look at it\n`);
  process.exit(1);
}
writeFileSync(FILE, next);
