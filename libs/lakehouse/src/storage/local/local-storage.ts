import { randomUUID } from 'node:crypto';
import { link, mkdir, open, opendir, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { DomainError } from '@watchkeeper/domain';
import { PutStateUnknown, Storage } from '../storage';
import type { StoredFile } from '../storage';

export interface LocalStorageSettings {
  /** Nothing outside this folder is read, written or removed, whatever a table's metadata says. */
  readonly root: string;
}

/** Metadata and manifests are read whole; data files are DuckDB's to read. */
const READ_BYTES_MAX = 1024 ** 3;

/** After these, link(2) has surely not put the file. */
const LINK_REFUSALS = new Set([
  'EPERM',
  'EACCES',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
]);

/** Files on a local disk that has hard links and honours fsync. */
export class LocalStorage extends Storage {
  private constructor(private readonly root: string) {
    super();
  }

  static async open(settings: LocalStorageSettings): Promise<LocalStorage> {
    const root = resolve(settings.root);
    await makeFolder(root);
    return new LocalStorage(root);
  }

  override async read(path: string): Promise<Buffer> {
    const file = await named('read', path, open(this.local(path), 'r'));
    try {
      const { size } = await file.stat();
      if (size > READ_BYTES_MAX) {
        throw new DomainError(
          'storage',
          `could not read ${path}: ${size} bytes is over the limit of ${READ_BYTES_MAX}`,
        );
      }
      return await named('read', path, file.readFile());
    } finally {
      await file.close();
    }
  }

  override async write(path: string, bytes: Uint8Array): Promise<void> {
    const target = this.local(path);
    await named('write', path, writeNew(target, bytes));
    await named('write', path, syncFolder(dirname(target)));
  }

  override async putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean> {
    const target = this.local(path);
    const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
    await named('write', path, writeNew(temporary, bytes));
    try {
      // link(2), not rename: it fails when the name is taken, and the file is whole the moment it has its name.
      if (!(await linked(temporary, target))) return false;
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
    try {
      await syncFolder(dirname(target));
    } catch (cause) {
      throw new PutStateUnknown(`put ${path}, but could not make it durable`, { cause });
    }
    return true;
  }

  override async replace(path: string, bytes: Uint8Array): Promise<void> {
    const target = this.local(path);
    const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
    try {
      // No sync: a hint that is lost in a power cut is no loss, and the sync would cost a third of a commit.
      await named('write', path, writeNew(temporary, bytes, { isDurable: false }));
      await named('replace', path, rename(temporary, target));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  override async remove(path: string): Promise<void> {
    await named('remove', path, rm(this.local(path), { force: true }));
  }

  override async exists(path: string): Promise<boolean> {
    try {
      await stat(this.local(path));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw failure('look for', path, error);
    }
  }

  override async names(dir: string): Promise<readonly string[]> {
    try {
      const entries = await readdir(this.local(dir), { withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    } catch (error) {
      if (isMissing(error)) return [];
      throw failure('list', dir, error);
    }
  }

  override async *list(dir: string): AsyncIterable<StoredFile> {
    const folder = this.local(dir);
    const handle = await opendir(folder, { recursive: true }).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw failure('list', dir, error);
    });
    if (handle === undefined) return;
    for await (const entry of handle) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const facts = await stat(path).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw failure('look at', path, error);
      });
      if (facts) yield { path, sizeBytes: facts.size, modifiedAtMs: facts.mtimeMs };
    }
  }

  override async sync(path: string): Promise<void> {
    const target = this.local(path);
    await named('sync', path, syncFile(target));
    // A partition's folder may be new as well, so every folder up to the root.
    for (let folder = dirname(target); folder.startsWith(this.root); folder = dirname(folder)) {
      await named('sync', path, syncFolder(folder));
    }
  }

  override localPath(path: string): string {
    return this.local(path);
  }

  /** Other writers put `file:///x` or `file:/x` where we put `/x`. */
  private local(path: string): string {
    const plain = path.replace(/^file:(?:\/\/)?(?=\/)/, '');
    const normal = normalize(plain);
    if (!isAbsolute(normal) || (normal !== this.root && !normal.startsWith(this.root + sep))) {
      throw new DomainError('storage', `the path ${path} lies outside the lake's folder ${this.root}`);
    }
    return normal;
  }
}

/** A file that could not be written whole is taken away again. */
async function writeNew(target: string, bytes: Uint8Array, { isDurable } = { isDurable: true }): Promise<void> {
  const file = await open(target, 'wx').catch(async (error: unknown) => {
    if (!isMissing(error)) throw error;
    await makeFolder(dirname(target));
    return open(target, 'wx');
  });
  try {
    await file.writeFile(bytes);
    if (isDurable) await file.sync();
  } catch (error) {
    await unlink(target).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

async function linked(temporary: string, target: string): Promise<boolean> {
  try {
    await link(temporary, target);
    return true;
  } catch (error) {
    const code = codeOf(error);
    // On a network file system the answer to a link that was made can be lost; two names tell that it was.
    const names = await stat(temporary).then(
      (facts) => facts.nlink,
      () => undefined,
    );
    if (names === 2) return true;
    if (code === 'EEXIST') return false;
    if (code !== undefined && LINK_REFUSALS.has(code)) throw failure('link', target, error);
    throw new PutStateUnknown(`could not tell whether ${target} was put`, { cause: error });
  }
}

/** A new folder is durable only when each folder that was made, and the one above it, is synced. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const syncFolder = syncFile;

async function named<T>(what: string, path: string, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    throw failure(what, path, error);
  }
}

function failure(what: string, path: string, cause: unknown): DomainError {
  const code = codeOf(cause);
  return new DomainError(
    code === 'ENOENT' ? 'file-missing' : 'storage',
    `could not ${what} ${path}${code ? ` (${code})` : ''}`,
    {
      cause,
    },
  );
}

function codeOf(error: unknown): string | undefined {
  // Not instanceof: an error of Node's may come from another realm, as in Jest.
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}
