const { readFileSync } = require('node:fs');

const swc = JSON.parse(readFileSync('.swcrc', 'utf8'));
// Jest resolves the aliases itself; swc must leave them alone.
const jsc = { ...swc.jsc, paths: undefined, baseUrl: undefined };

const moduleNameMapper = {
  '^@watchkeeper/app-([^/]+)/(.*)$': '<rootDir>/apps/$1/src/$2',
  '^@watchkeeper/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
  '^@watchkeeper/([^/]+)/(.*)$': '<rootDir>/libs/$1/src/$2',
};

const project = (displayName, roots, testRegex) => ({
  displayName,
  rootDir: __dirname,
  roots: roots.map((root) => `<rootDir>/${root}`),
  testRegex,
  testEnvironment: 'node',
  moduleNameMapper,
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, jsc }] },
});

module.exports = {
  testTimeout: 60_000,
  maxWorkers: 2,
  projects: [
    project('unit', ['apps', 'libs'], '\\.spec\\.ts$'),
    project('contracts', ['test/contracts'], '\\.contract-spec\\.ts$'),
    project('e2e', ['test/e2e'], '\\.e2e-spec\\.ts$'),
    project('tour', ['test/tour'], '\\.tour-spec\\.ts$'),
  ],
};
