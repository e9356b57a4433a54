import type { ConversationEvent, Feedback, Turn } from '@watchkeeper/domain';
import type { Conversation } from './conversation';
import { Dice } from './dice';
import { COMPLAINTS, REPORTED_SCENE } from './texts';

const SECOND_MS = 1_000;
const THUMB_SHARE = 0.5;
const COMMENT_SHARE = 0.6;

export function turnIdOf(conversationId: string, seq: number): string {
  return `${conversationId}-t${seq}`;
}

/** The conversation as a product's backend posts it: its turns, then what the user thought of it. */
export function eventsOf(conversation: Conversation): ConversationEvent[] {
  const dice = new Dice(`turns ${conversation.id}`);
  const { id: conversationId, userId, surface, language } = conversation;
  let saidAtMs = conversation.startsAtMs;
  const turns = conversation.lines.map(({ role, text }, seq): Turn => {
    // A model answers in seconds; a user reads and types.
    saidAtMs += role === 'assistant' ? dice.whole(2, 6) * SECOND_MS : dice.whole(8, 50) * SECOND_MS;
    return {
      type: 'turn',
      id: turnIdOf(conversationId, seq),
      conversationId,
      seq,
      role,
      text,
      userId,
      saidAt: new Date(saidAtMs).toISOString(),
      ...(seq > 0 && { inReplyTo: turnIdOf(conversationId, seq - 1) }),
      ...(role === 'assistant' && { model: conversation.model.ref }),
      surface,
      language,
    };
  });
  return [...turns, ...feedbackOn(conversation, { dice, saidAt: new Date(saidAtMs + 20 * SECOND_MS).toISOString() })];
}

/** The longest a conversation of the sample lasts, with what the user thought of it. */
export const LASTS_MS_MAX = 10 * 60 * SECOND_MS;

function feedbackOn(conversation: Conversation, { dice, saidAt }: { dice: Dice; saidAt: string }): Feedback[] {
  const { id: conversationId, userId, lines, scene } = conversation;
  const last = lines.findLastIndex(({ role }) => role === 'assistant');
  const about = { type: 'feedback', conversationId, turnId: turnIdOf(conversationId, last), userId, saidAt } as const;
  if (scene === REPORTED_SCENE) {
    return [{ ...about, id: `${conversationId}-f0`, kind: 'report', reason: 'The assistant insulted me.' }];
  }
  if (scene !== undefined || !dice.isBelow(THUMB_SHARE)) return [];
  const isDown = lines.some(({ isMadeUp }) => isMadeUp) ? dice.isBelow(0.75) : dice.isBelow(0.08);
  const comment = isDown && dice.isBelow(COMMENT_SHARE) ? dice.pick(COMPLAINTS[conversation.language]) : undefined;
  return [
    {
      ...about,
      id: `${conversationId}-f0`,
      kind: 'thumb',
      value: isDown ? -1 : 1,
      ...(comment !== undefined && { comment }),
    },
  ];
}
