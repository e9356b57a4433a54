import { checkTarget, type Address } from './webhook-guard';

const STRICT = { allowHttp: false, allowPrivate: false };
const PUBLIC: Address = { address: '93.184.216.34', family: 4 };

const resolvesTo =
  (...addresses: readonly string[]) =>
  async (): Promise<readonly Address[]> =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('the webhook guard', () => {
  it('lets a public host through and pins the address that it checked', async () => {
    const target = await checkTarget('https://hooks.example.com/in?x=1', STRICT, async () => [PUBLIC]);
    expect(target).toMatchObject({ ok: true, address: PUBLIC });
  });

  it.each([
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'file:///etc/passwd',
    'hooks.example.com',
    '',
    'https://user:secret@hooks.example.com/',
    'https://user@hooks.example.com/',
    'https://hooks.example.com:8443/',
    'https://hooks.example.com:22/',
    `https://hooks.example.com/${'x'.repeat(3_000)}`,
  ])('refuses the URL %s', async (url) => {
    expect(await checkTarget(url, STRICT, async () => [PUBLIC])).toMatchObject({ ok: false });
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://10.1.2.3/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://172.31.255.255/',
    'https://192.0.0.1/',
    'https://192.0.2.1/',
    'https://192.168.1.1/',
    'https://198.19.0.1/',
    'https://198.51.100.1/',
    'https://203.0.113.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::127.0.0.1]/',
    'https://[fc00::1]/',
    'https://[fe80::1]/',
    'https://[ff02::1]/',
    'https://[100::1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::1]/',
    'https://[2001::1]/',
    'https://[2001:db8::1]/',
    'https://[2002:7f00:1::]/',
  ])('refuses the address %s', async (url) => {
    expect(await checkTarget(url, STRICT)).toEqual({ ok: false, reason: 'the host is not a public address' });
  });

  it.each(['https://localhost/', 'https://localhost./', 'https://LOCALHOST/'])('refuses %s', async (url) => {
    expect(await checkTarget(url, STRICT)).toMatchObject({ ok: false });
  });

  it('refuses a name with one bad address among good ones', async () => {
    const mixed = resolvesTo('93.184.216.34', '2606:2800:220:1::1', '10.0.0.1');
    expect(await checkTarget('https://hooks.example.com/', STRICT, mixed)).toMatchObject({ ok: false });
    const zoned = resolvesTo('fe80::1%eth0');
    expect(await checkTarget('https://hooks.example.com/', STRICT, zoned)).toMatchObject({ ok: false });
  });

  it('refuses a name that cannot be resolved', async () => {
    const failing = async (): Promise<readonly Address[]> => Promise.reject(new Error('ENOTFOUND'));
    const expected = { ok: false, reason: 'the host name cannot be resolved' };
    expect(await checkTarget('https://hooks.example.com/', STRICT, failing)).toEqual(expected);
    expect(await checkTarget('https://hooks.example.com/', STRICT, resolvesTo())).toEqual(expected);
  });

  it('lets neighbours through where the settings say so', async () => {
    const open = { allowHttp: true, allowPrivate: true };
    expect(await checkTarget('http://127.0.0.1:9000/', open)).toMatchObject({ ok: true });
    expect(await checkTarget('http://127.0.0.1/', { ...STRICT, allowHttp: true })).toMatchObject({ ok: false });
  });
});
