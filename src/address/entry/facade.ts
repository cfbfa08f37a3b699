/** Looks through entries that do nothing but import the program, as bundlers make them. @module */

import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Longer files are programs themselves. */
const mostBytes = 4096;

/** More facades than stand behind each other. */
const mostFacades = 4;

const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$|^#!.*$/gm;

/** `import 'x'`, `import { a } from 'x'`, `export { a as default } from 'x'`, `export * from 'x'`. */
const imports = /\b(?:import|export)\b\s*(?:[\w\s{},*$]*?\bfrom\s*)?(['"])([^'"\n]+)\1/g;

/** `require('x')`, `module.exports = require('x')`. */
const requires = /(?:\bmodule\.exports\s*=\s*)?\brequire\(\s*(['"])([^'"\n]+)\1\s*\)/g;

/** What bundlers write before: `'use strict'`, `globalThis._importMeta_ = { url: import.meta.url }`. */
const preamble = /(['"])use strict\1|\bglobalThis\.[\w$]+\s*=\s*\{[^{}]*\}/g;

/** The path of the module that the entry at `path` only stands for; `path` itself if it is a program. */
export function behindFacade(path: string): string {
  let at = path;
  for (let left = mostFacades; left > 0; left -= 1) {
    const next = only(at);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** The one relative import of the file at `path`, if the file has nothing but imports. */
function only(path: string): string | undefined {
  try {
    if (statSync(path).size > mostBytes) return undefined;
    const text = readFileSync(path, 'utf8').replaceAll(comments, '');
    const rest = [imports, requires, preamble].reduce((left, pattern) => left.replaceAll(pattern, ''), text);
    if (/[^\s;]/.test(rest)) return undefined;
    const found = [...text.matchAll(imports), ...text.matchAll(requires)].flatMap(([, , from = '']) =>
      from.startsWith('.') ? from : [],
    );
    const [first] = new Set(found);
    return first === undefined || new Set(found).size > 1 ? undefined : createRequire(path).resolve(first);
  } catch {
    return undefined;
  }
}
