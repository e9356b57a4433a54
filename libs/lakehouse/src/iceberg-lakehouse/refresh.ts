import type { Refresh } from '../lakehouse';
import { GOLD_TOTALS } from '../tables';
import { buildGold } from './gold';
import type { Lake } from './lake';
import { builtFrom } from './open-weeks';
import { refreshEvaluations, refreshModels } from './refresh-evaluations';
import { rebuildTurns, refreshTurns } from './refresh-turns';
import type { Run } from './run';

/** Bronze to silver to gold. Each table is one commit; killed between them, the next refresh goes on from there. */
export async function refreshLake(lake: Lake, full: boolean): Promise<Refresh> {
  const startedMs = performance.now();
  return lake.duck.with(async (session) => {
    const run: Run = { lake, session, full, built: builtFrom(await lake.catalog.load(GOLD_TOTALS.id)) };
    let [turnsAdded, turnsUpdated] = [0, 0];
    for (let hasMore = true; hasMore;) {
      const pass = full ? await rebuildTurns(run) : await refreshTurns(run);
      turnsAdded += pass.added;
      turnsUpdated += pass.updated;
      hasMore = pass.hasMore;
    }
    const evaluationsAdded = await refreshEvaluations(run);
    await refreshModels(run);
    const weeks = await buildGold(lake, session);
    return {
      turnsAdded,
      turnsUpdated,
      evaluationsAdded,
      weeks,
      tookMs: performance.now() - startedMs,
    };
  });
}
