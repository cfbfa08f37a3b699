/** Under which sources a module imports the library. @module */

import { expect, test } from 'vitest';
import { librarySource } from '../../../src/address/view/library-source.ts';

const libraries = ['offloop', 'file:///a%20b/lib/index.js', 'file:///a%20b/lib/index.cjs'];

test.each([
  ['module', 'offloop', true],
  ['module', 'file:///a%20b/lib/index.js', true],
  ['module', '../lib/index.js', true],
  ['module', './../x/../lib/index.js', true],
  ['module', '/a%20b/lib/index.js', true],
  ['module', '../lib/other.js', false],
  ['module', 'lib/index.js', false],
  ['commonjs', '../lib/index.cjs', true],
  ['commonjs', '/a b/lib/index.cjs', true],
  // A path is no URL.
  ['commonjs', '/a%20b/lib/index.cjs', false],
  ['commonjs', 'index.cjs', false],
] as const)('of a module of the kind %s, %s: %s', (format, source, isLibrary) => {
  const url = 'file:///a%20b/out/main.js';

  expect(librarySource({ libraries, format, url })(source)).toBe(isLibrary);
});

test('a module whose file is not known imports the library by its name and its URL only', () => {
  const isLibrary = librarySource({ libraries, format: 'module' });

  expect(['offloop', libraries[1] as string, '../lib/index.js'].map(isLibrary)).toEqual([true, true, false]);
});
