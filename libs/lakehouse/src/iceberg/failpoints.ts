/** The points of a commit at which a process can die, in their order. */
export const COMMIT_POINTS = [
  'afterDataManifest',
  'afterManifestList',
  'beforeSwap',
  'afterSwap',
  'beforeHint',
] as const;
export type CommitPoint = (typeof COMMIT_POINTS)[number];

/** Told when a commit has come to a point; fault tests end the process there. */
export type Reached = (point: CommitPoint) => void | Promise<void>;
