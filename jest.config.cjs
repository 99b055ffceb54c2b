// One project per kind of test, so that `--selectProjects parity` runs one kind alone.
const names = ['unit', 'parity', 'network', 'interop', 'lifecycle', 'hostile', 'endpoint', 'examples', 'docs', 'browser', 'package'];

/** @type {import('jest').Config} */
module.exports = {
  testTimeout: 20_000,
  projects: names.map((name) => ({
    displayName: name,
    testEnvironment: 'node',
    testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    // Types are checked once for everything by `npm run check:types`.
    transform: { '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.check.json', diagnostics: false }] },
    modulePathIgnorePatterns: ['<rootDir>/(dist|build|prebuilds)'],
  })),
};
