import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lakehouse } from '@watchkeeper/lakehouse';
import { DirectoryCatalog } from '@watchkeeper/lakehouse/catalog/directory';
import { columnList, Duck, rowsOf } from '@watchkeeper/lakehouse/duckdb';
import { currentSchema, liveFiles } from '@watchkeeper/lakehouse/iceberg';
import { IcebergLakehouse } from '@watchkeeper/lakehouse/iceberg-lakehouse';
import { LAKEHOUSE_PROMISES, lakehouseContract, type LakeUnderTest } from './lakehouse.contract';
import { LAKEHOUSE_MUTANTS } from './mutants/lakehouse.mutants';

const dirs: string[] = [];
const lakes: Lakehouse[] = [];

afterEach(async () => {
  await Promise.all(lakes.splice(0).map((lake) => lake.close()));
  await Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
});

async function openIceberg(): Promise<LakeUnderTest> {
  const dir = await mkdtemp(join(tmpdir(), 'lake [1] '));
  dirs.push(dir);
  const another = async () => {
    const lake = await IcebergLakehouse.open({ dir });
    lakes.push(lake);
    return lake;
  };
  return { lake: await another(), another, dir, rowsOf: (table, columns) => readTable(dir, table, columns) };
}

/** Past the adapter: what any reader of the files would see. */
async function readTable(dir: string, id: string, columns: readonly string[]) {
  const catalog = await DirectoryCatalog.open({ root: dir });
  const table = await catalog.load(id);
  const files = await liveFiles(catalog.storage, table);
  const duck = await Duck.open({ threads: 1, memoryLimitMb: 256, tempDir: join(dir, '.scratch', 'test') });
  try {
    const paths = files.map((file) => file.path);
    const list = columnList(columns);
    return await duck.with((session) =>
      session.rows(
        'read',
        `SELECT ${list} FROM ${rowsOf(paths, currentSchema(table.metadata).fields)} ORDER BY ${list}`,
      ),
    );
  } finally {
    duck.close();
  }
}

lakehouseContract('IcebergLakehouse', openIceberg);

describe('the contract of Lakehouse fails a lake that', () => {
  it.each(LAKEHOUSE_MUTANTS.map((mutant) => [mutant.how, mutant.breaks, mutant] as const))(
    '%s (promise %i)',
    async (_how, breaks, mutant) => {
      const promise = LAKEHOUSE_PROMISES.find(({ number }) => number === breaks);
      await expect(promise!.check(async () => mutant.mutate(await openIceberg()))).rejects.toThrow();
    },
  );

  it('breaks any promise: each has its mutant', () => {
    const broken = new Set(LAKEHOUSE_MUTANTS.map((mutant) => mutant.breaks));
    expect(LAKEHOUSE_PROMISES.filter(({ number }) => !broken.has(number))).toEqual([]);
  });
});
