import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Closable {
  close(): Promise<void>;
}

/** A folder for one chapter, and what was opened in it. */
export class Folder {
  private readonly opened: Closable[] = [];

  private constructor(readonly path: string) {}

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'watchkeeper-tour-')));
  }

  /** Where an adapter may keep its files. */
  of(name: string): string {
    return join(this.path, name);
  }

  /** Closed by `end`, in reverse order. */
  keep<T extends Closable>(adapter: T): T {
    this.opened.push(adapter);
    return adapter;
  }

  async end(): Promise<void> {
    for (const adapter of this.opened.splice(0).toReversed()) await adapter.close();
    await rm(this.path, { recursive: true, force: true });
  }
}
