/** Runs tasks one after the other, in the order in which they were asked for. */
export class OneAtATime {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task);
    // The next one starts whatever becomes of this one; its caller hears of the failure.
    this.last = result.catch(() => undefined);
    return result;
  }
}
