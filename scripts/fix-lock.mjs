// Some registries lack the packages of other platforms. npm then leaves them out of the lock file, and `npm ci`
// refuses the file wherever they exist. This adds an entry for every exact optional dependency that is missing.
// Run it after each `npm install` (`npm run lock:fix`).
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'package-lock.json';
const SYSTEMS = {
  darwin: 'darwin',
  linux: 'linux',
  linuxmusl: 'linux',
  win32: 'win32',
  windows: 'win32',
  android: 'android',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
};
const PROCESSORS = {
  x64: 'x64',
  amd64: 'x64',
  arm64: 'arm64',
  ia32: 'ia32',
  arm: 'arm',
  armv7: 'arm',
  ppc64: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  mips64el: 'mips64el',
  wasm32: 'wasm32',
};

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const { packages } = lock;

/** As Node resolves it: the nearest node_modules upwards that holds the package. */
function isPresent(from, name) {
  for (let dir = from; ;) {
    if (packages[`${dir && `${dir}/`}node_modules/${name}`]) return true;
    if (!dir) return false;
    const cut = dir.lastIndexOf('/node_modules/');
    dir = cut < 0 ? '' : dir.slice(0, cut);
  }
}

function entryOf(name, version, isDev) {
  const words = name.split('/').at(-1).split(/[-_]/);
  const os = [...new Set(words.flatMap((word) => SYSTEMS[word] ?? []))];
  const cpu = [...new Set(words.flatMap((word) => PROCESSORS[word] ?? []))];
  const isMusl = words.includes('musl') || words.includes('linuxmusl');
  return {
    version,
    optional: true,
    ...(isDev && { dev: true }),
    ...(cpu.length && { cpu }),
    ...(os.length && { os }),
    ...(isMusl && { libc: ['musl'] }),
  };
}

let added = 0;
for (const [place, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isPresent(place, name) || !/^\d/.test(version)) continue;
    packages[`node_modules/${name}`] = entryOf(name, version, entry.dev);
    added++;
  }
}
for (const entry of Object.values(packages)) delete entry.resolved;
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} entries added\n`);
