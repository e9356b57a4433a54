import {
  addWeeks,
  WEEK_MS,
  weekBounds,
  weekOf,
  type ConversationEvent,
  type Evaluation,
  type ModelMetadata,
} from '@watchkeeper/domain';
import { conversationAt, type Conversation, type Slot } from './conversation';
import { SAMPLE_MODELS } from './models';
import { ratingsOf } from './ratings';
import { eventsOf, LASTS_MS_MAX } from './turns';

/**
 * Conversations for the demo, all of our own writing: four ISO weeks up to `now`, three models, two languages, some of
 * it unsafe, most of it rated. Within an hour it is the same to the last byte; later, ids that say another thing are other
 * ids: posting the sample again adds what is new and changes nothing.
 */
const WEEKS = 4;
const CONVERSATIONS_PER_WEEK = 44;
const CONVERSATIONS_THIS_WEEK = 30;
const HOUR_MS = 3_600_000;

/** Turns and feedback in the form of POST /v1/events, in the order in which they were said; none later than `now`. */
export function sampleConversations(now: Date): ConversationEvent[] {
  return conversations(now)
    .flatMap(eventsOf)
    .toSorted((a, b) => (a.saidAt ?? '').localeCompare(b.saidAt ?? ''));
}

/** Ratings in the form of POST /v1/evaluations; none later than `now`, few of the week that runs. */
export function sampleEvaluations(now: Date): Evaluation[] {
  const { startMs } = weekBounds(weekOf(now.getTime()));
  return conversations(now)
    .flatMap((conversation) => ratingsOf(conversation, conversation.startsAtMs >= startMs))
    .filter(({ ratedAt }) => ratedAt !== undefined && Date.parse(ratedAt) <= now.getTime())
    .toSorted((a, b) => (a.ratedAt ?? '').localeCompare(b.ratedAt ?? ''));
}

/** What is known of the models that the conversations were held with. */
export function sampleModels(): ModelMetadata[] {
  return SAMPLE_MODELS.map(({ ref, releasedAt, attributes }) => ({ ...ref, releasedAt, attributes }));
}

function conversations(now: Date): Conversation[] {
  const thisWeek = weekOf(now.getTime());
  const past = Array.from({ length: WEEKS - 1 }, (_, week) => {
    const id = addWeeks(thisWeek, week - (WEEKS - 1));
    return slotsIn({
      prefix: `${id}.w${week}`,
      week,
      fromMs: weekBounds(id).startMs,
      lengthMs: WEEK_MS,
      count: CONVERSATIONS_PER_WEEK,
    });
  });
  return [...past.flat(), ...slotsOfThisWeek(thisWeek, now.getTime())].map(conversationAt);
}

/** Spread over what has passed of the week, to the hour. Within its first hour over that hour's minutes. */
function slotsOfThisWeek(id: string, nowMs: number): Slot[] {
  const fromMs = weekBounds(id).startMs;
  const hours = Math.floor((nowMs - fromMs) / HOUR_MS);
  const lengthMs = hours > 0 ? hours * HOUR_MS : nowMs - fromMs;
  return slotsIn({ prefix: `${id}.${hours}`, week: WEEKS - 1, fromMs, lengthMs, count: CONVERSATIONS_THIS_WEEK });
}

function slotsIn(span: { prefix: string; week: number; fromMs: number; lengthMs: number; count: number }): Slot[] {
  // The last must end before the span does; where the span is shorter than a conversation, they begin before it.
  const room = span.lengthMs - LASTS_MS_MAX;
  return Array.from({ length: span.count }, (_, place) => ({
    id: `${span.prefix}-c${String(place).padStart(2, '0')}`,
    week: span.week,
    place,
    startsAtMs: span.fromMs + Math.min(room, Math.round((room * place) / span.count)),
  }));
}
