#!/usr/bin/env node
'use strict';
// The command line. Compiles the sources first where that has not been done (a checkout without `npm ci`'s build).
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const main = join(root, 'dist', 'apps', 'watchkeeper', 'src', 'main.js');
if (!existsSync(main)) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(3);
}
require(main);
