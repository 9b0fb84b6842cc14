// What the JavaScript is held to. Run from the root with --config, so that patterns start there.

import js from '@eslint/js';
import globals from 'globals';

/** Mistakes, not taste; each of these has cost somebody an evening. */
const RULES = {
  'array-callback-return': 'error',
  'curly': ['error', 'multi-line'],
  'default-case-last': 'error',
  'eqeqeq': ['error', 'always', { null: 'ignore' }],
  'no-caller': 'error',
  'no-constructor-return': 'error',
  'no-eval': 'error',
  'no-extend-native': 'error',
  'no-implicit-coercion': 'error',
  'no-implicit-globals': 'error',
  'no-implied-eval': 'error',
  'no-lonely-if': 'error',
  'no-new-func': 'error',
  'no-new-wrappers': 'error',
  'no-object-constructor': 'error',
  'no-param-reassign': 'error',
  'no-return-assign': 'error',
  'no-self-compare': 'error',
  'no-sequences': 'error',
  'no-shadow': ['error', { builtinGlobals: false }],
  'no-template-curly-in-string': 'error',
  'no-throw-literal': 'error',
  'no-undef-init': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unneeded-ternary': 'error',
  'no-unreachable-loop': 'error',
  'no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true }],
  'no-unused-vars': ['error', { args: 'after-used', ignoreRestSiblings: true }],
  'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
  'no-useless-computed-key': 'error',
  'no-useless-concat': 'error',
  'no-useless-rename': 'error',
  'no-useless-return': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'operator-assignment': 'error',
  'prefer-arrow-callback': 'error',
  'prefer-const': 'error',
  'prefer-object-spread': 'error',
  'prefer-promise-reject-errors': 'error',
  'prefer-rest-params': 'error',
  'prefer-spread': 'error',
  'radix': 'error',
  'yoda': 'error',

  'eol-last': 'error',
  'no-tabs': 'error',
  'no-trailing-spaces': 'error',
  'quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
  'semi': ['error', 'always'],
};

export default [
  { ignores: ['build/**', '**/node_modules/**', 'wasm/dist/**'] },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { ...js.configs.recommended.rules, ...RULES },
  },
  {
    files: ['web/**', 'wasm/**', 'tools/sequence/**'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['web/**', 'wasm/*.js'],
    ignores: ['web/examples/node-bot/**'],
    rules: { 'no-console': ['error', { allow: ['warn', 'error'] }] },
  },
  {
    files: ['tools/**', 'tests/**', 'wasm/*.mjs', 'wasm/*-node.js', 'web/examples/**/*.mjs'],
    ignores: ['tools/sequence/**'],
    languageOptions: { globals: globals.nodeBuiltin },
  },
  {
    // Functions handed to page.evaluate() run in the browser.
    files: ['tests/browser/**', 'tests/package/**'],
    languageOptions: { globals: globals.browser },
  },
];
