import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';
import { ownElements } from './tests/boundaries/own-elements.js';

const services = '{auth,events,tickets,orders,payments,expiration,admissions}';
const tests = ['{,local/}*/test/**/*.ts', 'tests/**/*.ts', '**/*.test.ts'];
/** Programs that a person runs: they read the environment and print. */
const programs = [
  '*/src/main.ts',
  'local/**/*.ts',
  'operations/**/*.ts',
  'nats-tests/**/*.ts',
  'tests/**/*.ts',
  'infra/**/*.ts',
  '*.config.{ts,js}',
];

const readsEnvironment = 'main.ts alone reads the environment; everything else is handed its configuration.';
const defaultConnection =
  'The default connection is shared by all services of the process: use the one handed in.';

const environment = { object: 'process', property: 'env', message: readsEnvironment };
const defaultConnections = ['connect', 'connection', 'model'].map((property) => ({
  object: 'mongoose',
  property,
  message: defaultConnection,
}));
const shape = [
  { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file itself.' },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
];
const chance = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: 'The time is an argument of a rule.',
  },
  {
    selector: 'MemberExpression[object.name="Date"][property.name="now"]',
    message: 'The time is an argument of a rule.',
  },
  {
    selector: 'MemberExpression[object.name="Math"][property.name="random"]',
    message: 'Chance is an argument of a rule.',
  },
  { selector: 'MemberExpression[object.name="crypto"]', message: 'Ids and chance are arguments of a rule.' },
];

export default defineConfig(
  globalIgnores(['**/dist/', '**/coverage/', '.local/', '**/.next/', '**/next-env.d.ts']),
  js.configs.recommended,
  { languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'no-undef': 'off', // TypeScript's own task
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],

      // Small functional code says these in its own way.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off', // `() => close()` reads well whatever close returns
      '@typescript-eslint/no-empty-function': 'off', // `catch(() => {})` and neutral ports
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/require-await': 'off', // `async` keeps a port's promise, and turns a throw into a rejection
      '@typescript-eslint/no-unnecessary-type-parameters': 'off', // a type parameter names what a generic port carries
      '@typescript-eslint/consistent-type-definitions': 'off', // an alias where a type is derived, an interface where it is stated
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off', // it asks for the `!` that another rule forbids
      '@typescript-eslint/dot-notation': 'off', // index signatures of the environment and of raw documents
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off', // its fix was seen to break the build: `(body as { version?: unknown } | null)?.version`
      '@typescript-eslint/unbound-method': 'off', // ports and commands are objects without `this`, made to be taken apart
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', package: 'mongodb', name: 'createIndex' }] },
      ],
      '@typescript-eslint/no-invalid-void-type': 'off', // `Promise<Rejection | void>` is what a command without a result returns
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true, boolean: true } },
      ],

      'no-console': 'error',
      'no-restricted-properties': ['error', environment, ...defaultConnections],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:process', message: 'Take what is needed from main.ts as an argument.' },
            { name: '@ticketing/common', message: 'There is no barrel: import @ticketing/common/<path>.' },
            { name: 'mongoose', importNames: ['connect', 'connection', 'model'], message: defaultConnection },
          ],
          patterns: [
            {
              regex: '^@ticketing/[^/]+/(src|dist)/',
              message: 'Import @ticketing/<package>/<path>, as its exports say.',
            },
            {
              regex: '(^|/)\\.\\./(?!\\.\\./)[^/]+/(src|test)/',
              message: 'Packages import each other by @ticketing/<package>/<path>.',
            },
          ],
        },
      ],
      'no-restricted-syntax': ['error', ...shape],
    },
  },
  {
    files: [`${services}/src/**/*.ts`],
    ignores: ['*/src/main.ts'],
    rules: {
      'no-restricted-properties': ['error', ...defaultConnections],
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Several services share a process: only main.ts and the host touch it.' },
      ],
    },
  },
  {
    files: ['*/src/domain.ts', '*/src/domain/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...shape, ...chance] },
  },
  {
    files: programs,
    rules: { 'no-console': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: tests,
    rules: {
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off', // a missing value fails the test as well
      '@typescript-eslint/restrict-template-expressions': 'off', // failure messages
      '@typescript-eslint/no-unsafe-assignment': 'off', // bodies of replies, and expect.any()
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Next finds pages by their default export, and each file of it reads its own part of the environment.
    files: ['client/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    plugins: { translated: { rules: { 'own-elements': ownElements } } },
    rules: {
      'translated/own-elements': 'error',
      'no-restricted-syntax': 'off',
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ['client/public/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'self',
          'caches',
          'fetch',
          'URL',
          'document',
          'location',
          'localStorage',
          'navigator',
          'addEventListener',
          'AbortSignal',
          'setTimeout',
          'setInterval',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  { files: ['**/*.config.ts', 'tests/setup/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/*.cjs'], languageOptions: { globals: { module: 'writable', require: 'readonly' } } },
);
