export { BRONZE, BRONZE_COLUMNS, BRONZE_PATHS, bronzeTableOf } from './bronze';
export { fieldsOf, partitionFieldName, partitionFieldsOf, propertiesOf } from './definition';
export type { Column, TableDefinition } from './definition';
export { GOLD_QUALITY, GOLD_TOTALS, metricColumns, metricList, MODEL_SEGMENT, SEGMENT, snakeCase } from './gold';
export {
  ALERT_COLUMNS,
  OUTCOME_COLUMNS,
  SILVER_EVALUATIONS,
  SILVER_MODELS,
  SILVER_TURNS,
  SILVER_WAITING,
  TURN_COLUMNS,
  VERDICT_COLUMNS,
} from './silver';
