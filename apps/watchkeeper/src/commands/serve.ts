import type { Command } from 'commander';
import { readSettings } from '../settings';
import { print, withData } from './options';

export function addServeCommand(root: Command): void {
  withData(root.command('serve'))
    .description('run every service in this process until it is told to stop')
    .option('--port <number>', 'port of the HTTP interface; 0 picks a free one (default: 8787)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .addHelpText(
      'after',
      '\nExamples:\n  watchkeeper serve --data ./data --port 8787\n  npm start -- --data ./data --port 8787',
    )
    .action(async (flags: { data?: string; port?: string; host?: string; logLevel?: string }) => {
      const settings = readSettings(process.env, {
        dataDir: flags.data,
        port: flags.port,
        host: flags.host,
        logLevel: flags.logLevel,
      });
      const { startServer } = await import('../start-server.js');
      const { untilStopped } = await import('../until-stopped.js');
      const server = await startServer(settings);
      print(
        `watchkeeper serves ${server.url} from ${settings.dataDir}; the admin key is in ${settings.dataDir}/admin.key`,
      );
      await untilStopped(server);
    });
}
