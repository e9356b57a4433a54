import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionStore } from '@watchkeeper/action-store';
import { LmdbActionStore } from '@watchkeeper/action-store/lmdb';
import { ACTION_STORE_PROMISES, actionStoreContract, type StoreUnderTest } from './action-store.contract';
import { ACTION_STORE_MUTANTS } from './mutants/action-store.mutants';

const dirs: string[] = [];
const stores: ActionStore[] = [];

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
});

async function openLmdb(): Promise<StoreUnderTest> {
  const dir = await newDir();
  return {
    store: await opened(dir),
    // A killed process leaves the file as the kernel has it: that is what a copy of the open file holds.
    afterKill: async () => {
      const copy = await newDir();
      await cp(join(dir, 'data.mdb'), join(copy, 'data.mdb'));
      return opened(copy);
    },
  };
}

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'action-store-'));
  dirs.push(dir);
  return dir;
}

async function opened(dir: string): Promise<ActionStore> {
  const store = await LmdbActionStore.open({ dir });
  stores.push(store);
  return store;
}

actionStoreContract('LmdbActionStore', openLmdb);

describe('the contract of ActionStore fails a store that', () => {
  it.each(ACTION_STORE_MUTANTS.map((mutant) => [mutant.how, mutant.breaks, mutant] as const))(
    '%s (promise %i)',
    async (_how, breaks, mutant) => {
      const promise = ACTION_STORE_PROMISES.find(({ number }) => number === breaks);
      await expect(promise!.check(async () => mutant.mutate(await openLmdb()))).rejects.toThrow();
    },
  );

  it('breaks any promise: each has its mutant', () => {
    const broken = new Set(ACTION_STORE_MUTANTS.map((mutant) => mutant.breaks));
    expect(ACTION_STORE_PROMISES.filter(({ number }) => !broken.has(number))).toEqual([]);
  });
});
