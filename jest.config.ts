import type { Config } from 'jest';

/** What every test needs: TypeScript by swc, ESM, and the workspace's packages from their source. */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        // `esnext` and `verbatimModuleSyntax`: only types are taken out, as Node itself does when it runs the source.
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'esnext',
          transform: { verbatimModuleSyntax: true },
        },
      },
    ],
  },
  globalSetup: '<rootDir>/tests/setup/mongo.ts',
  globalTeardown: '<rootDir>/tests/setup/teardown.ts',
  modulePathIgnorePatterns: ['<rootDir>/[^/]+/(dist|\\.next)/', '<rootDir>/\\.local/'],
} satisfies Config;

export default {
  // Half of what they do is waiting: for a hold to end, a browser, an engine.
  maxWorkers: 3,
  reporters: ['default', '<rootDir>/tests/setup/tally.ts'],
  // Of a machine that is busy with much else.
  testTimeout: 600_000,
  forceExit: false,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{,local/}*/test/**/*.test.ts'] },
    { ...shared, displayName: 'suite', testMatch: ['<rootDir>/tests/**/*.test.ts'] },
  ],
} satisfies Config;
