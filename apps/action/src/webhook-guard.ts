import { lookup } from 'node:dns/promises';
import { IPv4, IPv6, isValid, parse, parseCIDR } from 'ipaddr.js';

/** Where a webhook must never lead: our own house and its neighbours (OWASP API7). */
const FORBIDDEN_RANGES = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/29',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  '::1/128',
  '::ffff:0:0/96',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
  '100::/64',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '::/96',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
].map((range) => parseCIDR(range));

const URL_LENGTH_MAX = 2_048;

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

export interface GuardRules {
  readonly allowHttp: boolean;
  readonly allowPrivate: boolean;
}

/** Where to connect: the address that was checked, so that a name which changes its mind afterwards changes nothing. */
export type CheckedTarget =
  { readonly ok: true; readonly url: URL; readonly address: Address } | { readonly ok: false; readonly reason: string };

/** Is this a place that a webhook may call? Asked when it is set and again before each call. */
export async function checkTarget(
  text: string,
  rules: GuardRules,
  resolve: Resolve = resolveName,
): Promise<CheckedTarget> {
  const url = readUrl(text, rules);
  if (typeof url === 'string') return { ok: false, reason: url };
  const addresses = await addressesOf(url, resolve);
  const [address] = addresses;
  if (!address) return { ok: false, reason: 'the host name cannot be resolved' };
  // One bad address among good ones is enough: the next look-up could give it.
  if (!rules.allowPrivate && !addresses.every(isPublic))
    return { ok: false, reason: 'the host is not a public address' };
  return { ok: true, url, address };
}

/** The URL, or what is wrong with it. */
function readUrl(text: string, { allowHttp, allowPrivate }: GuardRules): URL | string {
  if (text.length > URL_LENGTH_MAX) return `a URL may have at most ${URL_LENGTH_MAX} characters`;
  if (!URL.canParse(text)) return 'not a URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) return 'the URL must begin with https://';
  if (url.username !== '' || url.password !== '') return 'the URL must not hold a user name or a password';
  if (!allowPrivate && !['', '80', '443'].includes(url.port)) return 'the port must be 80 or 443';
  return url;
}

/** The URL parser has already turned decimal, octal and hexadecimal forms into dotted ones. */
async function addressesOf(url: URL, resolve: Resolve): Promise<readonly Address[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isValid(host)) return [{ address: host, family: parse(host).kind() === 'ipv4' ? 4 : 6 }];
  try {
    return await resolve(host);
  } catch {
    return [];
  }
}

function isPublic({ address }: Address): boolean {
  // A zone (fe80::1%eth0) says that it is local.
  if (!isValid(address) || address.includes('%')) return false;
  const parsed = parse(address);
  return !FORBIDDEN_RANGES.some(([range, bits]) => {
    if (parsed instanceof IPv4) return range instanceof IPv4 && parsed.match(range, bits);
    return range instanceof IPv6 && parsed.match(range, bits);
  });
}

async function resolveName(host: string): Promise<readonly Address[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 4 ? 4 : 6 }));
}
