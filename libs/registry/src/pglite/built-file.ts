import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * A file the build has made, by its path in dist/. This module lies in dist/libs/registry/src/pglite when it was
 * built, and in libs/registry/src/pglite when a test compiles it in memory.
 */
export function builtFile(path: string): string {
  const top = resolve(__dirname, '../../../..');
  const beside = join(top, path);
  return existsSync(beside) ? beside : join(top, 'dist', path);
}
