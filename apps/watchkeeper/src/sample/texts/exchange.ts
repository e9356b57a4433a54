/** A question, an answer that holds, and one that sounds as sure and is made up. */
export type Exchange = readonly [ask: string, answer: string, madeUp: string];
