import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import secureJson from 'secure-json-parse';
import { problems } from './problem';

const gunzipAsync = promisify(gunzip);
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

export interface BodyLimits {
  /** After decompression. */
  readonly bytesMax: number;
  /** Arrays and objects inside each other. */
  readonly depthMax: number;
}

/** The bytes of a body as text: decompressed within the limit, UTF-8 checked. */
export async function textOf(body: unknown, encoding: string | undefined, limits: BodyLimits): Promise<string> {
  if (!Buffer.isBuffer(body) || body.length === 0) throw problems.malformed('the body is empty');
  const bytes = await decompressed(body, encoding, limits);
  if (bytes.length > limits.bytesMax) throw problems.tooLarge(`a body may have at most ${limits.bytesMax} bytes`);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw problems.malformed(`the body is not UTF-8 (${cause instanceof Error ? cause.name : 'unknown'})`);
  }
}

async function decompressed(body: Buffer, encoding: string | undefined, limits: BodyLimits): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip') throw problems.unsupported('the only content-encoding taken is gzip');
  try {
    return await gunzipAsync(body, { maxOutputLength: limits.bytesMax });
  } catch (error) {
    // By its code: an error of Node's own may be of another realm.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw problems.tooLarge(`a body may have at most ${limits.bytesMax} bytes after decompression`);
    }
    throw problems.malformed('the body is not gzip, though content-encoding says so');
  }
}

/** JSON without `__proto__` and bounded in depth. Throws 400 with the place, never with the content. */
export function parseJson(text: string, limits: BodyLimits, where = 'the body'): unknown {
  let value: unknown;
  try {
    value = secureJson.parse(text, null, { protoAction: 'error', constructorAction: 'error' });
  } catch (error) {
    const isForbidden = error instanceof SyntaxError && error.message.includes('forbidden');
    throw problems.malformed(
      isForbidden
        ? `${where} holds a forbidden key: __proto__ or constructor.prototype`
        : `${where} is not JSON${placeOf(error)}`,
    );
  }
  if (isDeeperThan(value, limits.depthMax)) {
    throw problems.invalid(`${where} is nested deeper than ${limits.depthMax} levels`);
  }
  return value;
}

// V8's message quotes the text: only the position in it may leave the house.
function placeOf(error: unknown): string {
  const place = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return place === undefined ? '' : ` (at character ${place})`;
}

/** Level by level, without recursion: a body may be 100,000 arrays deep. */
function isDeeperThan(value: unknown, depthMax: number): boolean {
  let level: object[] = isNode(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > depthMax) return true;
    level = level.flatMap((node) => Object.values(node).filter(isNode));
  }
  return false;
}

function isNode(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
