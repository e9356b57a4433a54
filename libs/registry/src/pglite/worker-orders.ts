/** What the worker is told when it starts, says when it is up, and is told when it must end. */
export interface WorkerOrders {
  readonly dataDir: string;
  readonly socketPath: string;
}

export const WORKER_UP = 'up';
export const WORKER_STOP = 'stop';
