const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MIB = 1024 * 1024;

export interface ApplySettings {
  /** Alerts applied in one durable step. */
  readonly recordsMax: number;
  /** Records read and replayed at once while the store is rebuilt. */
  readonly replayRecordsMax: number;
  /** How long an alert is kept after its last action has ended. */
  readonly retentionMs: number;
  readonly sweepIntervalMs: number;
}

export interface StreamSettings {
  /** Clients at once; one more is answered 503. */
  readonly clientsMax: number;
  readonly keepAliveMs: number;
  /** Told to the client: how long it waits before it comes back. */
  readonly retryMs: number;
  /** What waits to be sent to one client; beyond either bound it is closed and resumes by its cursor. */
  readonly pendingEventsMax: number;
  readonly pendingBytesMax: number;
  /** A client that takes nothing for so long while it catches up is closed. */
  readonly stallMs: number;
}

export interface WebhookSettings {
  /** http as well as https. */
  readonly allowHttp: boolean;
  /** Addresses and ports that are not public: for tests, and where the receiver is a neighbour. */
  readonly allowPrivate: boolean;
  /** Of one call, from the name look-up to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Of an answer's body; it is never looked at. */
  readonly answerBytesMax: number;
  readonly endpointsPerTenantMax: number;
  /** Calls at once, in all and to one endpoint. */
  readonly callsMax: number;
  readonly callsPerEndpointMax: number;
  /** So many failures in a row open the breaker of an endpoint for `breakerMs`. */
  readonly breakerFailures: number;
  readonly breakerMs: number;
  /** A delivery claimed by a process that then died is claimed again after so long. */
  readonly leaseMs: number;
  /** How often the queue is looked at. */
  readonly pollMs: number;
}

interface Overrides {
  readonly apply?: Partial<ApplySettings>;
  readonly stream?: Partial<StreamSettings>;
  readonly webhooks?: Partial<WebhookSettings>;
}

/** Bounds of the action service. The defaults suit one machine. */
export class ActionSettings {
  readonly apply: ApplySettings;
  readonly stream: StreamSettings;
  readonly webhooks: WebhookSettings;

  constructor(overrides: Overrides = {}) {
    this.apply = { ...APPLY, ...overrides.apply };
    this.stream = { ...STREAM, ...overrides.stream };
    this.webhooks = { ...WEBHOOKS, ...overrides.webhooks };
  }
}

const APPLY: ApplySettings = {
  recordsMax: 500,
  replayRecordsMax: 1_000,
  retentionMs: 90 * DAY_MS,
  sweepIntervalMs: HOUR_MS,
};

const STREAM: StreamSettings = {
  clientsMax: 1_000,
  keepAliveMs: 15 * SECOND_MS,
  retryMs: 3 * SECOND_MS,
  pendingEventsMax: 1_000,
  pendingBytesMax: 4 * MIB,
  stallMs: 30 * SECOND_MS,
};

const WEBHOOKS: WebhookSettings = {
  allowHttp: false,
  allowPrivate: false,
  timeoutMs: 15 * SECOND_MS,
  answerBytesMax: 64 * 1024,
  endpointsPerTenantMax: 20,
  callsMax: 32,
  callsPerEndpointMax: 4,
  breakerFailures: 5,
  breakerMs: 30 * SECOND_MS,
  leaseMs: 60 * SECOND_MS,
  pollMs: 250,
};
