import { measure, METRICS } from './metric';

const turns = [
  { conversation_key: 't/a', outcome: 'scored', alert_id: 'x', actions: 2, time_to_action_ms: 10 },
  { conversation_key: 't/a', outcome: 'scored', alert_id: null, actions: 0, time_to_action_ms: null },
  { conversation_key: 't/b', outcome: 'unclassified', alert_id: null, actions: 0, time_to_action_ms: null },
  { conversation_key: 't/b', outcome: 'scored', alert_id: 'y', actions: 0, time_to_action_ms: 30 },
];
const evaluations = [
  { question: 'accuracy', value_boolean: true, value_number: null },
  { question: 'accuracy', value_boolean: false, value_number: null },
  { question: 'satisfaction', value_boolean: null, value_number: 4 },
  { question: 'satisfaction', value_boolean: null, value_number: 2 },
];

describe('metrics over rows', () => {
  it.each([
    [METRICS.turns, turns, 4, 4],
    [METRICS.conversations, turns, 2, 2],
    [METRICS.unclassified, turns, 1, 1],
    [METRICS.alerts, turns, 2, 2],
    [METRICS.alertRate, turns, 4, 0.5],
    [METRICS.actionRate, turns, 4, 0.25],
    [METRICS.timeToActionMsP50, turns, 2, 10],
    [METRICS.timeToActionMsP99, turns, 2, 30],
    [METRICS.accuracy, evaluations, 2, 0.5],
    [METRICS.hallucinationRate, evaluations, 0, null],
    [METRICS.satisfaction, evaluations, 2, 3],
  ])('$name', (metric, rows, n, value) => {
    expect(measure(metric, rows)).toMatchObject({ n, value });
  });

  it('gives what an interval needs', () => {
    expect(measure(METRICS.satisfaction, evaluations)).toMatchObject({ sum: 6, sumOfSquares: 20 });
  });
});
