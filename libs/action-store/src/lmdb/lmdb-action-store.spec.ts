import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { LmdbActionStore } from './lmdb-action-store';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'action-store-'));
});

afterEach(async () => rm(dir, { recursive: true, force: true }));

describe('LmdbActionStore', () => {
  it('refuses a store that another format version wrote', async () => {
    await (await LmdbActionStore.open({ dir })).close();
    const root = open({ path: dir, maxDbs: 16, encoding: 'json' });
    await root.openDB({ name: 'meta', encoding: 'json' }).put('format', 99);
    await root.close();

    await expect(LmdbActionStore.open({ dir })).rejects.toMatchObject({ code: 'action-store-format' });
  });

  it('keeps its format through a loss', async () => {
    const store = await LmdbActionStore.open({ dir });
    await store.clear();
    await store.close();
    await (await LmdbActionStore.open({ dir })).close();
  });
});
