/** Which code a module is. @module */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf } from '../../src/fleet/code/code.ts';
import { importsOf } from '../../src/fleet/code/imports-of.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offloop-code-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = {
  'one/package.json': '{ "name": "shop", "version": "1.0.0" }',
  'one/src/jobs.mjs': `import { a } from './parts/a.mjs';\nimport left from 'left';\nexport const x = a;`,
  'one/src/parts/a.mjs': `import './b.js';\nexport const a = 1;`,
  'one/src/parts/b.ts': `export {};`,
  'one/src/other.mjs': `export const other = 1;`,
  'one/node_modules/left/package.json': '{ "name": "left", "version": "3.0.0" }',
};

function write(all: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const code = (at = 'one'): ReturnType<typeof codeOf> => codeOf(pathToFileURL(join(folder, at, 'src/jobs.mjs')).href);

describe('the code of a module', () => {
  test('is named by its package, and is the same in another folder', () => {
    write(files);
    cpSync(join(folder, 'one'), join(folder, 'deep/down/two'), { recursive: true });

    expect(code().module).toBe('shop/src/jobs.mjs');
    expect(code('deep/down/two')).toEqual(code());
  });

  test.each([
    ['its text', { 'one/src/jobs.mjs': `import './parts/a.mjs';` }],
    ['a file that it imports', { 'one/src/parts/a.mjs': `import './b.js';\nexport const a = 2;` }],
    ['a file that an import imports, written in TypeScript', { 'one/src/parts/b.ts': `export const b = 1;` }],
    ['the version of a package', { 'one/node_modules/left/package.json': '{ "name": "left", "version": "3.0.1" }' }],
    ['the name of its package', { 'one/package.json': '{ "name": "store", "version": "1.0.0" }' }],
  ])('changes with %s', (_, change) => {
    write(files);
    const before = code();

    write(change);
    expect(code().hash).not.toBe(before.hash);
  });

  test('does not change with a file that it does not import', () => {
    write(files);
    const before = code();

    write({ 'one/src/other.mjs': 'export const other = 2;' });
    expect(code()).toEqual(before);
  });

  test('is refused where there is no file', () => {
    expect(() => codeOf('data:text/javascript,0')).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_NO_MODULE' }));
    expect(() => code('none')).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_NO_MODULE' }));
  });

  test('knows every form of import', () => {
    const name = fc.stringMatching(/^[a-z@./#][a-z@./#-]{0,20}$/);
    const form = fc.constantFrom(
      (it: string) => `import x from '${it}';`,
      (it: string) => `import "${it}"`,
      (it: string) => `export * from '${it}'`,
      (it: string) => `const m = await import('${it}')`,
      (it: string) => `import(/* webpackIgnore */ "${it}")`,
      (it: string) => `const { a } = require('${it}')`,
      (it: string) => `import {\n  a,\n  b,\n} from '${it}'`,
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, form)), (imports) => {
        const text = imports.map(([it, write]) => write(it)).join('\n');
        expect(importsOf(text)).toEqual([...new Set(imports.map(([it]) => it))]);
      }),
    );
  });
});
