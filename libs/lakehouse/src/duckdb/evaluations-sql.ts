import { SILVER_EVALUATIONS, SILVER_MODELS } from '../tables';
import { columnList } from './sql';
import { weekSql, type Step } from './turns-sql';

const EVALUATION = columnList(SILVER_EVALUATIONS.columns.map((column) => column.name));
const MODEL = columnList(SILVER_MODELS.columns.map((column) => column.name));

/** Which rows of bronze are evaluations. */
export const IS_EVALUATION = `event_uid IS NOT NULL AND tenant IS NOT NULL AND "type" IS NOT NULL AND "type" <> 'binary'`;

/** Evaluations out of `evaluation_records` (bronze); the first in the log wins, against `evaluation_hits` (silver) too. */
export const EVALUATION_STEPS: readonly Step[] = [
  {
    what: 'read new evaluations',
    sql: `CREATE OR REPLACE TEMP TABLE new_evaluations AS
      SELECT event_id AS evaluation_id, event_uid AS evaluation_uid, tenant, j[1] AS source, j[2] AS turn_id,
        j[3] AS conversation_id, tenant || '/' || j[3] AS conversation_key, j[4] AS rater_id, "type" AS question,
        CASE WHEN value_type = 'BOOLEAN' THEN j[5]::BOOLEAN END AS value_boolean,
        CASE WHEN value_type IN ('DOUBLE', 'BIGINT', 'UBIGINT', 'HUGEINT') THEN TRY_CAST(j[5] AS DOUBLE) END AS value_number,
        CASE WHEN value_type = 'VARCHAR' THEN j[5] END AS value_text,
        coalesce(said_at, accepted_at, appended_at) AS rated_at, accepted_at,
        appended_at, "partition" AS log_partition, "offset" AS log_offset
      FROM (SELECT *, json_type(payload, '$.value') AS value_type,
          json_extract_string(payload, ['$.source', '$.turnId', '$.conversationId', '$.raterId', '$.value']) AS j
        FROM evaluation_records WHERE ${IS_EVALUATION})`,
  },
];

export const evaluationHitsStep = (silver: string): Step => ({
  what: 'find evaluations that are there',
  sql: `CREATE OR REPLACE TEMP TABLE evaluation_hits AS
    SELECT s.* FROM ${silver} s WHERE s.evaluation_uid IN (SELECT evaluation_uid FROM new_evaluations)`,
});

export const EVALUATIONS_CHANGED_STEP: Step = {
  what: 'choose the first of each evaluation',
  sql: `CREATE OR REPLACE TEMP TABLE evaluations_changed AS
    SELECT ${EVALUATION} FROM (
      SELECT *, row_number() OVER (PARTITION BY evaluation_uid ORDER BY appended_at, log_partition, log_offset) AS place
      FROM (SELECT ${EVALUATION} FROM evaluation_hits UNION ALL SELECT ${EVALUATION} FROM new_evaluations))
    WHERE place = 1
    EXCEPT SELECT ${EVALUATION} FROM evaluation_hits`,
};

/** The last word on each model, out of `model_records` (bronze) and `models` (silver). */
export const MODELS_CHANGED_STEP: Step = {
  what: 'choose the last word on each model',
  sql: `CREATE OR REPLACE TEMP TABLE models_known AS
    SELECT ${MODEL} FROM (
      SELECT *, row_number() OVER (PARTITION BY tenant, provider, "name", "version"
        ORDER BY appended_at DESC, log_partition DESC, log_offset DESC) AS place
      FROM (
        SELECT ${MODEL} FROM models
        UNION ALL
        SELECT tenant, j[1] AS provider, j[2] AS "name", j[3] AS "version", j[4] AS released_at,
          coalesce(j[5], '{}') AS attributes, accepted_at, appended_at, "partition" AS log_partition,
          "offset" AS log_offset
        FROM (SELECT *, json_extract_string(payload,
            ['$.provider', '$.name', '$.version', '$.releasedAt', '$.attributes']) AS j
          FROM model_records WHERE tenant IS NOT NULL AND event_id IS NOT NULL AND "type" <> 'binary')))
    WHERE place = 1`,
};

const SEGMENT = 'model_provider, model_name, model_version, surface, "language"';

/**
 * Evaluations with the week and segment they count for: those of a turn with that turn; those of a conversation with
 * its last assistant turn, or else its last turn. Of one rater's several answers to one question the latest counts.
 * One whose turn is unknown is left out until the turn comes.
 * `evaluations`, `turns`, `conversationTurns`: relations; the latter must hold every turn of the conversations.
 */
export const attributedSql = (evaluations: string, turns: string, conversationTurns: string): string => `
  WITH answers AS (
    SELECT * EXCLUDE (place) FROM (
      SELECT *, row_number() OVER (PARTITION BY conversation_key, turn_id, rater_id, question
        ORDER BY rated_at DESC, appended_at DESC, log_partition DESC, log_offset DESC) AS place
      FROM ${evaluations}) WHERE place = 1
  ), of_conversations AS (
    SELECT * FROM answers WHERE turn_id IS NULL
  ), last_turns AS (
    SELECT * FROM (
      SELECT tenant, conversation_key, said_at, ${SEGMENT}, row_number() OVER (PARTITION BY conversation_key
        ORDER BY (role = 'assistant') DESC, said_at DESC, seq DESC NULLS LAST,
          appended_at DESC, log_partition DESC, log_offset DESC) AS place
      FROM ${conversationTurns}
      WHERE conversation_key IN (SELECT conversation_key FROM of_conversations)) WHERE place = 1
  ), rated_turns AS (
    SELECT tenant, conversation_key, event_id, said_at, ${SEGMENT} FROM (
      SELECT *, row_number() OVER (PARTITION BY conversation_key, event_id
        ORDER BY appended_at, log_partition, log_offset) AS place
      FROM (SELECT tenant, conversation_key, event_id, said_at, ${SEGMENT}, appended_at, log_partition, log_offset
        FROM ${turns} WHERE (conversation_key, event_id) IN (SELECT (conversation_key, turn_id) FROM answers)))
    WHERE place = 1
  )
  SELECT a.*, ${weekSql('t.said_at')} AS week, ${SEGMENT}
  FROM answers a JOIN rated_turns t ON t.conversation_key = a.conversation_key AND t.event_id = a.turn_id
  UNION ALL
  SELECT a.*, ${weekSql('t.said_at')} AS week, ${SEGMENT}
  FROM of_conversations a JOIN last_turns t ON t.conversation_key = a.conversation_key`;
