import type { Role } from '@watchkeeper/domain';
import { Dice } from './dice';
import { modelOf, type SampleModel } from './models';
import { CLOSINGS, SUBJECTS, UNSAFE_SCENES, type Exchange, type Subject } from './texts';

export interface Line {
  readonly role: Role;
  readonly text: string;
  readonly isMadeUp: boolean;
}

/** One conversation of the sample, before it has ids of turns and raters. */
export interface Conversation {
  readonly id: string;
  readonly startsAtMs: number;
  readonly userId: string;
  readonly model: SampleModel;
  readonly surface: string;
  readonly language: 'en' | 'de';
  readonly lines: readonly Line[];
  /** Which unsafe scene it holds, by its place; undefined when it holds none. */
  readonly scene?: number;
}

/** Where a conversation stands: which week (0 = the oldest), which in its week, when. */
export interface Slot {
  readonly id: string;
  readonly week: number;
  readonly place: number;
  readonly startsAtMs: number;
}

const SURFACES = ['web', 'web', 'web', 'mobile', 'mobile', 'api'] as const;
const USERS = 48;
/** Three unsafe conversations in a full week of 44, at these places. */
const UNSAFE_PLACES = [6, 20, 33];

export function conversationAt(slot: Slot): Conversation {
  const dice = new Dice(`${slot.week}/${slot.place}`);
  const model = modelOf(slot.week, dice);
  const sceneOfWeek = UNSAFE_PLACES.indexOf(slot.place);
  const scene =
    sceneOfWeek === -1 ? undefined : (slot.week * UNSAFE_PLACES.length + sceneOfWeek) % UNSAFE_SCENES.length;
  const subject = scene === undefined ? subjectAt(slot) : englishSubjectAt(slot);
  return {
    id: slot.id,
    startsAtMs: slot.startsAtMs,
    // Whoever is blocked in the sample must not be one of the many others.
    userId: scene === undefined ? `u-${100 + dice.whole(1, USERS)}` : `u-${900 + scene}`,
    model,
    surface: dice.pick(SURFACES),
    language: subject.language,
    lines:
      scene === undefined ? talk(slot, subject, { dice, model }) : unsafeTalk(slot, subject, { dice, model, scene }),
    ...(scene !== undefined && { scene }),
  };
}

interface Making {
  readonly dice: Dice;
  readonly model: SampleModel;
}

/** Two to four questions on one subject, each asked once, and sometimes a good-bye. */
function talk(slot: Slot, subject: Subject, making: Making): Line[] {
  const { dice } = making;
  const lines = exchangesAt(slot, subject, dice.whole(2, 4)).flatMap((exchange) => linesOf(exchange, making));
  if (!dice.isBelow(0.45)) return lines;
  return [...lines, { role: 'user', text: dice.pick(CLOSINGS[subject.language]), isMadeUp: false }];
}

/** It begins harmlessly, as it does in life. */
function unsafeTalk(slot: Slot, subject: Subject, making: Making & { readonly scene: number }): Line[] {
  const before = exchangesAt(slot, subject, 1).flatMap((exchange) => linesOf(exchange, making));
  const scene = (UNSAFE_SCENES[making.scene] ?? []).map(([role, text]) => ({ role, text, isMadeUp: false }));
  return [...before, ...scene];
}

function linesOf([ask, answer, madeUp]: Exchange, { dice, model }: Making): Line[] {
  const isMadeUp = dice.isBelow(model.madeUpShare);
  return [
    { role: 'user', text: ask, isMadeUp: false },
    { role: 'assistant', text: isMadeUp ? madeUp : answer, isMadeUp },
  ];
}

function subjectAt({ week, place }: Slot): Subject {
  return SUBJECTS[(week * 5 + place) % SUBJECTS.length]!;
}

function englishSubjectAt(slot: Slot): Subject {
  const subject = subjectAt(slot);
  return subject.language === 'en' ? subject : SUBJECTS[0]!;
}

/** Neighbouring weeks begin at different questions and stride differently, so that few conversations are alike. */
function exchangesAt({ week, place }: Slot, { exchanges }: Subject, count: number): Exchange[] {
  const round = Math.floor(place / SUBJECTS.length);
  const stride = 1 + ((week + round) % 3);
  const first = week * 3 + round * 2;
  const places = Array.from({ length: count }, (_, at) => (first + at * stride) % exchanges.length);
  return [...new Set(places)].map((at) => exchanges[at]!);
}
