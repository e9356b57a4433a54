import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** As much of the tar format (POSIX ustar) as a folder of plain files needs: no links, no owners, names up to 100 bytes. */
const BLOCK = 512;
const FIELDS = { name: [0, 100], mode: [100, 8], size: [124, 12], checksum: [148, 8], type: [156, 1] } as const;
const MAGIC_AT = 257;
const FOLDER = '5';
const FILE = '0';

/** The folder's content, in the order of the names. The same content gives the same bytes. */
export async function packTar(folder: string): Promise<Buffer> {
  const blocks: Buffer[] = [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  for (const path of paths) {
    const name = relative(folder, path).split(sep).join('/');
    if ((await stat(path)).isDirectory()) {
      blocks.push(header(`${name}/`, 0, FOLDER));
    } else {
      const content = await readFile(path);
      blocks.push(header(name, content.length, FILE), content, Buffer.alloc(paddingOf(content.length)));
    }
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/**
 * Writes what `packTar` packed, files with mode 600 and folders with 700. The archive comes in pieces and is never held
 * whole. Throws when it is cut short or damaged.
 */
export async function unpackTar(tar: AsyncIterable<Buffer>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const source = new Pieces(tar);
  for (;;) {
    const head = await source.take(BLOCK);
    if (head[0] === 0) return;
    const { name, size, type } = readHeader(head);
    const content = await source.take(size);
    await source.take(paddingOf(size));
    const path = join(folder, name);
    if (relative(folder, path).startsWith('..')) throw new Error('the archive points outside its folder');
    if (type === FOLDER) await mkdir(path, { recursive: true, mode: 0o700 });
    else await writeFile(path, content, { mode: 0o600 });
  }
}

/** Gives bytes in the lengths that are asked for, whatever the pieces they come in. */
class Pieces {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const pieces = [this.#rest];
    let held = this.#rest.length;
    while (held < length) {
      const next = await this.#source.next();
      if (next.done) throw new Error('the archive is cut short');
      pieces.push(next.value);
      held += next.value.length;
    }
    const all = Buffer.concat(pieces, held);
    this.#rest = all.subarray(length);
    return all.subarray(0, length);
  }
}

function header(name: string, size: number, type: string): Buffer {
  const head = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > FIELDS.name[1]) throw new Error(`the name is too long for the archive: ${name}`);
  head.write(name, FIELDS.name[0]);
  head.write(type === FOLDER ? '0000700\0' : '0000600\0', FIELDS.mode[0]);
  head.write('0000000\x000000000\0', 108);
  head.write(`${size.toString(8).padStart(11, '0')}\0`, FIELDS.size[0]);
  head.write('00000000000\0', 136);
  head.write(type, FIELDS.type[0]);
  head.write('ustar\x0000', MAGIC_AT);
  head.write(`${checksumOf(head).toString(8).padStart(6, '0')}\0 `, FIELDS.checksum[0]);
  return head;
}

function readHeader(head: Buffer): { readonly name: string; readonly size: number; readonly type: string } {
  const text = ([start, length]: readonly [number, number]) =>
    head
      .toString('utf8', start, start + length)
      .replace(/\0.*$/s, '')
      .trim();
  if (Number.parseInt(text(FIELDS.checksum), 8) !== checksumOf(head)) {
    throw new Error('the archive is damaged');
  }
  return { name: text(FIELDS.name), size: Number.parseInt(text(FIELDS.size), 8), type: text(FIELDS.type) };
}

/** The sum of the header's bytes, its own field counted as blanks. */
function checksumOf(head: Buffer): number {
  const [start, length] = FIELDS.checksum;
  let sum = 0;
  for (const [at, byte] of head.entries()) sum += at >= start && at < start + length ? 32 : byte;
  return sum;
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
