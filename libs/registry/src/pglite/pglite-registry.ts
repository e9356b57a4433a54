import { TypeormRegistry } from '../typeorm';
import { builtFile } from './built-file';
import { PgliteServer } from './pglite-server';

export interface PgliteRegistrySettings {
  /** Made with mode 700 when it is missing. One process at a time. */
  readonly dir: string;
  readonly defaultPolicyFile: string;
  readonly cacheMs?: number;
  readonly now?: () => number;
  /** A prepared data folder (tar.gz); default: the one the build has made. Without it the first start takes seconds. */
  readonly templateFile?: string;
}

/**
 * The registry on PGlite: a PostgreSQL of our own in a worker thread, reached through a unix socket that only this
 * user can open. It survives `kill -9`, but not a power cut: PGlite never syncs to disk.
 */
export class PgliteRegistry {
  /**
   * Throws `registry-in-use` when another process has the folder open, `registry-unavailable` when the database does
   * not start, `bad-policy` when the default policy cannot be read.
   */
  static async open(settings: PgliteRegistrySettings): Promise<TypeormRegistry> {
    const { dir, templateFile = builtFile('registry-template.tar.gz'), ...registry } = settings;
    const server = await PgliteServer.start(dir, templateFile);
    try {
      return await TypeormRegistry.open({
        ...registry,
        connection: server.connection,
        afterClose: () => server.stop(),
      });
    } catch (cause) {
      await server.stop();
      throw cause;
    }
  }
}
