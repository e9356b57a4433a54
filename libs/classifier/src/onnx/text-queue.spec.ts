import { TextQueue, type QueuedText } from './text-queue';

const queued = (text: string): QueuedText => ({ text, roleToken: 2, queuedAtMs: 0, settle: () => undefined });
const textsOf = (texts: readonly QueuedText[]): string[] => texts.map(({ text }) => text);

describe('TextQueue', () => {
  it('gives first what came first', () => {
    const queue = new TextQueue();
    for (const text of ['a', 'b', 'c']) queue.push(queued(text));

    expect(textsOf(queue.take(2))).toEqual(['a', 'b']);
    expect(queue.first?.text).toBe('c');
    expect(textsOf(queue.take(9))).toEqual(['c']);
    expect(queue.first).toBeUndefined();
  });

  it('puts back before all others', () => {
    const queue = new TextQueue();
    for (const text of ['a', 'b', 'c']) queue.push(queued(text));
    queue.putBack(queue.take(2));

    expect(textsOf(queue.take(3))).toEqual(['a', 'b', 'c']);
  });

  it('takes no more than a length, but always one', () => {
    const queue = new TextQueue();
    for (const text of ['longer than five', 'ab', 'cd', 'ef']) queue.push(queued(text));

    expect(textsOf(queue.take(9, 5))).toEqual(['longer than five']);
    expect(textsOf(queue.take(9, 5))).toEqual(['ab', 'cd']);
  });

  it('knows how much waits, through many takes', () => {
    const queue = new TextQueue();
    for (let at = 0; at < 5_000; at++) queue.push(queued('four'));
    for (let at = 0; at < 30; at++) queue.take(100);

    expect([queue.size, queue.length]).toEqual([2_000, 8_000]);
  });
});
