import type { RunningServer } from './start-server';

const STOP_MS_MAX = 30_000;

/** Resolves once a first SIGTERM or SIGINT has been honoured; a second one ends the process at once. */
export async function untilStopped(server: RunningServer): Promise<void> {
  await new Promise<void>((resolve) => {
    const onSignal = () => {
      process.once('SIGTERM', () => process.exit(143));
      process.once('SIGINT', () => process.exit(130));
      resolve();
    };
    process.once('SIGTERM', onSignal);
    process.once('SIGINT', onSignal);
  });
  const late = setTimeout(() => {
    process.stderr.write(`watchkeeper: not stopped after ${STOP_MS_MAX} ms; what is acknowledged is on disk\n`);
    process.exit(1);
  }, STOP_MS_MAX);
  await server.stop();
  clearTimeout(late);
}
