import { CATEGORIES, TOPICS } from '@watchkeeper/domain';
import { ALERT_COLUMNS, OUTCOME_COLUMNS, SILVER_TURNS, TURN_COLUMNS, VERDICT_COLUMNS } from '../tables';
import type { Column } from '../tables';
import { columnList, literal } from './sql';

/** One statement of a longer computation, with the words that stand for it in errors. */
export interface Step {
  readonly what: string;
  readonly sql: string;
}

const namesOf = (columns: readonly Column[]): readonly string[] => columns.map((column) => column.name);
const TURN = namesOf(TURN_COLUMNS);
const VERDICT = namesOf(VERDICT_COLUMNS);
const ALERT = namesOf(ALERT_COLUMNS);

const paths = (...of: readonly string[]): string => `[${of.map((path) => literal(`$.${path}`)).join(', ')}]`;
const instant = (text: string): string => `TRY_CAST(${text} AS TIMESTAMP WITH TIME ZONE)`;
/** The first 60 bits of a content id. One that is not hexadecimal has the hash 0, and is found by its text alone. */
export const hashOf = (uid: string): string => `coalesce(TRY_CAST('0x' || substr(${uid}, 1, 15) AS BIGINT), 0)`;

/** Which rows of bronze are turns. Whoever counts turns in bronze counts these. */
export const IS_TURN = `"type" = 'turn' AND event_uid IS NOT NULL AND tenant IS NOT NULL`;

const ACTION_LIST = `'[{"id":"VARCHAR","applied_at_ms":"BIGINT","undone":"BOOLEAN"}]'`;
const FEEDBACK_LIST = `'[{"who":"VARCHAR","kind":"VARCHAR","value":"DOUBLE","said_at_ms":"BIGINT","uid":"VARCHAR"}]'`;

const positionSql = (of: string): string =>
  `{'appended_at': ${of}appended_at, 'partition': ${of}"partition", 'offset': ${of}"offset"}`;

/**
 * Turns out of `events` (rows of bronze): of several records with one uid, the first in the log.
 * `firsts` holds only uids that came twice, so that no wide row is sorted. Text is in views only, and flows through
 * memory once: when the rows are written.
 */
export const NEW_TURN_STEPS: readonly Step[] = [
  {
    what: 'find turns that came twice',
    sql: `CREATE OR REPLACE TEMP TABLE firsts AS
        SELECT event_uid, min(${positionSql('')}) AS first_position
        FROM events WHERE ${IS_TURN} GROUP BY event_uid HAVING count(*) > 1`,
  },
  {
    what: 'read new turns',
    sql: `CREATE OR REPLACE TEMP VIEW new_turns AS
        WITH turns AS (
          SELECT e.*, json_extract_string(e.payload, ${paths(
            'source',
            'conversationId',
            'seq',
            'role',
            'text',
            'userId',
            'inReplyTo',
            'model.provider',
            'model.name',
            'model.version',
            'surface',
            'language',
          )}) AS j
          FROM events e LEFT JOIN firsts f ON e.event_uid = f.event_uid
          WHERE ${IS_TURN.replaceAll(/(event_uid|tenant|"type")/g, 'e.$1')}
            AND (f.event_uid IS NULL OR ${positionSql('e.')} = f.first_position)
        )
        SELECT event_id, event_uid, ${hashOf('event_uid')} AS event_hash, tenant, j[1] AS source,
          j[2] AS conversation_id, tenant || '/' || j[2] AS conversation_key, TRY_CAST(j[3] AS BIGINT) AS seq,
          j[4] AS role, length(j[5])::INTEGER AS text_length, j[5] AS "text", j[6] AS user_id,
          coalesce(said_at, accepted_at, appended_at) AS said_at, accepted_at, j[7] AS in_reply_to,
          j[8] AS model_provider, j[9] AS model_name, j[10] AS model_version, j[11] AS surface, j[12] AS "language",
          appended_at, "partition" AS log_partition, "offset" AS log_offset
        FROM turns`,
  },
];

const POSITION = `topic, "partition", "offset"`;

/** What `updates` (rows of bronze with their topic) say of turns, one table for each kind. */
export const UPDATE_STEPS: readonly Step[] = [
  {
    what: 'read verdicts',
    sql: `CREATE OR REPLACE TEMP TABLE new_verdicts AS
      SELECT ${POSITION}, event_uid, j[1] AS verdict_id, "type" AS outcome, TRY_CAST(j[2] AS BOOLEAN) AS flagged,
        ${CATEGORIES.map((category, index) => `TRY_CAST(j[${index + 6}] AS DOUBLE) AS score_${category}`).join(', ')},
        j[3] AS model_sha256, j[4] AS policy_hash, ${instant('j[5]')} AS judged_at
      FROM (SELECT *, json_extract_string(payload, ${paths(
        'id',
        'flagged',
        'model.sha256',
        'policy.hash',
        'judgedAt',
        ...CATEGORIES.map((category) => `scores.${category}`),
      )}) AS j FROM updates WHERE topic = ${literal(TOPICS.verdicts)} AND event_uid IS NOT NULL)`,
  },
  {
    what: 'read alerts',
    sql: `CREATE OR REPLACE TEMP TABLE new_alerts AS
      SELECT ${POSITION}, event_uid, j[1] AS alert_id, j[2] AS category, j[3] AS severity,
        ${instant('j[4]')} AS alerted_at
      FROM (SELECT *, json_extract_string(payload, ${paths('id', 'category', 'severity', 'judgedAt')}) AS j
        FROM updates WHERE topic = ${literal(TOPICS.alerts)} AND event_uid IS NOT NULL)`,
  },
  {
    what: 'read actions',
    sql: `CREATE OR REPLACE TEMP TABLE new_actions AS
      SELECT ${POSITION}, event_uid, j[1] AS action_id, epoch_ms(${instant('j[2]')}) AS applied_at_ms
      FROM (SELECT *, json_extract_string(payload, ${paths('action.id', 'action.appliedAt')}) AS j
        FROM updates
        WHERE topic = ${literal(TOPICS.actions)} AND "type" = 'applied' AND event_uid IS NOT NULL)
      WHERE action_id IS NOT NULL`,
  },
  {
    what: 'read undone actions',
    sql: `CREATE OR REPLACE TEMP TABLE new_undone AS
      SELECT ${POSITION}, j[1] AS action_id, tenant || '/' || j[2] AS conversation_key
      FROM (SELECT *, json_extract_string(payload, ${paths('actionId', 'conversationId')}) AS j
        FROM updates WHERE topic = ${literal(TOPICS.actions)} AND "type" = 'undone')
      WHERE action_id IS NOT NULL`,
  },
  {
    what: 'read feedback',
    sql: `CREATE OR REPLACE TEMP TABLE new_feedback AS
      SELECT ${POSITION}, tenant || '/' || j[1] AS conversation_key, j[2] AS turn_id, event_uid AS uid,
        coalesce('user:' || j[3], 'event:' || event_uid) AS who, j[4] AS kind, TRY_CAST(j[5] AS DOUBLE) AS value,
        epoch_ms(coalesce(said_at, accepted_at, appended_at)) AS said_at_ms
      FROM (SELECT *, json_extract_string(payload, ${paths('conversationId', 'turnId', 'userId', 'kind', 'value')}) AS j
        FROM updates WHERE topic = ${literal(TOPICS.events)} AND "type" = 'feedback' AND event_uid IS NOT NULL)
      WHERE turn_id IS NOT NULL`,
  },
];

/** Where the rows of silver lie that this batch speaks of: `hit_keys` (event_uid, filename). Looks at narrow columns. */
export function hitKeysStep(silver: string, has: { readonly feedback: boolean; readonly undone: boolean }): Step {
  const scans = [
    `SELECT s.event_uid, s.filename FROM ${silver} s WHERE s.event_hash IN (SELECT ${hashOf('event_uid')} FROM wanted)
       AND s.event_uid IN (SELECT event_uid FROM wanted)`,
    ...(has.feedback
      ? [
          `SELECT s.event_uid, s.filename FROM ${silver} s
          WHERE (s.conversation_key, s.event_id) IN (SELECT (conversation_key, turn_id) FROM new_feedback)`,
        ]
      : []),
    ...(has.undone
      ? [
          `SELECT s.event_uid, s.filename FROM ${silver} s
          WHERE s.actions > 0 AND s.conversation_key IN (SELECT conversation_key FROM new_undone)`,
        ]
      : []),
  ];
  return {
    what: 'find turns that change',
    sql: `CREATE OR REPLACE TEMP TABLE hit_keys AS
      WITH wanted AS (
        SELECT event_uid FROM new_turns UNION SELECT event_uid FROM new_verdicts
        UNION SELECT event_uid FROM new_alerts UNION SELECT event_uid FROM new_actions
      )
      ${scans.join(' UNION ')}`,
  };
}

/** The rows themselves, as they stand: `hits`. `touched`: the files that hold them. */
export const hitsStep = (touched: string): Step => ({
  what: 'read turns that change',
  sql: `CREATE OR REPLACE TEMP TABLE hits AS
    SELECT s.* FROM ${touched} s WHERE s.event_uid IN (SELECT event_uid FROM hit_keys)`,
});

/** The better one of two candidates: by these orders a row comes out the same however its parts came in. */
const best = (from: string, order: string): string =>
  `SELECT * EXCLUDE (place) FROM (
     SELECT *, row_number() OVER (PARTITION BY event_uid ORDER BY ${order}) AS place FROM (${from})) WHERE place = 1`;

const OUTCOME_SQL: Readonly<Record<string, string>> = {
  applied_at: 'make_timestamptz(a.first_applied_ms * 1000)',
  actions: 'coalesce(a.actions, 0)::INTEGER',
  undone: 'coalesce(a.undone, 0)::INTEGER',
  time_to_action_ms: '(a.first_applied_ms - epoch_ms(t.accepted_at))::DOUBLE',
  thumbs_up: 'coalesce(f.thumbs_up, 0)::INTEGER',
  thumbs_down: 'coalesce(f.thumbs_down, 0)::INTEGER',
  rating: 'f.rating',
  reports: 'coalesce(f.reports, 0)::INTEGER',
  action_list: 'a.action_list',
  feedback_list: 'f.feedback_list',
};

function mergedSql(): string {
  return `
  SELECT ${columnList(TURN, 't')}, ${columnList(VERDICT, 'v')}, ${columnList(ALERT, 'l')},
    ${OUTCOME_COLUMNS.map(({ name }) => `${OUTCOME_SQL[name]!} AS ${name}`).join(',\n    ')}
  FROM turns_known t
  LEFT JOIN verdicts_known v ON v.event_uid = t.event_uid
  LEFT JOIN alerts_known l ON l.event_uid = t.event_uid
  LEFT JOIN (
    SELECT event_uid, count(*) AS actions, count(*) FILTER (WHERE undone) AS undone,
      min(applied_at_ms) AS first_applied_ms,
      to_json(list({'id': id, 'applied_at_ms': applied_at_ms, 'undone': undone} ORDER BY id))::VARCHAR AS action_list
    FROM actions_known GROUP BY event_uid
  ) a ON a.event_uid = t.event_uid
  LEFT JOIN (
    SELECT event_uid, count(*) FILTER (WHERE kind = 'thumb' AND value > 0) AS thumbs_up,
      count(*) FILTER (WHERE kind = 'thumb' AND value < 0) AS thumbs_down,
      avg(value ORDER BY who) FILTER (WHERE kind = 'rating') AS rating,
      count(*) FILTER (WHERE kind = 'report') AS reports,
      to_json(list({'who': who, 'kind': kind, 'value': value, 'said_at_ms': said_at_ms, 'uid': uid}
        ORDER BY who, kind))::VARCHAR AS feedback_list
    FROM feedback_known GROUP BY event_uid
  ) f ON f.event_uid = t.event_uid`;
}

/**
 * What is known and what is new, laid together: first event, best verdict, last alert, all actions, latest feedback.
 * Each choice is associative and knows no order, so that any way of cutting the log into batches gives the same rows.
 */
export const MERGE_STEPS: readonly Step[] = [
  {
    what: 'choose the first of each turn',
    sql: `CREATE OR REPLACE TEMP VIEW turns_known AS
      SELECT ${columnList(TURN)} FROM new_turns WHERE event_uid NOT IN (SELECT event_uid FROM hits)
      UNION ALL ${best(
        `SELECT ${columnList(TURN)} FROM hits UNION ALL
         SELECT ${columnList(TURN)} FROM new_turns WHERE event_uid IN (SELECT event_uid FROM hits)`,
        'appended_at, log_partition, log_offset',
      )}`,
  },
  {
    what: 'choose verdicts',
    sql: `CREATE OR REPLACE TEMP TABLE verdicts_known AS ${best(
      `SELECT event_uid, ${columnList(VERDICT)} FROM hits WHERE verdict_id IS NOT NULL
       UNION ALL SELECT event_uid, ${columnList(VERDICT)} FROM new_verdicts`,
      `(outcome = 'scored') DESC NULLS LAST, judged_at DESC NULLS LAST, verdict_id DESC`,
    )}`,
  },
  {
    what: 'choose alerts',
    sql: `CREATE OR REPLACE TEMP TABLE alerts_known AS ${best(
      `SELECT event_uid, ${columnList(ALERT)} FROM hits WHERE alert_id IS NOT NULL
       UNION ALL SELECT event_uid, ${columnList(ALERT)} FROM new_alerts`,
      `alerted_at DESC NULLS LAST, alert_id DESC`,
    )}`,
  },
  {
    what: 'gather actions',
    sql: `CREATE OR REPLACE TEMP TABLE actions_known AS
      SELECT event_uid, id, min(applied_at_ms) AS applied_at_ms,
        bool_or(undone) OR id IN (SELECT action_id FROM new_undone) AS undone
      FROM (
        SELECT event_uid, unnest(from_json(action_list, ${ACTION_LIST}), recursive := true) FROM hits
        WHERE action_list IS NOT NULL
        UNION ALL SELECT event_uid, action_id AS id, applied_at_ms, false AS undone FROM new_actions)
      GROUP BY event_uid, id`,
  },
  {
    what: 'gather feedback',
    sql: `CREATE OR REPLACE TEMP TABLE feedback_known AS
      SELECT event_uid, who, kind, value, said_at_ms, uid FROM (
        SELECT *, row_number() OVER (PARTITION BY event_uid, who, kind ORDER BY said_at_ms DESC, uid DESC) AS place
        FROM (
          SELECT event_uid, unnest(from_json(feedback_list, ${FEEDBACK_LIST}), recursive := true) FROM hits
          WHERE feedback_list IS NOT NULL
          UNION ALL SELECT t.event_uid, f.who, f.kind, f.value, f.said_at_ms, f.uid FROM new_feedback f
          JOIN turns_known t ON t.conversation_key = f.conversation_key AND t.event_id = f.turn_id))
      WHERE place = 1`,
  },
  { what: 'join turns', sql: `CREATE OR REPLACE TEMP VIEW merged AS ${mergedSql()}` },
];

/** Records whose turn is not there yet, by their place in the log. */
export const UNMATCHED_STEP: Step = {
  what: 'find records that wait for their turn',
  sql: `CREATE OR REPLACE TEMP TABLE unmatched AS
    SELECT DISTINCT ${POSITION} FROM (
      SELECT ${POSITION}, event_uid FROM new_verdicts UNION ALL SELECT ${POSITION}, event_uid FROM new_alerts
      UNION ALL SELECT ${POSITION}, event_uid FROM new_actions)
    WHERE event_uid NOT IN (SELECT event_uid FROM turns_known)
    UNION
    SELECT DISTINCT ${POSITION} FROM new_undone WHERE action_id NOT IN (SELECT id FROM actions_known)
    UNION
    SELECT DISTINCT ${POSITION} FROM new_feedback f ANTI JOIN turns_known t
      ON t.conversation_key = f.conversation_key AND t.event_id = f.turn_id`,
};

const ALL = columnList(namesOf(SILVER_TURNS.columns));

/** Which rows of `merged` are new or differ from what stands in silver: `changed`, narrow. */
export function changedStep(hasHits: boolean): Step {
  const known = `UNION ALL
    SELECT event_uid, tenant, conversation_key, said_at, false AS is_new FROM (
      SELECT ${ALL} FROM merged WHERE event_uid IN (SELECT event_uid FROM hits) EXCEPT SELECT ${ALL} FROM hits)`;
  return {
    what: 'find what changes',
    sql: `CREATE OR REPLACE TEMP TABLE changed AS
      SELECT event_uid, tenant, conversation_key, said_at, true AS is_new FROM turns_known
      WHERE event_uid NOT IN (SELECT event_uid FROM hits)
      ${hasHits ? known : ''}`,
  };
}

export const weekSql = (at: string): string => `strftime((${at}) AT TIME ZONE 'UTC', '%G-W%V')`;
