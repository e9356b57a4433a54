import type { ModelMetadata } from '@watchkeeper/domain';
import type { Dice } from './dice';

/** A conversation model of the sample and how often it makes things up. */
export interface SampleModel {
  readonly ref: { readonly provider: string; readonly name: string; readonly version: string };
  readonly madeUpShare: number;
  readonly releasedAt: string;
  readonly attributes: ModelMetadata['attributes'];
}

const LUMEN_2_0: SampleModel = {
  ref: { provider: 'lumen', name: 'lumen-chat', version: '2.0' },
  madeUpShare: 0.09,
  releasedAt: '2026-03-02T00:00:00.000Z',
  attributes: { contextTokens: 32_000, family: 'lumen-chat' },
};
const LUMEN_2_1: SampleModel = {
  ref: { provider: 'lumen', name: 'lumen-chat', version: '2.1' },
  madeUpShare: 0.03,
  releasedAt: '2026-11-09T00:00:00.000Z',
  attributes: { contextTokens: 64_000, family: 'lumen-chat' },
};
const CORVID_MINI: SampleModel = {
  ref: { provider: 'corvid', name: 'corvid-mini', version: '1.4' },
  madeUpShare: 0.34,
  releasedAt: '2026-09-07T00:00:00.000Z',
  attributes: { contextTokens: 8_000, family: 'corvid', price: 'low' },
};

export const SAMPLE_MODELS: readonly SampleModel[] = [LUMEN_2_0, LUMEN_2_1, CORVID_MINI];

/** A third of the traffic goes to the small model; 2.1 takes over from 2.0 in the last two weeks (2 and 3). */
export function modelOf(week: number, dice: Dice): SampleModel {
  if (dice.isBelow(1 / 3)) return CORVID_MINI;
  return week >= 2 && dice.isBelow(0.7) ? LUMEN_2_1 : LUMEN_2_0;
}
