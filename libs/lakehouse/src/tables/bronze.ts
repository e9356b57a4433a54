import { LANDED_TOPICS, TOPICS, type LandedTopic } from '@watchkeeper/domain';
import type { Column, TableDefinition } from './definition';

/** `conversation.events` lands in `bronze.conversation_events`. */
export const bronzeTableOf = (topic: LandedTopic): string => `bronze.${topic.replaceAll('.', '_')}`;

const COLUMNS: readonly Column[] = [
  { name: 'partition', type: 'int', doc: 'partition of the log' },
  { name: 'offset', type: 'long', doc: 'offset in that partition' },
  { name: 'key', type: 'string', doc: "the record's key" },
  { name: 'appended_at', type: 'timestamptz', doc: 'when the log took it' },
  { name: 'event_id', type: 'string', doc: "the poster's id of the event that the record is or is about" },
  { name: 'event_uid', type: 'string', doc: 'content id of that event' },
  { name: 'tenant', type: 'string' },
  { name: 'type', type: 'string', doc: "kind of record; 'binary' when the value is not UTF-8" },
  { name: 'said_at', type: 'timestamptz' },
  { name: 'accepted_at', type: 'timestamptz' },
  { name: 'payload', type: 'string', doc: 'the value, byte for byte; base64 when it is not UTF-8', bounds: false },
];

export const BRONZE_COLUMNS = COLUMNS;

/** Bronze equals the log: one table a topic, one row a record. */
export const BRONZE: Readonly<Record<LandedTopic, TableDefinition>> = Object.fromEntries(
  LANDED_TOPICS.map((topic) => [
    topic,
    {
      id: bronzeTableOf(topic),
      doc: `Every record of the topic ${topic}, exactly once`,
      columns: COLUMNS,
      partition: { column: 'appended_at', transform: 'day' },
      rowGroupRows: 20_480,
    } satisfies TableDefinition,
  ]),
) as Record<LandedTopic, TableDefinition>;

/**
 * Where the columns stand in the JSON of each topic, in the order event_id, event_uid, tenant, type, said_at,
 * accepted_at. Two paths: the first that is there.
 */
export const BRONZE_PATHS: Readonly<Record<LandedTopic, readonly (readonly string[])[]>> = {
  [TOPICS.events]: [['$.id'], ['$.uid'], ['$.tenant'], ['$.type'], ['$.saidAt'], ['$.acceptedAt']],
  [TOPICS.verdicts]: [['$.eventId'], ['$.eventUid'], ['$.tenant'], ['$.outcome'], ['$.saidAt'], ['$.acceptedAt']],
  [TOPICS.alerts]: [['$.eventId'], ['$.eventUid'], ['$.tenant'], ['$.category'], ['$.saidAt'], ['$.acceptedAt']],
  [TOPICS.actions]: [
    ['$.action.eventId'],
    ['$.action.eventUid'],
    ['$.tenant', '$.action.tenant'],
    ['$.change'],
    [],
    ['$.acceptedAt', '$.undoneAt'],
  ],
  [TOPICS.evaluations]: [['$.id'], ['$.uid'], ['$.tenant'], ['$.question'], ['$.ratedAt'], ['$.acceptedAt']],
  [TOPICS.models]: [['$.name'], [], ['$.tenant'], ['$.provider'], [], ['$.acceptedAt']],
};
