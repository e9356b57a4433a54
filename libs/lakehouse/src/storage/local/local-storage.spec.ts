import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalStorage } from './local-storage';

let root: string;
let storage: LocalStorage;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'storage-'));
  storage = await LocalStorage.open({ root });
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('LocalStorage', () => {
  it('reads what it has written, by whatever form of the path', async () => {
    const path = join(root, 'a/b/c.txt');
    await storage.write(path, Buffer.from('x'));
    for (const form of [path, `file://${path}`, `file:${path}`]) {
      expect((await storage.read(form)).toString()).toBe('x');
    }
    expect(storage.localPath(`file:${path}`)).toBe(path);
  });

  it('writes over no file', async () => {
    const path = join(root, 'a.txt');
    await storage.write(path, Buffer.from('first'));
    await expect(storage.write(path, Buffer.from('second'))).rejects.toThrow('EEXIST');
    expect((await storage.read(path)).toString()).toBe('first');
  });

  it('lets one of many put a file, whole, and leaves no temporary file', async () => {
    const path = join(root, 'metadata/v1.json');
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
    const results = await Promise.all(texts.map((text) => storage.putIfAbsent(path, Buffer.from(text))));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect((await storage.read(path)).toString()).toBe(texts[results.indexOf(true)]);
    expect(await readdir(join(root, 'metadata'))).toEqual(['v1.json']);
  });

  it('replaces a hint', async () => {
    const path = join(root, 'hint');
    await storage.replace(path, Buffer.from('1'));
    await storage.replace(path, Buffer.from('2'));
    expect((await storage.read(path)).toString()).toBe('2');
    expect(await readdir(root)).toEqual(['hint']);
  });

  it('takes the absent for absent', async () => {
    const path = join(root, 'nothing');
    await storage.remove(path);
    expect(await storage.exists(path)).toBe(false);
    expect(await storage.names(path)).toEqual([]);
    for await (const file of storage.list(path)) throw new Error(file.path);
    await expect(storage.read(path)).rejects.toMatchObject({
      code: 'file-missing',
      message: expect.stringContaining(path),
    });
    await expect(storage.sync(path)).rejects.toMatchObject({ code: 'file-missing' });
  });

  it('lists files at any depth, and names those of one folder', async () => {
    await storage.write(join(root, 't/data/day=1/a'), Buffer.from('abc'));
    await storage.write(join(root, 't/data/b'), Buffer.from('b'));
    const found = new Map<string, number>();
    for await (const { path, sizeBytes } of storage.list(join(root, 't'))) found.set(path, sizeBytes);
    expect(found).toEqual(
      new Map([
        [join(root, 't/data/b'), 1],
        [join(root, 't/data/day=1/a'), 3],
      ]),
    );
    expect(await storage.names(join(root, 't/data'))).toEqual(['b']);
  });

  it('makes durable what someone else has written', async () => {
    await writeFile(join(root, 'x'), 'x');
    await expect(storage.sync(join(root, 'x'))).resolves.toBeUndefined();
  });

  it.each(['/etc/passwd', 'relative/path', '/../../etc/passwd', ''])(
    'touches nothing outside its folder: %j',
    async (path) => {
      await expect(storage.read(path)).rejects.toMatchObject({ code: 'storage' });
      await expect(storage.remove(path)).rejects.toMatchObject({ code: 'storage' });
    },
  );

  it('is not led out of its folder by dots', async () => {
    await expect(storage.write(`${root}/../${root.split('/').at(-1)}x/y`, Buffer.from(''))).rejects.toMatchObject({
      code: 'storage',
    });
  });
});
