import type { Classification } from '@watchkeeper/domain';

/** A text on its way to its answer. */
export interface QueuedText {
  readonly text: string;
  readonly roleToken: number;
  readonly settle: (classification: Classification) => void;
  /** When it came, ms of the monotonic clock. */
  readonly queuedAtMs: number;
  /** Shared by the texts of a lost batch while each is run again alone: how many of them were lost again. */
  isolation?: { losses: number };
}

/** First in, first out, without moving what is left at every take. */
export class TextQueue {
  private texts: QueuedText[] = [];
  private head = 0;
  private waitingLength = 0;

  get size(): number {
    return this.texts.length - this.head;
  }

  /** Code units of all waiting texts. */
  get length(): number {
    return this.waitingLength;
  }

  get first(): QueuedText | undefined {
    return this.texts[this.head];
  }

  push(text: QueuedText): void {
    this.texts.push(text);
    this.waitingLength += text.text.length;
  }

  /** Puts texts back before all others, in their order. */
  putBack(texts: readonly QueuedText[]): void {
    this.texts = [...texts, ...this.texts.slice(this.head)];
    this.head = 0;
    for (const { text } of texts) this.waitingLength += text.length;
  }

  /** At least one text if there is one, then as many as the bounds allow. */
  take(countMax: number, lengthMax = Number.POSITIVE_INFINITY): QueuedText[] {
    let end = this.head;
    let length = 0;
    for (const most = Math.min(this.texts.length, end + countMax); end < most; end++) {
      const next = this.texts[end]?.text.length ?? 0;
      if (end > this.head && length + next > lengthMax) break;
      length += next;
    }
    const taken = this.texts.slice(this.head, end);
    this.head = end;
    this.waitingLength -= length;
    if (this.head === this.texts.length) {
      this.texts = [];
      this.head = 0;
    } else if (this.head > 1_024) {
      this.texts = this.texts.slice(this.head);
      this.head = 0;
    }
    return taken;
  }
}
