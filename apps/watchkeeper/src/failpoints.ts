import { DomainError } from '@watchkeeper/domain';
import type { SubscribeOptions } from '@watchkeeper/event-log';
import type { Adapters } from './adapters';

/** Called with the name of each point that is passed, e.g. `log.append.after`. */
export type Reached = (point: string) => void;

/**
 * For crash tests: `log.append.after:37` kills the process, as `kill -9` does, when the point is passed for the 37th time.
 * Points are the calls to the adapters (`<adapter>.<method>.before|after`), the consumers' batches
 * (`log.batch.<group>.before|after`, the latter before its commit) and the steps of a commit to the lake (`lake.<step>`).
 */
export function failpoint(spec: string): Reached {
  const match = /^([\w.-]+):([1-9]\d*)$/.exec(spec);
  if (!match)
    throw new DomainError('bad-settings', 'a failpoint is written as point:count, such as log.append.after:37');
  let left = Number(match[2]);
  return (point) => {
    if (point === match[1] && --left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

/** The same adapters, telling of every call. */
export function withFailpoints(adapters: Adapters, reached: Reached): Adapters {
  return {
    log: telling('log', adapters.log, reached),
    actions: telling('actions', adapters.actions, reached),
    registry: adapters.registry,
    classifier: telling('classifier', adapters.classifier, reached),
    lakehouse: telling('lakehouse', adapters.lakehouse, reached),
    reports: telling('reports', adapters.reports, reached),
  };
}

type Method = (...args: unknown[]) => unknown;

function telling<T extends object>(name: string, adapter: T, reached: Reached): T {
  return new Proxy(adapter, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function' || typeof property !== 'string') return value;
      const method = (value as Method).bind(target);
      if (property === 'subscribe') return (options: SubscribeOptions) => method(tellingOfBatches(options, reached));
      return (...args: unknown[]) => {
        reached(`${name}.${property}.before`);
        const result = method(...args);
        if (!(result instanceof Promise)) return result;
        return result.then((answer: unknown) => {
          reached(`${name}.${property}.after`);
          return answer;
        });
      };
    },
  });
}

function tellingOfBatches(options: SubscribeOptions, reached: Reached): SubscribeOptions {
  return {
    ...options,
    handle: async (batch) => {
      reached(`log.batch.${options.group}.before`);
      const outputs = await options.handle(batch);
      reached(`log.batch.${options.group}.after`);
      return outputs;
    },
  };
}
