// What was lost, doubled, invented, changed or reordered: the ledger against log, lake, action store and report.
// It reads files and HTTP answers; of the product's code it uses only what opens them.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { hashOf } from './load.mjs';
import { readLedger } from './ledger.mjs';

const require = createRequire(import.meta.url);
const dist = (path) => require(`../../dist/libs/${path}`);

const TOPICS = {
  events: 'conversation.events',
  verdicts: 'safety.verdicts',
  alerts: 'safety.alerts',
  actions: 'safety.actions',
  evaluations: 'quality.evaluations',
};
/** What the door adds to a body. */
const ADDED = ['v', 'uid', 'tenant', 'acceptedAt'];

/** Every violation as a sentence, with the figures it was found among. */
export async function check({ ledgerFile, dataDir, url, headers, verification, stop }) {
  const violations = [];
  const say = (text) => violations.push(text);
  if (!verification.agrees)
    say(`verify does not agree: ${JSON.stringify(verification.checks.filter((c) => !c.agrees))}`);
  const answers = await readAnswers(url, headers);
  await stop();

  const ledger = [...readLedger(ledgerFile).values()];
  const log = await readLog(join(dataDir, 'log'));
  const turns = ledger.filter(({ kind }) => kind === 'turn');
  checkLog(turns, log[TOPICS.events], say, 'turn');
  checkLog(
    ledger.filter(({ kind }) => kind === 'evaluation'),
    log[TOPICS.evaluations],
    say,
    'evaluation',
  );
  checkOrder(log[TOPICS.events], say);
  checkSafety(log, say);
  checkStore(log, answers, say);
  const lake = await readLake(join(dataDir, 'lake'));
  checkLake(log, lake, say);
  checkReports(log, answers.reports, say);

  violations.figures = {
    acknowledged: ledger.filter(({ answer }) => answer === 'ok').length,
    turns: log[TOPICS.events].length,
    verdicts: log[TOPICS.verdicts].length,
    alerts: log[TOPICS.alerts].length,
    actions: log[TOPICS.actions].length,
    silverTurns: lake.silver.length,
  };
  return violations;
}

/** Lost, invented, doubled, changed: against what was acknowledged. */
function checkLog(sent, records, say, kind) {
  const known = new Map(sent.map((entry) => [entry.id, entry]));
  const seen = new Map();
  for (const { value } of records) {
    const body = JSON.parse(value);
    seen.set(body.id, (seen.get(body.id) ?? 0) + 1);
    const entry = known.get(body.id);
    if (!entry) say(`phantom: the log holds ${kind} ${body.id}, which nobody sent`);
    else if (hashOf(bodyAsSent(body, entry.body)) !== entry.hash)
      say(`corrupt: ${kind} ${body.id} is not what was sent`);
  }
  for (const { id, answer } of sent)
    if (answer === 'ok' && !seen.has(id)) say(`lost: ${kind} ${id} was acknowledged and is not in the log`);
  for (const [id, times] of seen) if (times > 1) say(`doubled: ${kind} ${id} is ${times} times in the log`);
}

function bodyAsSent(stored, sent) {
  const rest = Object.fromEntries(Object.entries(stored).filter(([name]) => !ADDED.includes(name)));
  return Object.fromEntries(Object.keys(sent).map((name) => [name, rest[name]]));
}

function checkOrder(events, say) {
  const last = new Map();
  for (const { value } of events) {
    const { conversationId, seq, id } = JSON.parse(value);
    if (seq <= (last.get(conversationId) ?? -1))
      say(`reordered: turn ${id} stands behind a later one of its conversation`);
    last.set(conversationId, seq);
  }
}

/** One verdict a turn; one alert a flagged verdict; each action applied once. */
function checkSafety(log, say) {
  const events = new Set(log[TOPICS.events].map(({ value }) => JSON.parse(value).uid));
  const verdicts = log[TOPICS.verdicts].map(({ value }) => JSON.parse(value));
  const alerts = log[TOPICS.alerts].map(({ value }) => JSON.parse(value));
  const applied = log[TOPICS.actions].map(({ value }) => JSON.parse(value));
  once(
    verdicts.map((verdict) => verdict.eventUid),
    'verdict on',
    say,
  );
  once(
    alerts.map((alert) => alert.eventUid),
    'alert on',
    say,
  );
  once(
    applied.map((change) => change.action.id),
    'application of action',
    say,
  );
  const judged = new Set(verdicts.map((verdict) => verdict.eventUid));
  for (const uid of events) if (!judged.has(uid)) say(`lost: turn ${uid} has no verdict`);
  for (const uid of judged) if (!events.has(uid)) say(`phantom: a verdict on ${uid}, which is not in the log`);
  const alerted = new Set(alerts.map((alert) => alert.eventUid));
  for (const verdict of verdicts) {
    if (verdict.outcome !== 'scored') say(`unclassified: turn ${verdict.eventUid}`);
    else if (verdict.flagged !== alerted.has(verdict.eventUid))
      say(`verdict and alert on ${verdict.eventUid} do not agree`);
  }
  const done = new Set(applied.map((change) => change.action.id));
  for (const alert of alerts)
    for (const action of alert.actions) if (!done.has(action.id)) say(`lost: action ${action.id} was never applied`);
}

function checkStore(log, { alerts, enforcements }, say) {
  const inLog = new Set(log[TOPICS.alerts].map(({ value }) => JSON.parse(value).id));
  once(
    alerts.map(({ id }) => id),
    'listed alert',
    say,
  );
  for (const { id } of alerts) if (!inLog.has(id)) say(`phantom: listed alert ${id}`);
  if (alerts.length !== inLog.size) say(`lost: ${inLog.size} alerts in the log, ${alerts.length} in the action store`);
  for (const { subject, actions } of enforcements)
    once(
      actions.map(({ id }) => id),
      `action in force on ${subject}`,
      say,
    );
  const blocked = new Set(
    log[TOPICS.actions]
      .map(({ value }) => JSON.parse(value).action)
      .filter(({ kind }) => kind === 'block' || kind === 'hold')
      .map(({ subject }) => subject),
  );
  for (const { subject, allowed } of enforcements)
    if (allowed && blocked.has(subject)) say(`lost: ${subject} is blocked in the log and allowed by the store`);
}

function checkLake(log, lake, say) {
  for (const [topic, rows] of Object.entries(lake.bronze)) {
    once(
      rows.map(({ at }) => at),
      `bronze row of ${topic}`,
      say,
    );
    const expected = new Map(log[topic].map(({ partition, offset, value }) => [`${partition}/${offset}`, value]));
    if (rows.length !== expected.size)
      say(`${topic}: ${expected.size} records in the log, ${rows.length} rows in bronze`);
    for (const { at, payload } of rows)
      if (expected.get(at) !== payload) say(`corrupt: bronze row ${at} of ${topic} is not the record`);
  }
  once(
    lake.silver.map(({ id }) => id),
    'silver turn',
    say,
  );
  const alerted = new Map(
    log[TOPICS.alerts].map(({ value }) => JSON.parse(value)).map((alert) => [alert.eventId, alert]),
  );
  const ids = new Set(lake.silver.map(({ id }) => id));
  for (const { value } of log[TOPICS.events])
    if (!ids.has(JSON.parse(value).id)) say(`lost: turn ${JSON.parse(value).id} is not in silver`);
  for (const { id, alert, actions, outcome } of lake.silver) {
    if (outcome !== 'scored') say(`silver turn ${id} has no verdict`);
    if ((alert ?? undefined) !== alerted.get(id)?.id) say(`silver turn ${id} has another alert than the log`);
    if (actions !== (alerted.get(id)?.actions.length ?? 0))
      say(`silver turn ${id} counts ${actions} actions, its alert plans ${alerted.get(id)?.actions.length ?? 0}`);
  }
  if (lake.evaluations !== log[TOPICS.evaluations].length)
    say(`${log[TOPICS.evaluations].length} evaluations in the log, ${lake.evaluations} in silver`);
}

function checkReports(log, reports, say) {
  const sum = (pick) => reports.reduce((total, report) => total + pick(report), 0);
  const same = (what, found, expected) =>
    found !== expected && say(`the reports count ${found} ${what}, the log holds ${expected}`);
  same(
    'turns',
    sum(({ counts }) => counts.turns),
    log[TOPICS.events].length,
  );
  same(
    'alerts',
    sum(({ counts }) => counts.alerts),
    log[TOPICS.alerts].length,
  );
  same(
    'evaluations',
    sum(({ counts }) => counts.evaluations),
    log[TOPICS.evaluations].length,
  );
  for (const { week, reconciliation } of reports)
    if (!reconciliation.agrees) say(`the report of ${week} does not reconcile`);
}

function once(names, what, say) {
  const seen = new Set();
  for (const name of names) {
    if (seen.has(name)) say(`doubled: ${what} ${name}`);
    seen.add(name);
  }
}

async function readAnswers(url, headers) {
  const get = async (path) => (await fetch(url + path, { headers })).json();
  const alerts = [];
  for (let cursor = ''; ;) {
    const page = await get(`/v1/alerts?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    alerts.push(...page.alerts);
    if (page.next === undefined) break;
    cursor = page.next;
  }
  const subjects = new Set(alerts.flatMap((alert) => alert.actions.map(({ subject }) => subject)));
  const enforcements = [];
  for (const subject of subjects)
    enforcements.push(await get(`/v1/enforcements?subject=${encodeURIComponent(subject)}`));
  const { reports: listed } = await get('/v1/reports/weekly');
  const reports = [];
  for (const { week } of listed) reports.push(await get(`/v1/reports/weekly/${week}`));
  return { alerts, enforcements, reports };
}

async function readLog(dir) {
  const { LmdbEventLog } = dist('event-log/src/lmdb/index.js');
  const log = await LmdbEventLog.open({ dir, readOnly: true });
  const read = {};
  for (const topic of Object.values(TOPICS)) {
    read[topic] = [];
    for (const { partition, start, end } of await log.bounds(topic)) {
      for (let offset = start; offset < end;) {
        const records = await log.read({ topic, partition, offset }, { recordsMax: 1_000 });
        for (const record of records)
          read[topic].push({ partition, offset: record.offset, value: Buffer.from(record.value).toString('utf8') });
        offset = records.at(-1).offset + 1;
      }
    }
  }
  await log.close();
  return read;
}

async function readLake(root) {
  const { DirectoryCatalog } = dist('lakehouse/src/catalog/directory/index.js');
  const { liveFiles } = dist('lakehouse/src/iceberg/index.js');
  const catalog = await DirectoryCatalog.open({ root });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = async (table, select) => {
    const files = await liveFiles(catalog.storage, await catalog.load(table));
    if (files.length === 0) return [];
    const list = files.map(({ path }) => `'${path.replaceAll("'", "''")}'`).join(', ');
    return (
      await connection.runAndReadAll(
        `SELECT ${select} FROM read_parquet([${list}], hive_partitioning = false, union_by_name = true)`,
      )
    ).getRowObjectsJson();
  };
  const bronze = {};
  for (const topic of Object.values(TOPICS)) {
    bronze[topic] = await rows(
      `bronze.${topic.replaceAll(/[.-]/g, '_')}`,
      `"partition" || '/' || "offset" AS at, payload`,
    );
  }
  const silver = await rows(
    'silver.turns',
    'event_id AS id, outcome, alert_id AS alert, CAST(actions AS INTEGER) AS actions',
  );
  const evaluations = (await rows('silver.evaluations', 'evaluation_uid')).length;
  return { bronze, silver, evaluations };
}
