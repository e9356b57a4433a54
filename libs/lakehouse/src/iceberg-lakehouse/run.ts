import type { DuckSession } from '../duckdb';
import type { Lake } from './lake';
import type { Built } from './open-weeks';

/** One run of a refresh; `full`: as if silver were empty. */
export interface Run {
  readonly lake: Lake;
  readonly session: DuckSession;
  readonly full: boolean;
  /** What gold had been built from when the run began. */
  readonly built: Built;
}
