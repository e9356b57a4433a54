import { isDeepStrictEqual } from 'node:util';
import { weekBounds, type WeeklyReport } from '@watchkeeper/domain';

/** Sums of fractions may differ in their last digits with the order of the rows: that is no change. */
const SIGNIFICANT_DIGITS = 12;

/** Do two reports say the same of their week? When, by which code and from which snapshots is not asked. */
export function saysTheSame(a: WeeklyReport, b: WeeklyReport): boolean {
  return isDeepStrictEqual(contentOf(a), contentOf(b));
}

/** Why `after` is a new revision of `before`, in words. */
export function changesBetween(before: WeeklyReport, after: WeeklyReport): string[] {
  const isOver = Date.parse(before.asOf) >= weekBounds(before.week).endMs;
  const by = (count: keyof WeeklyReport['counts']) => after.counts[count] - before.counts[count];
  const changes = [
    ...counted(by('turns'), isOver ? 'late turn' : 'more turn', 'turn removed', 'turns removed'),
    ...counted(by('evaluations'), 'new evaluation', 'evaluation removed', 'evaluations removed'),
    ...judgedAnew(before, after),
    ...counted(by('alerts'), 'more alert', 'alert fewer', 'alerts fewer'),
    ...counted(by('actions'), 'more turn acted on', 'turn fewer acted on', 'turns fewer acted on'),
    ...counted(by('unclassified'), 'more turn unclassified', 'turn classified since', 'turns classified since'),
    ...(after.reconciliation.agrees === before.reconciliation.agrees
      ? []
      : [after.reconciliation.agrees ? 'the counts agree again' : 'the counts do not agree']),
    ...(after.final === before.final ? [] : [after.final ? 'final' : 'open again']),
  ];
  if (changes.length > 0) return changes;
  return [isSameWithoutChange(before, after) ? 'the week before was revised' : 'numbers corrected'];
}

function counted(by: number, more: string, oneFewer: string, fewer: string): string[] {
  if (by === 0) return [];
  if (by < 0) return [`${-by} ${by === -1 ? oneFewer : fewer}`];
  return [`${by} ${by === 1 ? more : pluralOf(more)}`];
}

/** `late turn` → `late turns`, `more turn acted on` → `more turns acted on`. */
function pluralOf(phrase: string): string {
  return phrase.replace(/\b(turn|evaluation|alert)\b/, '$1s');
}

function judgedAnew(before: WeeklyReport, after: WeeklyReport): string[] {
  const isSame =
    isDeepStrictEqual(before.provenance.modelSha256, after.provenance.modelSha256) &&
    isDeepStrictEqual(before.provenance.policyHash, after.provenance.policyHash);
  if (isSame) return [];
  return [
    after.counts.turns === before.counts.turns ? 'verdicts re-judged' : 'verdicts by another safety model or policy',
  ];
}

function isSameWithoutChange(a: WeeklyReport, b: WeeklyReport): boolean {
  return isDeepStrictEqual(contentOf(a, ['change']), contentOf(b, ['change']));
}

function contentOf(report: WeeklyReport, without: readonly string[] = []): unknown {
  const { revision: _revision, asOf: _asOf, changes: _changes, reconciliation, provenance, ...rest } = report;
  const content = {
    ...rest,
    agrees: reconciliation.agrees,
    judgedBy: [provenance.modelSha256, provenance.policyHash],
  };
  const text = JSON.stringify(content, (key, value: unknown) => {
    if (without.includes(key)) return undefined;
    return typeof value === 'number' ? Number(value.toPrecision(SIGNIFICANT_DIGITS)) : value;
  });
  return JSON.parse(text) as unknown;
}
