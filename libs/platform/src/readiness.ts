export interface ReadinessFault {
  readonly part: string;
  readonly reason: string;
}

const CHECK_MS_MAX = 2_000;

/** Is everything that work needs in order? Each part adds a check that throws while it is not. */
export class Readiness {
  private readonly checks = new Map<string, () => Promise<void> | void>();
  private isStopping = false;

  add(part: string, check: () => Promise<void> | void): void {
    this.checks.set(part, check);
  }

  /** From now on not ready, whatever the parts say: load balancers look elsewhere while work in flight ends. */
  stopping(): void {
    this.isStopping = true;
  }

  async faults(): Promise<readonly ReadinessFault[]> {
    if (this.isStopping) return [{ part: 'process', reason: 'stopping' }];
    const answers = await Promise.all([...this.checks].map(([part, check]) => faultOf(part, check)));
    return answers.filter((fault) => fault !== undefined);
  }
}

async function faultOf(part: string, check: () => Promise<void> | void): Promise<ReadinessFault | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`gave no answer in ${CHECK_MS_MAX} ms`)), CHECK_MS_MAX);
  });
  try {
    await Promise.race([Promise.resolve().then(check), late]);
    return undefined;
  } catch (error) {
    return { part, reason: error instanceof Error ? error.message : 'unknown' };
  } finally {
    clearTimeout(timer);
  }
}
