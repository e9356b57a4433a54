// Writes the JSON Schemas of everything that goes in and out to docs/schemas. `--check` fails when they are out of date.
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const { jsonSchemas } = require('../dist/libs/domain/src/index.js');
const isCheck = process.argv.includes('--check');
const stale = [];

mkdirSync('docs/schemas', { recursive: true });
for (const [name, schema] of Object.entries(jsonSchemas())) {
  const file = `docs/schemas/${name}.json`;
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (!isCheck) writeFileSync(file, text);
  else if (read(file) !== text) stale.push(file);
}
if (stale.length > 0) {
  process.stderr.write(`out of date: ${stale.join(', ')}; run \`npm run schemas\`\n`);
  process.exit(1);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
