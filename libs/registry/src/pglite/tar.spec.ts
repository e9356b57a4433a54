import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTar, unpackTar } from './tar';

const top = mkdtempSync(join(tmpdir(), 'registry-tar-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

async function aTar(): Promise<Buffer> {
  const folder = join(top, 'packed');
  mkdirSync(join(folder, 'base/1'), { recursive: true });
  mkdirSync(join(folder, 'empty'), { recursive: true });
  writeFileSync(join(folder, 'PG_VERSION'), '18\n');
  writeFileSync(join(folder, 'base/1/none'), '');
  writeFileSync(join(folder, 'base/1/1234'), Buffer.alloc(8_192, 7));
  return packTar(folder);
}

async function* inPieces(tar: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < tar.length; at += length) yield await Promise.resolve(tar.subarray(at, at + length));
}

describe('a tar archive', () => {
  it.each([1_000_000, 512, 700, 13])('gives back what was packed, in pieces of %i bytes', async (length) => {
    const folder = join(top, `unpacked-${length}`);
    await unpackTar(inPieces(await aTar(), length), folder);
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
    expect(names).toEqual(['PG_VERSION', 'base', 'base/1', 'base/1/1234', 'base/1/none', 'empty']);
    expect(readFileSync(join(folder, 'base/1/1234'))).toEqual(Buffer.alloc(8_192, 7));
    expect(readFileSync(join(folder, 'base/1/none'))).toHaveLength(0);
  });

  it.each([100, 512, 5_000])('is refused when it is cut short after %i bytes', async (length) => {
    const tar = (await aTar()).subarray(0, length);
    await expect(unpackTar(inPieces(tar, 512), join(top, 'cut'))).rejects.toThrow('cut short');
  });

  it('is refused when a header is damaged', async () => {
    const tar = await aTar();
    tar[3] = tar[3]! ^ 1;
    await expect(unpackTar(inPieces(tar, 512), join(top, 'damaged'))).rejects.toThrow('damaged');
  });
});
