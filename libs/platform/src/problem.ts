import type { Fault } from '@watchkeeper/domain';

export interface ProblemFields {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly faults?: readonly Fault[];
  /** Seconds; sent as Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** What a caller is told when something is wrong (RFC 9457). Never quotes what was posted. */
export class Problem extends Error {
  constructor(
    readonly fields: ProblemFields,
    options?: ErrorOptions,
  ) {
    super(fields.detail, options);
    this.name = 'Problem';
  }

  /** The body, application/problem+json. */
  toJson(requestId?: string): Record<string, unknown> {
    const { status, type, title, detail, faults, retryAfterSeconds } = this.fields;
    return {
      type: `urn:watchkeeper:problem:${type}`,
      title,
      status,
      detail,
      ...(faults && { errors: faults }),
      ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
      ...(requestId !== undefined && { requestId }),
    };
  }
}

/** The kinds of problem there are. The caller's fault is 4xx with a pointer, trouble of ours is 503, never 500. */
export const problems = {
  malformed: (detail: string) => new Problem({ status: 400, type: 'malformed', title: 'Not readable', detail }),
  invalid: (detail: string, faults: readonly Fault[] = []) =>
    new Problem({ status: 422, type: 'invalid', title: 'Not valid', detail, faults }),
  badRequest: (detail: string, faults: readonly Fault[] = []) =>
    new Problem({ status: 400, type: 'bad-request', title: 'Bad request', detail, faults }),
  unauthenticated: () =>
    new Problem({
      status: 401,
      type: 'unauthenticated',
      title: 'Not signed in',
      detail: 'send a valid API key as `Authorization: Bearer KEY`',
    }),
  forbidden: (scope: string) =>
    new Problem({ status: 403, type: 'forbidden', title: 'Not allowed', detail: `the key lacks the scope ${scope}` }),
  notFound: (detail: string) => new Problem({ status: 404, type: 'not-found', title: 'Not found', detail }),
  methodNotAllowed: (detail: string) =>
    new Problem({ status: 405, type: 'method-not-allowed', title: 'Method not allowed', detail }),
  conflict: (detail: string) => new Problem({ status: 409, type: 'conflict', title: 'Conflict', detail }),
  tooLarge: (detail: string) => new Problem({ status: 413, type: 'too-large', title: 'Too large', detail }),
  unsupported: (detail: string) =>
    new Problem({ status: 415, type: 'unsupported-media-type', title: 'Unsupported media type', detail }),
  overQuota: (detail: string, retryAfterSeconds: number) =>
    new Problem({ status: 429, type: 'over-quota', title: 'Over your quota', detail, retryAfterSeconds }),
  unavailable: (detail: string, retryAfterSeconds = 1, cause?: unknown) =>
    new Problem(
      { status: 503, type: 'unavailable', title: 'Not available at present', detail, retryAfterSeconds },
      { cause },
    ),
} as const;
