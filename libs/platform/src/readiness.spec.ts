import { Readiness } from './readiness';

describe('readiness', () => {
  afterEach(() => jest.useRealTimers());

  it('is there when every part is in order', async () => {
    const readiness = new Readiness();
    readiness.add('log', () => undefined);
    readiness.add('registry', async () => undefined);
    expect(await readiness.faults()).toEqual([]);
  });

  it('names every part that is not, with its reason', async () => {
    const readiness = new Readiness();
    readiness.add('log', () => {
      throw new Error('the disk is full');
    });
    readiness.add('classifier', async () => undefined);
    readiness.add('registry', async () => {
      throw new Error('no connection');
    });
    expect(await readiness.faults()).toEqual([
      { part: 'log', reason: 'the disk is full' },
      { part: 'registry', reason: 'no connection' },
    ]);
  });

  it('comes back when the part does', async () => {
    const readiness = new Readiness();
    let isBroken = true;
    readiness.add('log', () => {
      if (isBroken) throw new Error('broken');
    });
    expect(await readiness.faults()).toHaveLength(1);
    isBroken = false;
    expect(await readiness.faults()).toEqual([]);
  });

  it('does not wait longer than 2 s for a part that hangs', async () => {
    jest.useFakeTimers();
    const readiness = new Readiness();
    readiness.add('log', () => new Promise(() => undefined));
    const faults = readiness.faults();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await faults).toEqual([{ part: 'log', reason: 'gave no answer in 2000 ms' }]);
  });

  it('is over once the process is told to stop, whatever the parts say', async () => {
    const readiness = new Readiness();
    const check = jest.fn();
    readiness.add('log', check);
    readiness.stopping();
    expect(await readiness.faults()).toEqual([{ part: 'process', reason: 'stopping' }]);
    expect(check).not.toHaveBeenCalled();
  });
});
