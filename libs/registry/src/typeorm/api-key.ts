import { randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { sha256 } from '@watchkeeper/domain';

/**
 * API keys: `wk_live_<key id, 12>_<random, 43><checksum, 6>`, all base62.
 * The prefix lets a secret scanner find a key that leaked; the checksum lets us refuse a mistyped or made-up one
 * without asking the database. 43 random characters are 256 bits, so one round of SHA-256 is all the hash it needs.
 */
const PREFIX = 'wk_live_';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 12;
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const KEY = /^wk_live_([0-9A-Za-z]{12})_[0-9A-Za-z]{43}([0-9A-Za-z]{6})$/;

export interface ApiKey {
  readonly keyId: string;
  readonly key: string;
  /** SHA-256 of the key in hex: all that is stored of it. */
  readonly hash: string;
}

/** A new key. It is shown once. */
export function newApiKey(keyId = randomBase62(ID_LENGTH)): ApiKey {
  const body = `${PREFIX}${keyId}_${randomBase62(RANDOM_LENGTH)}`;
  const key = body + checksum(body);
  return { keyId, key, hash: sha256(key) };
}

/** The key id and the hash of something presented as a key; undefined when it is none of ours. Asks nobody. */
export function readApiKey(presented: string): ApiKey | undefined {
  const match = KEY.exec(presented);
  const body = presented.slice(0, -CHECKSUM_LENGTH);
  if (match?.[1] === undefined || match[2] !== checksum(body)) return undefined;
  return { keyId: match[1], key: presented, hash: sha256(presented) };
}

/** Compares two SHA-256 in hex in a time that says nothing of where they differ. */
export function isSameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Base62 characters, each equally likely. */
export function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    // 248 is the largest multiple of 62 in a byte: what lies above would favour the first characters.
    for (const byte of randomBytes(length)) if (byte < 248 && text.length < length) text += BASE62[byte % 62];
  }
  return text;
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    text = BASE62[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
