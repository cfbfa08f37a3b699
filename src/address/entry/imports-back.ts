/** Whether a module imports the program's entry, directly or through others. @module */

import { readFileSync } from 'node:fs';
import { URL } from 'node:url';
import { canonical, pathOf } from '../file-url.ts';

const specifiers = /\b(?:from|import|require)\s*\(?\s*(?:'(\.[^'\n]*)'|"(\.[^"\n]*)")/g;
const extensions = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.tsx', '/index.js', '/index.ts'];

/** More files than a program has between a wrapped function and its entry, yet few enough to read in milliseconds. */
const mostFiles = 500;

/**
 * Searches relative imports by their text. A match in a string or comment may count as one, at the price of a needless
 * guard. Packages are not searched, since they do not import the programs that use them.
 */
export function importsBack(url: string, entry: string): boolean {
  const target = canonical(entry);
  const seen = new Set<string>();
  const queue = [url.replace(/[?#].*$/, '')];
  for (let next = queue.pop(); next !== undefined && seen.size < mostFiles; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const [, single, double] of (read(next) ?? '').matchAll(specifiers)) {
      const found = resolve(single ?? double ?? '', next);
      if (found && canonical(found) === target) return true;
      if (found) queue.push(found);
    }
  }
  return false;
}

function resolve(specifier: string, from: string): string | undefined {
  const { href } = new URL(specifier.replace(/[?#].*$/, ''), from);
  // A TypeScript file may be imported by the name of the JavaScript file that is made from it.
  const names = [...extensions.map((extension) => href + extension), href.replace(/\.([cm]?)js$/, '.$1ts')];
  return names.find((name) => read(name) !== undefined);
}

function read(url: string): string | undefined {
  try {
    return readFileSync(pathOf(url) ?? '', 'utf8');
  } catch {
    return undefined;
  }
}
