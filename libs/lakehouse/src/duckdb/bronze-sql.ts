import type { LandedTopic } from '@watchkeeper/domain';
import { BRONZE_PATHS } from '../tables';
import { literal } from './sql';

/** Spooled records as rows of bronze: the columns are drawn from the JSON, the value itself stays as it is. */
export function bronzeRowsSql(topic: LandedTopic, spooled: string): string {
  const paths = BRONZE_PATHS[topic];
  const flat = paths.flat();
  const drawn = (column: number): string => {
    const found = (paths[column] ?? []).map((path) => `drawn[${flat.indexOf(path) + 1}]`);
    return found.length === 0 ? 'NULL::VARCHAR' : `coalesce(${found.join(', ')})`;
  };
  const instant = (column: number): string => `TRY_CAST(${drawn(column)} AS TIMESTAMP WITH TIME ZONE)`;
  // What is no JSON lands all the same; only its own value is there then.
  return `
    WITH records AS (
      SELECT *, CASE WHEN NOT is_binary AND json_valid(payload)
        THEN json_extract_string(payload, [${flat.map(literal).join(', ')}]) END AS drawn
      FROM ${spooled}
    )
    SELECT "partition", "offset", "key", make_timestamptz(appended_ms * 1000) AS appended_at,
      ${drawn(0)} AS event_id, ${drawn(1)} AS event_uid, ${drawn(2)} AS tenant,
      CASE WHEN is_binary THEN 'binary' ELSE ${drawn(3)} END AS "type",
      ${instant(4)} AS said_at, ${instant(5)} AS accepted_at, payload
    FROM records`;
}
