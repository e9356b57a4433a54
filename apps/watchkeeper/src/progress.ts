const PRINT_EVERY_MS = 500;

/** How far long work is, on stderr: a line that rewrites itself on a terminal, else only the last one. */
export class Progress {
  private readonly startedAt = performance.now();
  private printedAt = 0;

  constructor(
    private readonly what: string,
    private readonly total: number | undefined,
    private readonly out: NodeJS.WriteStream = process.stderr,
  ) {}

  update(done: number, note = ''): void {
    if (!this.out.isTTY || performance.now() - this.printedAt < PRINT_EVERY_MS) return;
    this.printedAt = performance.now();
    this.out.write(`\r\u001b[2K${this.line(done, note)}`);
  }

  done(done: number, note = ''): void {
    this.out.write(`${this.out.isTTY ? '\r\u001b[2K' : ''}${this.line(done, note)}\n`);
  }

  private line(done: number, note: string): string {
    const seconds = (performance.now() - this.startedAt) / 1_000;
    const rate = done / Math.max(seconds, 0.001);
    const left = this.total && rate > 0 ? `, ${Math.ceil((this.total - done) / rate)} s left` : '';
    const share = this.total
      ? ` of ${this.total} (${Math.floor((100 * done) / Math.max(1, this.total))} %${left})`
      : '';
    return `${this.what}: ${done}${share}, ${Math.round(rate)}/s${note && `, ${note}`}`;
  }
}
