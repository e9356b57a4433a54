import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Classifier, type ClassifierInput } from '@watchkeeper/classifier';
import {
  judgeTurn,
  policyRef,
  verdictId,
  type AcceptedTurn,
  type Alert,
  type Classification,
  type Policy,
  type PolicyRef,
  type Verdict,
} from '@watchkeeper/domain';
import type { Position } from '@watchkeeper/event-log';
import { PolicySource } from './policy-source';
import { readEvent } from './read-event';
import { StreamSettings } from './stream.settings';

/** A record of the events topic, wherever it was kept meanwhile. */
export interface EventRecord {
  readonly position: Position;
  readonly value: Uint8Array;
}

/** What became of one record. */
export type JudgedEvent =
  | { readonly outcome: 'skipped' }
  | { readonly outcome: 'unreadable'; readonly reason: string }
  | {
      readonly outcome: 'unclassified';
      readonly turn: AcceptedTurn;
      readonly verdict: Verdict;
      readonly reason: string;
    }
  | { readonly outcome: 'scored'; readonly turn: AcceptedTurn; readonly verdict: Verdict; readonly alert?: Alert };

interface PolicyInForce {
  readonly policy: Policy;
  readonly ref: PolicyRef;
}

/** Records in, verdicts and alerts out, without a word to the log. Shared by the live stream and all that judges again. */
@Injectable()
export class JudgeEvents {
  private readonly refs = new WeakMap<Policy, PolicyRef>();

  constructor(
    private readonly classifier: Classifier,
    private readonly policies: PolicySource,
    private readonly settings: StreamSettings,
  ) {}

  /**
   * One answer per record, in their order. A text that gets no scores is tried again, alone with its like; if some are
   * left, the classifier must pass its own check, or else this throws: then it is to blame, not the texts.
   */
  async judge(records: readonly EventRecord[]): Promise<readonly JudgedEvent[]> {
    const events = records.map(({ value }) => readEvent(value));
    const turns = events.flatMap((event) => (event.kind === 'turn' ? [event.turn] : []));
    const [classifications, policies] = await Promise.all([this.classify(turns), this.policiesOf(turns)]);
    const judgedAt = this.settings.now().toISOString();
    let next = 0;
    return records.map(({ position }, at) => {
      const event = events[at];
      if (event?.kind !== 'turn')
        return event?.kind === 'unreadable' ? unreadable(event.reason) : { outcome: 'skipped' };
      const classification = classifications[next++];
      const inForce = policies.get(event.turn.tenant);
      if (!classification || !inForce) throw new Error('a turn was left without an answer');
      return this.judged(event.turn, classification, { position, judgedAt, inForce });
    });
  }

  /** The id that the verdict on this turn would have today, were it scored. */
  async scoredVerdictId(turn: AcceptedTurn): Promise<string> {
    const { ref } = this.inForce(await this.policies.policyFor(turn.tenant));
    return verdictId(turn.uid, this.classifier.model.sha256, ref.hash, 'scored');
  }

  private judged(
    turn: AcceptedTurn,
    classification: Classification,
    context: { readonly position: Position; readonly judgedAt: string; readonly inForce: PolicyInForce },
  ): JudgedEvent {
    const { verdict, alert } = judgeTurn(turn, classification, {
      model: this.classifier.model,
      policy: context.inForce.policy,
      policyRef: context.inForce.ref,
      codeVersion: this.settings.codeVersion,
      position: {
        topic: context.position.topic,
        partition: context.position.partition,
        offset: context.position.offset,
      },
      judgedAt: context.judgedAt,
    });
    if (classification.outcome === 'unclassified') {
      return { outcome: 'unclassified', turn, verdict, reason: classification.reason };
    }
    return { outcome: 'scored', turn, verdict, ...(alert && { alert }) };
  }

  private async classify(turns: readonly AcceptedTurn[]): Promise<readonly Classification[]> {
    const inputs = turns.map(inputOf);
    const answers = [...(await this.classifier.classify(inputs))];
    for (let tries = 1; tries < this.settings.triesMax; tries++) {
      const left = unclassifiedOf(answers);
      if (left.length === 0) return answers;
      await delay(this.settings.tryDelayMs * 2 ** (tries - 1));
      const again = await this.classifier.classify(left.flatMap((at) => inputs[at] ?? []));
      left.forEach((at, index) => (answers[at] = again[index] ?? { outcome: 'unclassified', reason: 'no answer' }));
    }
    if (unclassifiedOf(answers).length > 0) await this.classifier.check();
    return answers;
  }

  private async policiesOf(turns: readonly AcceptedTurn[]): Promise<ReadonlyMap<string, PolicyInForce>> {
    const tenants = [...new Set(turns.map(({ tenant }) => tenant))];
    const policies = await Promise.all(tenants.map((tenant) => this.policies.policyFor(tenant)));
    return new Map(policies.map((policy, at) => [tenants[at] ?? '', this.inForce(policy)]));
  }

  private inForce(policy: Policy): PolicyInForce {
    const ref = this.refs.get(policy) ?? policyRef(policy);
    this.refs.set(policy, ref);
    return { policy, ref };
  }
}

function inputOf({ text, role }: AcceptedTurn): ClassifierInput {
  return { text, role: role === 'assistant' ? 'assistant' : 'user' };
}

function unclassifiedOf(answers: readonly Classification[]): number[] {
  return answers.flatMap(({ outcome }, at) => (outcome === 'unclassified' ? [at] : []));
}

function unreadable(reason: string): JudgedEvent {
  return { outcome: 'unreadable', reason };
}
