import { PassThrough } from 'node:stream';
import { Progress } from './progress';

function anOutput(isTTY: boolean) {
  const stream = new PassThrough();
  const out = Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream;
  return { out, written: () => (stream.read() as Buffer | null)?.toString('utf8') ?? '' };
}

describe('progress', () => {
  it('is one line at the end where nobody watches', () => {
    const { out, written } = anOutput(false);
    const progress = new Progress('events', undefined, out);
    for (let i = 1; i <= 5; i++) progress.update(i);
    expect(written()).toBe('');
    progress.done(5, '4 new, 1 known');
    expect(written()).toMatch(/^events: 5, \d+\/s, 4 new, 1 known\n$/);
  });

  it('rewrites its line on a terminal, twice a second at most', () => {
    const { out, written } = anOutput(true);
    const now = jest.spyOn(performance, 'now').mockReturnValue(10_000);
    try {
      const progress = new Progress('events', undefined, out);
      now.mockReturnValue(10_600);
      progress.update(300);
      now.mockReturnValue(10_700);
      progress.update(400);
      now.mockReturnValue(12_000);
      progress.done(1_000);
    } finally {
      now.mockRestore();
    }
    expect(written()).toBe('\r\u001b[2Kevents: 300, 500/s\r\u001b[2Kevents: 1000, 500/s\n');
  });

  it('says how much is left when it knows how much there is', () => {
    const { out, written } = anOutput(true);
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    try {
      const progress = new Progress('events', 1_000, out);
      now.mockReturnValue(2_000);
      progress.done(250);
    } finally {
      now.mockRestore();
    }
    expect(written()).toContain('events: 250 of 1000 (25 %, 6 s left), 125/s');
  });
});
