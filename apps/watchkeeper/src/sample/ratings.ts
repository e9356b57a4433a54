import type { Evaluation } from '@watchkeeper/domain';
import type { Conversation } from './conversation';
import { Dice } from './dice';
import { turnIdOf } from './turns';

const RATERS = ['r-ada', 'r-ben', 'r-cem'] as const;
const HOUR_MS = 3_600_000;
/** How often a rater sees it otherwise than it was written. */
const SLIP_SHARE = 0.05;
/** An answer may be wrong without being made up. */
const INACCURATE_SHARE = 0.06;
/** In the week that runs, raters have got to a third of the conversations so far. */
const RATED_SHARE_THIS_WEEK = 1 / 3;

/** What raters said of a conversation: two or three of each answer, three of the whole. */
export function ratingsOf(conversation: Conversation, isThisWeek: boolean): Evaluation[] {
  const dice = new Dice(`ratings ${conversation.id}`);
  if (isThisWeek && !dice.isBelow(RATED_SHARE_THIS_WEEK)) return [];
  const ratedAt = new Date(conversation.startsAtMs + dice.whole(2, 9) * HOUR_MS).toISOString();
  const common = { conversationId: conversation.id, ratedAt };
  const answers = conversation.lines.flatMap((line, seq) => (line.role === 'assistant' ? [{ ...line, seq }] : []));
  const ofTurns = answers.flatMap(({ seq, isMadeUp }) => {
    const turnId = turnIdOf(conversation.id, seq);
    const isWrong = isMadeUp || dice.isBelow(INACCURATE_SHARE);
    return ratersOf(dice).flatMap((raterId) => [
      { ...common, id: `${turnId}-a-${raterId}`, turnId, raterId, question: 'accuracy', value: seen(!isWrong, dice) },
      {
        ...common,
        id: `${turnId}-h-${raterId}`,
        turnId,
        raterId,
        question: 'hallucination',
        value: seen(isMadeUp, dice),
      },
    ]);
  });
  const madeUp = answers.filter(({ isMadeUp }) => isMadeUp).length;
  const ofTheWhole = RATERS.map((raterId) => ({
    ...common,
    id: `${conversation.id}-s-${raterId}`,
    raterId,
    question: 'satisfaction',
    value: satisfaction(conversation, madeUp / Math.max(1, answers.length), dice),
  }));
  return [...ofTurns, ...ofTheWhole];
}

function ratersOf(dice: Dice): readonly string[] {
  if (dice.isBelow(0.6)) return RATERS;
  const absent = dice.pick(RATERS);
  return RATERS.filter((rater) => rater !== absent);
}

function seen(truth: boolean, dice: Dice): boolean {
  return dice.isBelow(SLIP_SHARE) ? !truth : truth;
}

function satisfaction(conversation: Conversation, madeUpShare: number, dice: Dice): number {
  const start = conversation.scene === undefined ? 4.6 : 3.2;
  return Math.min(5, Math.max(1, Math.round(start - 2.5 * madeUpShare + 1.6 * (dice.next() - 0.5))));
}
