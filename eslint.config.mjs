import js from '@eslint/js';
import globals from 'globals';

const rules = {
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
  'no-var': 'error',
  'prefer-const': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-throw-literal': 'error',
  'no-implicit-coercion': ['error', { boolean: false }],
  'no-promise-executor-return': 'off',
  'no-self-compare': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable-loop': 'error',
  'no-useless-return': 'error',
  'object-shorthand': 'error',
  'prefer-object-has-own': 'error',
};

export default [
  { ignores: ['build*/', 'coverage/', '**/node_modules/'] },
  js.configs.recommended,
  { rules, linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.js'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'commonjs', globals: globals.node },
    rules: { strict: ['error', 'global'] },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: globals.node },
  },
  {
    files: ['test/**/*.js'],
    languageOptions: { globals: globals.jest },
  },
  {
    // What a page loads, and the tests that run it there.
    files: [
      'lib/client/**',
      'lib/console/**',
      'lib/hub/client/**',
      'examples/lib/dashboard/page/**',
      'test/browser/**',
    ],
    languageOptions: { globals: globals.browser },
  },
];
