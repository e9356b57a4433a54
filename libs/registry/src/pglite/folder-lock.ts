import { mkdtempSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { DomainError } from '@watchkeeper/domain';

/** PGlite looks for no other process on its folder, and two of them would ruin it: so the folder says who has it. */
const holderSchema = z.object({
  pid: z.int().positive(),
  /** When the process began, as the kernel tells it: a process that came later may have the same pid. */
  began: z.string(),
  /** The folder of its unix socket. */
  socketDir: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

const SOCKET_DIR_PREFIX = 'watchkeeper-';
/** The port is part of the socket's name: PostgreSQL's clients look for `.s.PGSQL.<port>`. */
export const SOCKET_PORT = 5432;
export const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`;
/** macOS allows 103 bytes, Linux 107. */
const SOCKET_PATH_BYTES_MAX = 103;

export class FolderLock {
  private constructor(
    private readonly file: string,
    readonly socketDir: string,
  ) {}

  /** Throws `registry-in-use` while a living process has the folder; a lock left by a dead one is taken over. */
  static acquire(dir: string): FolderLock {
    const file = join(dir, 'lock');
    const socketDir = makeSocketDir();
    const mine: Holder = { pid: process.pid, began: beganAt(process.pid) ?? '', socketDir };
    try {
      for (let tries = 0; tries < 3; tries++) {
        if (wrote(file, mine)) return new FolderLock(file, socketDir);
        clearIfDead(file);
      }
    } catch (cause) {
      removeSocketDir(socketDir);
      throw cause;
    }
    removeSocketDir(socketDir);
    throw inUse(dirname(file), 'others that start at this moment');
  }

  release(): void {
    removeSocketDir(this.socketDir);
    rmSync(this.file, { force: true });
  }
}

/** Made with its content in one step: a lock that is seen is a lock that can be read. */
function wrote(file: string, holder: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

function clearIfDead(file: string): void {
  const content = readIfThere(file);
  if (content === undefined) return;
  const holder = readHolder(content);
  if (holder && isAlive(holder)) throw inUse(dirname(file), `process ${holder.pid}`);
  // Renamed, not removed: of two that find it dead, only one may take it away.
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return;
    throw cause;
  }
  const isSame = readIfThere(aside) === content;
  if (!isSame) {
    renameSync(aside, file);
    throw inUse(dirname(file), 'another that has just started');
  }
  rmSync(aside, { force: true });
  if (holder) removeSocketDir(holder.socketDir);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

/** A lock that cannot be read was cut short by a crash while it was being written. */
function readHolder(content: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(content));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it lives, but is another user's.
    if (codeOf(cause) !== 'EPERM') return false;
  }
  const now = beganAt(pid);
  return now === undefined || now === began;
}

/** Clock ticks from the machine's start to the process's; undefined where the kernel does not tell. */
function beganAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets and may hold blanks; the time is the 22nd.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** mkdtemp gives mode 700: whoever may open the socket may read every key's hash. */
function makeSocketDir(): string {
  const roots = [tmpdir(), '/tmp'];
  const root = roots.find(
    (each) => Buffer.byteLength(join(each, `${SOCKET_DIR_PREFIX}XXXXXX`, SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX,
  );
  if (root === undefined)
    throw new DomainError('registry-unavailable', 'no folder for temporary files has a path short enough for a socket');
  return mkdtempSync(join(root, SOCKET_DIR_PREFIX));
}

/** Removes what we know is in it and nothing else: the name may come from a file. */
function removeSocketDir(dir: string): void {
  if (!basename(dir).startsWith(SOCKET_DIR_PREFIX)) return;
  try {
    rmSync(join(dir, SOCKET_NAME), { force: true });
    rmdirSync(dir);
  } catch {
    // A folder that is left behind is empty and harms nobody.
  }
}

function inUse(dir: string, who: string): DomainError {
  return new DomainError('registry-in-use', `the registry in ${dir} is in use by ${who}: one process at a time`);
}

function codeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
}
