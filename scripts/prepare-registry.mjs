// Makes the data folder of an empty registry once and packs it, so that a first start need not: initialising a
// PostgreSQL takes seconds and hundreds of megabytes, unpacking one does not. Run by the build, after the compiler.
// `--out DIR` names another dist/.
import { createRequire } from 'node:module';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } });
const dist = resolve(values.out);
const { PgliteServer } = createRequire(import.meta.url)(join(dist, 'libs/registry/src/pglite/pglite-server.js'));
const { Database } = createRequire(import.meta.url)(join(dist, 'libs/registry/src/typeorm/database.js'));
const { packTar } = createRequire(import.meta.url)(join(dist, 'libs/registry/src/pglite/tar.js'));

const dir = await mkdtemp(join(tmpdir(), 'registry-template-'));
try {
  const server = await PgliteServer.start(dir, join(dir, 'none'));
  const database = await Database.open(server.connection);
  // Nobody creates a database here: without their patterns the folder is half as large.
  await database.ask('slim the template', async (manager) => {
    await manager.query('UPDATE pg_database SET datistemplate = false');
    await manager.query('DROP DATABASE template0');
    await manager.query('DROP DATABASE template1');
    await manager.query('CHECKPOINT');
  });
  await database.close();
  await server.stop();
  const template = join(dist, 'registry-template.tar.gz');
  // Written beside and renamed: whoever starts at this moment sees all of it or none.
  await writeFile(`${template}.new`, gzipSync(await packTar(join(dir, 'pg')), { level: 9 }));
  await rename(`${template}.new`, template);
} finally {
  await rm(dir, { recursive: true, force: true });
}
