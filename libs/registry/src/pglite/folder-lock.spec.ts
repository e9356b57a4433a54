import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderLock, SOCKET_NAME } from './folder-lock';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'registry-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const inUse = expect.objectContaining({ code: 'registry-in-use' }) as Error;

function aDeadPid(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid;
}

function leave(holder: object): void {
  writeFileSync(join(dir, 'lock'), JSON.stringify(holder));
}

describe('FolderLock', () => {
  it('is had by one at a time and leaves nothing behind', () => {
    const lock = FolderLock.acquire(dir);
    expect(() => FolderLock.acquire(dir)).toThrow(inUse);
    expect(statSync(lock.socketDir).mode & 0o777).toBe(0o700);
    lock.release();
    expect(existsSync(lock.socketDir)).toBe(false);
    expect(readdirSync(dir)).toEqual([]);
    FolderLock.acquire(dir).release();
  });

  it('gives a socket a path that every system allows', () => {
    const lock = FolderLock.acquire(dir);
    expect(Buffer.byteLength(join(lock.socketDir, SOCKET_NAME))).toBeLessThanOrEqual(103);
    lock.release();
  });

  it('is taken over from a process that is dead, with the socket it has left', () => {
    const socketDir = mkdtempSync(join(tmpdir(), 'watchkeeper-'));
    writeFileSync(join(socketDir, SOCKET_NAME), '');
    leave({ pid: aDeadPid(), began: '1', socketDir });
    FolderLock.acquire(dir).release();
    expect(existsSync(socketDir)).toBe(false);
  });

  it('is taken over when another process has the pid of the dead one', () => {
    leave({ pid: process.pid, began: 'long ago', socketDir: '' });
    FolderLock.acquire(dir).release();
  });

  it('is taken over when it was cut short by a crash', () => {
    writeFileSync(join(dir, 'lock'), '{"pid":');
    FolderLock.acquire(dir).release();
  });

  it('removes nothing that is not a socket folder of ours, whatever a lock says', () => {
    const precious = join(dir, 'watchkeeper-precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'file'), 'kept');
    leave({ pid: aDeadPid(), began: '1', socketDir: precious });
    FolderLock.acquire(dir).release();
    expect(readFileSync(join(precious, 'file'), 'utf8')).toBe('kept');
  });
});
