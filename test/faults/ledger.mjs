// What was sent and what was answered, on disk before anything else happens: the only witness the checker believes.
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Answers: `ok` (acknowledged), `fail` (definitely refused), `info` (nobody knows; may or may not exist). */
export class Ledger {
  #file;

  constructor(path) {
    this.#file = openSync(path, 'a');
  }

  sent(items) {
    this.#write(items.map((item) => ({ step: 'sent', ...item })));
  }

  answered(ids, answer) {
    this.#write(ids.map((id) => ({ step: 'answered', id, answer })));
  }

  close() {
    closeSync(this.#file);
  }

  #write(lines) {
    writeSync(this.#file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    fdatasyncSync(this.#file);
  }
}

/** By id: what was sent and the best that was ever answered. */
export function readLedger(path) {
  const entries = new Map();
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    if (text === '') continue;
    const { step, id, answer, ...item } = JSON.parse(text);
    if (step === 'sent') {
      if (!entries.has(id)) entries.set(id, { id, ...item, answer: 'info' });
    } else if (entries.get(id).answer !== 'ok') {
      entries.get(id).answer = answer;
    }
  }
  return entries;
}
