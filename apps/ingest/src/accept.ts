import type { Fault } from '@watchkeeper/domain';
import type { NewRecord } from '@watchkeeper/event-log';

/** What became of one thing posted. */
export type Result =
  | { readonly id: string; readonly status: 'accepted' | 'duplicate' }
  | { readonly index: number; readonly id: string; readonly status: 'conflict'; readonly detail: string }
  | { readonly index: number; readonly id?: string; readonly status: 'invalid'; readonly errors: readonly Fault[] };

/** The answer to a post, in the order of what was posted. */
export interface Receipt {
  readonly accepted: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly invalid: number;
  readonly results: readonly Result[];
}

/** Something posted that passed the check and is ready for the log, or its faults. */
export type Checked =
  | { readonly ok: true; readonly id: string; readonly record: NewRecord }
  | { readonly ok: false; readonly id?: string; readonly faults: readonly Fault[] };

export function receiptOf(results: readonly Result[]): Receipt {
  const count = (status: Result['status']) => results.filter((result) => result.status === status).length;
  return {
    accepted: count('accepted'),
    duplicate: count('duplicate'),
    conflict: count('conflict'),
    invalid: count('invalid'),
    results,
  };
}
