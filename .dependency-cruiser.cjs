/** Who may import whom. The drawing in ARCHITECTURE.md is made from this; this file is what holds it true. */
const ADAPTER = '^libs/[^/]+/src/[^/]+/';
const COMPOSITION = '^apps/watchkeeper/src/|\\.module\\.ts$|^test/|\\.spec\\.ts$';

const HOMES = [
  ['lmdb', 'lmdb', '^libs/(event-log|action-store)/src/lmdb/'],
  ['onnxruntime', 'onnxruntime-node', '^libs/classifier/src/onnx/'],
  ['duckdb', '@duckdb', '^libs/lakehouse/src/'],
  ['postgres', 'typeorm|pg|@electric-sql', '^libs/registry/src/'],
];

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-stands-alone',
      comment: 'Events, verdicts and metrics know no framework, no driver and no other lib. zod is the one exception.',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^libs/domain/', 'node_modules/zod/', '^(node:)?crypto$'] },
    },
    {
      name: 'statistics-stand-alone',
      comment: 'Estimators are pure functions of numbers.',
      severity: 'error',
      from: { path: '^libs/statistics/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/statistics/' },
    },
    {
      name: 'libs-never-import-apps',
      comment: 'Specs beside the code may use the builders of test/fixtures.',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|test)/' },
    },
    {
      name: 'apps-meet-only-on-the-log',
      comment:
        'Services talk through topics and HTTP, never through imports. The command line joins them in one process.',
      severity: 'error',
      from: { path: '^apps/(?!watchkeeper/)([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'adapters-are-chosen-in-the-composition-root',
      comment: 'Feature code sees the port. Only apps/watchkeeper, *.module.ts and tests name an adapter.',
      severity: 'error',
      from: { path: '^apps/', pathNot: COMPOSITION },
      to: { path: ADAPTER, pathNot: '^libs/(domain|platform|lakehouse/src/reports)/' },
    },
    {
      name: 'ports-do-not-know-each-other',
      comment: 'A port lib may import domain and itself. What needs two ports is an app.',
      severity: 'error',
      from: { path: '^libs/(?!domain|statistics)([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/domain/'] },
    },
    {
      name: 'one-door-per-lib',
      comment:
        'From outside, a lib is entered by src/index.ts or by the index of an adapter folder, never by an inner file.',
      severity: 'error',
      from: { path: '^(apps|libs/([^/]+))/' },
      to: {
        path: '^libs/[^/]+/src/',
        pathNot: ['^libs/[^/]+/src/index\\.ts$', '^libs/[^/]+/src/.+/index\\.ts$', '^libs/$2/'],
      },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    ...HOMES.map(([name, packages, home]) => ({
      name: `${name}-has-one-home`,
      comment: 'A driver and its types stay inside their folder.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [home, '\\.spec\\.ts$'] },
      to: { path: `node_modules/(${packages})/` },
    })),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: '(^|/)dist/',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
