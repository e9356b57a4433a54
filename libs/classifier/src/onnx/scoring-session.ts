/** Rows of equal width: `rows` × `slots` indices and values, padded. */
export interface FeatureBatch {
  readonly indices: Int32Array;
  readonly values: Float32Array;
  readonly rows: number;
  readonly slots: number;
}

/** The model, opened: features in, `rows` × categories probabilities out. */
export interface ScoringSession {
  run(batch: FeatureBatch): Promise<Float32Array>;
}

/** What opens a session from the bytes of a verified model. */
export interface ScoringSessionModule {
  openSession(model: Uint8Array): Promise<ScoringSession>;
}
