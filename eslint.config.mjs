import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The sizes at which a file or function is split.
 *
 * @type {import('eslint').Linter.RulesRecord}
 */
const sizes = {
  'max-depth': ['error', 4],
  'max-params': ['error', 5],
  'max-lines': ['error', 450],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
};

/** @type {import('eslint').Linter.RulesRecord} */
const core = {
  curly: ['error', 'multi-line'],
  eqeqeq: 'error',
  'no-self-compare': 'error',
  'no-shadow-restricted-names': 'error',
  'no-unreachable': 'error',
  'no-useless-escape': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'prefer-template': 'error',
};

export default defineConfig(
  { ignores: ['dist/', 'build*/', 'prebuilds/', 'coverage/', 'docs/reference/', 'artifacts/'] },
  {
    files: ['**/*.{ts,js,mjs,cjs}'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { ...core, ...sizes },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Qt's enums have aliases, and an alias says so.
      '@typescript-eslint/prefer-literal-enum-member': 'off',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSParameterProperty', message: 'Declare the field, with #.' },
      ],
    },
  },
  {
    // The one place where a value of unknown type becomes the declared native surface.
    files: ['lib/internal/native.ts'],
    rules: { '@typescript-eslint/consistent-type-assertions': 'off' },
  },
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/cli/**'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': ['error', 600],
      'max-lines-per-function': 'off',
      // Listeners that throw what is no Error are a subject of the tests.
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
);
