/** Bounds of the door. The defaults suit one machine. */
export class IngestSettings {
  constructor(
    readonly limits: {
      /** Body after decompression, bytes. */
      readonly bodyBytesMax: number;
      /** Events in one body. */
      readonly eventsMax: number;
      /** Arrays and objects inside each other. */
      readonly depthMax: number;
      /** Bytes of events on their way to the log; beyond it the door answers 503. */
      readonly pendingBytesMax: number;
      /** A tenant's quota; beyond it the door answers 429. */
      readonly eventsPerSecondMax: number;
    } = {
      bodyBytesMax: 16 * 1024 * 1024,
      eventsMax: 10_000,
      depthMax: 32,
      pendingBytesMax: 64 * 1024 * 1024,
      eventsPerSecondMax: 100_000,
    },
  ) {}
}
