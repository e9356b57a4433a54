export { bronzeRowsSql } from './bronze-sql';
export { Duck, DuckSession } from './duck';
export type { DuckSettings, Row } from './duck';
export { DamagedFile, QueryFailed } from './errors';
export {
  attributedSql,
  EVALUATION_STEPS,
  evaluationHitsStep,
  EVALUATIONS_CHANGED_STEP,
  IS_EVALUATION,
  MODELS_CHANGED_STEP,
} from './evaluations-sql';
export { measuresSql, provenanceSql, TURN_FACT_COLUMNS } from './gold-sql';
export { conditionSql, metricExpressions } from './metric-sql';
export { spool } from './spool';
export type { Spool } from './spool';
export { columnList, fieldIds, identifier, literal, rowsOf, sqlType } from './sql';
export {
  changedStep,
  hitKeysStep,
  hitsStep,
  IS_TURN,
  MERGE_STEPS,
  NEW_TURN_STEPS,
  UNMATCHED_STEP,
  UPDATE_STEPS,
  weekSql,
} from './turns-sql';
export type { Step } from './turns-sql';
