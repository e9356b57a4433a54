import { CATEGORIES } from '@watchkeeper/domain';
import { BRONZE_COLUMNS } from './bronze';
import type { Column, TableDefinition } from './definition';

/** Where the row's event stands in the log: the first in this order wins. */
const POSITION: readonly Column[] = [
  { name: 'appended_at', type: 'timestamptz', doc: 'when the log took it' },
  { name: 'log_partition', type: 'int' },
  { name: 'log_offset', type: 'long' },
];

/** What is said once and stays: from the event itself. */
export const TURN_COLUMNS: readonly Column[] = [
  { name: 'event_id', type: 'string', doc: "the poster's id" },
  { name: 'event_uid', type: 'string', doc: 'content id of (tenant, source, id); unique' },
  { name: 'event_hash', type: 'long', doc: 'first 15 hex digits of event_uid, to find rows by' },
  { name: 'tenant', type: 'string' },
  { name: 'source', type: 'string' },
  { name: 'conversation_id', type: 'string' },
  { name: 'conversation_key', type: 'string', doc: 'tenant/conversation_id' },
  { name: 'seq', type: 'long' },
  { name: 'role', type: 'string' },
  { name: 'text_length', type: 'int', doc: 'characters' },
  { name: 'text', type: 'string', bounds: false },
  { name: 'user_id', type: 'string' },
  { name: 'said_at', type: 'timestamptz' },
  { name: 'accepted_at', type: 'timestamptz' },
  { name: 'in_reply_to', type: 'string' },
  { name: 'model_provider', type: 'string' },
  { name: 'model_name', type: 'string' },
  { name: 'model_version', type: 'string' },
  { name: 'surface', type: 'string' },
  { name: 'language', type: 'string' },
  ...POSITION,
];

export const VERDICT_COLUMNS: readonly Column[] = [
  { name: 'verdict_id', type: 'string' },
  { name: 'outcome', type: 'string', doc: 'scored, unclassified; null while no verdict has come' },
  { name: 'flagged', type: 'boolean' },
  ...CATEGORIES.map((category): Column => ({ name: `score_${category}`, type: 'double' })),
  { name: 'model_sha256', type: 'string', doc: 'of the safety model' },
  { name: 'policy_hash', type: 'string' },
  { name: 'judged_at', type: 'timestamptz' },
];

export const ALERT_COLUMNS: readonly Column[] = [
  { name: 'alert_id', type: 'string' },
  { name: 'category', type: 'string' },
  { name: 'severity', type: 'string' },
  { name: 'alerted_at', type: 'timestamptz' },
];

/** Drawn from lists that are kept with the row, so that a record that comes twice or late counts once. */
export const OUTCOME_COLUMNS: readonly Column[] = [
  { name: 'applied_at', type: 'timestamptz', doc: 'when the first action came into force' },
  { name: 'actions', type: 'int', doc: 'actions applied' },
  { name: 'undone', type: 'int', doc: 'of these, undone' },
  { name: 'time_to_action_ms', type: 'double', doc: 'applied_at - accepted_at' },
  { name: 'thumbs_up', type: 'int', doc: 'users whose latest thumb is up' },
  { name: 'thumbs_down', type: 'int' },
  { name: 'rating', type: 'double', doc: "mean of the users' latest ratings" },
  { name: 'reports', type: 'int', doc: 'users who reported it' },
  { name: 'action_list', type: 'string', doc: 'JSON: id, applied_at, undone', bounds: false },
  { name: 'feedback_list', type: 'string', doc: "JSON: each user's latest thumb, rating, report", bounds: false },
];

export const SILVER_TURNS: TableDefinition = {
  id: 'silver.turns',
  doc: 'One row a turn, with its verdict, alert, actions and feedback',
  columns: [...TURN_COLUMNS, ...VERDICT_COLUMNS, ...ALERT_COLUMNS, ...OUTCOME_COLUMNS],
  partition: { column: 'said_at', transform: 'day' },
  rowGroupRows: 16_384,
};

export const SILVER_EVALUATIONS: TableDefinition = {
  id: 'silver.evaluations',
  doc: 'One row an evaluation: a human answer to a question about a turn or a conversation',
  columns: [
    { name: 'evaluation_id', type: 'string' },
    { name: 'evaluation_uid', type: 'string', doc: 'content id of (tenant, source, id); unique' },
    { name: 'tenant', type: 'string' },
    { name: 'source', type: 'string' },
    { name: 'turn_id', type: 'string', doc: 'null: it rates the conversation' },
    { name: 'conversation_id', type: 'string' },
    { name: 'conversation_key', type: 'string' },
    { name: 'rater_id', type: 'string' },
    { name: 'question', type: 'string' },
    { name: 'value_boolean', type: 'boolean' },
    { name: 'value_number', type: 'double' },
    { name: 'value_text', type: 'string', bounds: false },
    { name: 'rated_at', type: 'timestamptz' },
    { name: 'accepted_at', type: 'timestamptz' },
    ...POSITION,
  ],
  partition: { column: 'rated_at', transform: 'day' },
  rowGroupRows: 61_440,
};

export const SILVER_MODELS: TableDefinition = {
  id: 'silver.models',
  doc: 'The last word on each conversation model',
  columns: [
    { name: 'tenant', type: 'string' },
    { name: 'provider', type: 'string' },
    { name: 'name', type: 'string' },
    { name: 'version', type: 'string' },
    { name: 'released_at', type: 'string', doc: 'as it was given, ISO 8601' },
    { name: 'attributes', type: 'string', doc: 'JSON object', bounds: false },
    { name: 'accepted_at', type: 'timestamptz' },
    ...POSITION,
  ],
  rowGroupRows: 61_440,
};

/** Records that speak of a turn which has not come yet; each is joined when it does. */
export const SILVER_WAITING: TableDefinition = {
  id: 'silver.waiting',
  doc: 'Records of bronze whose turn has not come yet',
  columns: [{ name: 'topic', type: 'string' }, ...BRONZE_COLUMNS],
  rowGroupRows: 20_480,
};
