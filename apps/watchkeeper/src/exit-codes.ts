/** What the command line ends with. */
export const EXIT = {
  ok: 0,
  /** The command ran, and the answer is no: rows were refused, numbers disagree, a check failed. */
  no: 1,
  /** The command was not understood. */
  usage: 2,
  /** The data folder or the server could not be used. */
  unavailable: 3,
} as const;

/** Ends the command with a code and a sentence that says what to do. */
export class CommandFailed extends Error {
  constructor(
    readonly exitCode: (typeof EXIT)[keyof typeof EXIT],
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CommandFailed';
  }
}
