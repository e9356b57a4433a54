import { VerdictFinder } from '@watchkeeper/app-ingest/track-event.service';
import type { Classifier } from '@watchkeeper/classifier';
import { policyRef, TOPICS, verdictId, verdictSchema, type Verdict } from '@watchkeeper/domain';
import type { EventLog } from '@watchkeeper/event-log';
import type { Registry } from '@watchkeeper/registry';

/** A verdict's id follows from event, model and policy: the log is asked for it directly. */
export class LogVerdictFinder extends VerdictFinder {
  constructor(
    private readonly log: EventLog,
    private readonly classifier: Classifier,
    private readonly registry: Registry,
  ) {
    super();
  }

  async find(tenant: string, uid: string): Promise<Verdict | undefined> {
    const { hash } = policyRef(await this.registry.policyFor(tenant));
    for (const outcome of ['scored', 'unclassified']) {
      const verdict = await this.read(verdictId(uid, this.classifier.model.sha256, hash, outcome));
      if (verdict) return verdict;
    }
    return undefined;
  }

  private async read(id: string): Promise<Verdict | undefined> {
    const position = await this.log.find(TOPICS.verdicts, id);
    if (!position) return undefined;
    const [record] = await this.log.read(position, { recordsMax: 1 });
    if (record?.offset !== position.offset) return undefined;
    return verdictSchema.parse(JSON.parse(Buffer.from(record.value).toString('utf8')));
  }
}
