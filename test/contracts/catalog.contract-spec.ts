import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryCatalog } from '@watchkeeper/lakehouse/catalog/directory';
import { CATALOG_PROMISES, catalogContract, type CatalogHarness } from './catalog.contract';
import { CATALOG_MUTANTS } from './mutants/catalog.mutants';

const dirs: string[] = [];

afterEach(async () => {
  await Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
});

async function directory(): Promise<CatalogHarness> {
  const root = await mkdtemp(join(tmpdir(), 'catalog-'));
  dirs.push(root);
  return { open: () => DirectoryCatalog.open({ root }) };
}

catalogContract('DirectoryCatalog', directory);

describe('the contract of Catalog fails a catalog that', () => {
  it.each(CATALOG_MUTANTS.map((mutant) => [mutant.how, mutant.breaks, mutant] as const))(
    '%s (promise %i)',
    async (_how, breaks, mutant) => {
      const promise = CATALOG_PROMISES.find(({ number }) => number === breaks);
      const place = await directory();
      await expect(promise!.check({ open: async () => mutant.mutate(await place.open()) })).rejects.toThrow();
    },
  );

  it('breaks any promise: each has its mutant', () => {
    const broken = new Set(CATALOG_MUTANTS.map((mutant) => mutant.breaks));
    expect(CATALOG_PROMISES.filter(({ number }) => !broken.has(number))).toEqual([]);
  });
});
