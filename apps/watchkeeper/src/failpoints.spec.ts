import type { SubscribeOptions } from '@watchkeeper/event-log';
import type { Adapters } from './adapters';
import { failpoint, withFailpoints } from './failpoints';

describe('a failpoint', () => {
  it('kills the process when its point is passed for the nth time, and only then', () => {
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
    try {
      const reached = failpoint('log.append.after:3');
      for (let i = 0; i < 2; i++) {
        reached('log.append.after');
        reached('log.append.before');
      }
      expect(kill).not.toHaveBeenCalled();
      reached('log.append.after');
      expect(kill).toHaveBeenCalledWith(process.pid, 'SIGKILL');
      reached('log.append.after');
      expect(kill).toHaveBeenCalledTimes(1);
    } finally {
      kill.mockRestore();
    }
  });

  it.each(['', 'log.append.after', 'log.append.after:0', 'log.append.after:-1', 'log.append.after:x', ':1', 'a b:1'])(
    'that is written as %p is refused',
    (spec) => {
      expect(() => failpoint(spec)).toThrow(expect.objectContaining({ code: 'bad-settings' }));
    },
  );
});

describe('adapters with failpoints', () => {
  class SomeLog {
    private readonly name = 'a log';
    isOpen = true;
    async append(): Promise<string> {
      return `appended to ${this.name}`;
    }
    async fail(): Promise<never> {
      throw new Error('full');
    }
    size(): number {
      return 7;
    }
    async subscribe(options: SubscribeOptions): Promise<unknown> {
      return options.handle({ topic: 't', partition: 0, records: [], redeliveries: 0 });
    }
  }

  function told() {
    const points: string[] = [];
    const log = new SomeLog();
    const none = {};
    // A log of so few words is enough: what tells of calls knows none of them.
    const adapters = { log, actions: none, registry: none, classifier: none, lakehouse: none, reports: none };
    const { log: telling } = withFailpoints(adapters as unknown as Adapters, (point) => points.push(point));
    return { points, log: telling as unknown as SomeLog };
  }

  it('do what they did, and tell before and after', async () => {
    const { points, log } = told();
    expect(await log.append()).toBe('appended to a log');
    expect(points).toEqual(['log.append.before', 'log.append.after']);
    expect(log.size()).toBe(7);
    expect(log.isOpen).toBe(true);
  });

  it('tell nothing after what failed', async () => {
    const { points, log } = told();
    await expect(log.fail()).rejects.toThrow('full');
    expect(points).toEqual(['log.fail.before']);
  });

  it('tell of a batch before and after its handler, by the name of its group', async () => {
    const { points, log } = told();
    const output = { topic: 't', key: 'k', value: new Uint8Array() };
    const handle = async () => {
      points.push('handled');
      return [output];
    };
    const options = { topics: ['t'], group: 'judge-turns', recordsMax: 1, handle };
    expect(await log.subscribe(options)).toEqual([output]);
    expect(points).toEqual(['log.batch.judge-turns.before', 'handled', 'log.batch.judge-turns.after']);
  });
});
