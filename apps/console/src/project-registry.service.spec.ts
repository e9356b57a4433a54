import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { TOPICS, type Policy } from '@watchkeeper/domain';
import { partitionOf, type NewRecord } from '@watchkeeper/event-log';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { until } from '../../../test/fixtures/action-app';
import { MapRegistry } from '../../../test/fixtures/map-registry';
import { A_POLICY } from '../../../test/fixtures/stream';
import { ProjectRegistryService } from './project-registry.service';

Logger.overrideLogger(false);

const PARTITIONS = 4;
const MODEL = { provider: 'acme', name: 'acme-chat', version: '1', attributes: {} };

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

function setPolicy(tenant: string, parts: Partial<Policy>): NewRecord {
  const policy = { ...A_POLICY, ...parts };
  return { topic: TOPICS.policies, key: `${tenant}/${policy.id}`, value: bytes({ v: 1, tenant, policy }) };
}

function saveModel(tenant: string, parts: object): NewRecord {
  const value = { v: 1, tenant, acceptedAt: '2026-11-20T10:00:00.000Z', ...MODEL, ...parts };
  return { topic: TOPICS.models, key: `${tenant}/acme/acme-chat`, value: bytes(value) };
}

/** Two policies of one tenant whose records lie in two partitions, the later one in the one that is read first. */
function idsInTurnedPartitions(tenant: string): readonly [first: string, second: string] {
  const ids = Array.from({ length: 50 }, (_, i) => `policy-${i}`);
  const partition = (id: string) => partitionOf(`${tenant}/${id}`, PARTITIONS);
  const [first] = ids;
  const second = ids.find((id) => partition(id) < partition(first!)) ?? '';
  if (second !== '') return [first!, second];
  return [ids.find((id) => partition(id) > partition(first!))!, first!];
}

describe('policies and models out of the log', () => {
  let dir: string;
  let nowMs: number;
  let log: LmdbEventLog;
  let registry: MapRegistry;
  let service: ProjectRegistryService;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'project-'));
    nowMs = Date.parse('2026-11-20T10:00:00.000Z');
    const redelivery = { delayMsMin: 5, delayMsMax: 5 };
    log = LmdbEventLog.open({ dir, partitions: PARTITIONS, now: () => nowMs, redelivery });
    registry = new MapRegistry();
    service = new ProjectRegistryService(log, registry);
  });
  afterEach(async () => {
    await service.onApplicationShutdown();
    await log.close();
    await rm(dir, { recursive: true, force: true });
  });

  const start = async () => {
    await service.onModuleInit();
    await service.onApplicationBootstrap();
  };

  it('are in the registry before anything else begins, though it was lost', async () => {
    await log.append([setPolicy('acme', { version: 7 }), saveModel('acme', {}), setPolicy('zeta', { version: 2 })]);
    await service.onModuleInit();
    expect(registry.policies.get('acme')?.version).toBe(7);
    expect(registry.policies.get('zeta')?.version).toBe(2);
    expect(await registry.models('acme')).toEqual([MODEL]);
  });

  it('are set by their last word only', async () => {
    await log.append([
      setPolicy('acme', { version: 1 }),
      setPolicy('acme', { version: 2 }),
      saveModel('acme', { attributes: { size: 'small' } }),
      saveModel('acme', { attributes: { size: 'large' } }),
    ]);
    await service.onModuleInit();
    expect(registry.changes).toEqual(['acme: policy default 2', 'acme: model acme-chat 1']);
    expect(await registry.models('acme')).toMatchObject([{ attributes: { size: 'large' } }]);
  });

  it('are set by the word that is last in time, in whatever partitions the words lie', async () => {
    const [first, second] = idsInTurnedPartitions('acme');
    await log.append([setPolicy('acme', { id: first })]);
    nowMs += 1_000;
    await log.append([setPolicy('acme', { id: second })]);
    await service.onModuleInit();
    expect(registry.policies.get('acme')?.id).toBe(second);
  });

  it('follow as they are set', async () => {
    await start();
    const [appended] = await log.append([setPolicy('acme', { version: 9 })]);
    await service.reached(appended!.position);
    expect(registry.policies.get('acme')?.version).toBe(9);
  });

  it('follow once the registry answers again, and an older word never takes the place of a newer one', async () => {
    const [first, second] = idsInTurnedPartitions('acme');
    await start();
    registry.isDown = true;
    await log.append([setPolicy('acme', { id: first })]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    nowMs += 1_000;
    const setPolicyOf = registry.setPolicy.bind(registry);
    // The registry comes back for the newer word first.
    registry.setPolicy = async (tenant, policy) => {
      if (policy.id === first && !registry.policies.has(tenant)) throw new Error('not yet');
      return setPolicyOf(tenant, policy);
    };
    registry.isDown = false;
    await log.append([setPolicy('acme', { id: second })]);
    await until(async () => (await log.lag(TOPICS.policies, 'project-registry')).every(({ records }) => records === 0));
    expect(registry.policies.get('acme')?.id).toBe(second);
  });

  it('pass over what is unreadable', async () => {
    await log.append([
      { topic: TOPICS.policies, key: 'acme/x', value: Buffer.from('{"broken') },
      { topic: TOPICS.policies, key: 'acme/x', value: bytes({ tenant: 'acme', policy: { rules: [] } }) },
      setPolicy('acme', { version: 3 }),
    ]);
    await start();
    expect(registry.changes).toEqual(['acme: policy default 3']);
  });

  it('leave nothing behind for a second service to begin with', async () => {
    await log.append([setPolicy('acme', { version: 3 })]);
    await start();
    await until(async () => (await log.lag(TOPICS.policies, 'project-registry')).every(({ records }) => records === 0));
    expect(await log.lag(TOPICS.policies, 'project-registry')).toHaveLength(PARTITIONS);
  });
});
