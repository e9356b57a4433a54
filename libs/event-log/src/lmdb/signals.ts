/** Appends of other processes are looked for this often while someone waits. */
const POLL_MS = 100;

/**
 * Who waits for a topic, and how often it has changed. Note the version, look, and wait only if there was nothing:
 * `wait` returns at once when the version has moved on since, so no wake-up is lost in between.
 */
export class Signals {
  private readonly versions = new Map<string, number>();
  private readonly waiting = new Map<string, Set<() => void>>();
  private poll: NodeJS.Timeout | undefined;

  /** `hasGrown` says whether a waited-for topic has grown since it was last asked, e.g. by another process. */
  constructor(private readonly hasGrown: (topic: string) => boolean) {}

  version(topic: string): number {
    return this.versions.get(topic) ?? 0;
  }

  notify(topics: Iterable<string>): void {
    for (const topic of topics) {
      this.versions.set(topic, this.version(topic) + 1);
      const waiters = this.waiting.get(topic);
      this.waiting.delete(topic);
      for (const wake of waiters ?? []) wake();
    }
    this.stopIdlePoll();
  }

  async wait(topic: string, seen: number, timeoutMs: number): Promise<void> {
    if (this.version(topic) !== seen) return;
    this.poll ??= setInterval(() => this.lookForGrowth(), POLL_MS);
    await new Promise<void>((resolve) => {
      const waiters = this.waiting.get(topic) ?? new Set();
      this.waiting.set(topic, waiters);
      const timer = setTimeout(() => {
        waiters.delete(wake);
        if (waiters.size === 0 && this.waiting.get(topic) === waiters) this.waiting.delete(topic);
        this.stopIdlePoll();
        resolve();
      }, timeoutMs);
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      waiters.add(wake);
    });
  }

  close(): void {
    this.notify([...this.waiting.keys()]);
    clearInterval(this.poll);
    this.poll = undefined;
  }

  private lookForGrowth(): void {
    this.notify([...this.waiting.keys()].filter((topic) => this.hasGrown(topic)));
  }

  private stopIdlePoll(): void {
    if (this.waiting.size > 0) return;
    clearInterval(this.poll);
    this.poll = undefined;
  }
}
