/** Work that takes milliseconds, in the calling thread. @module */

import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

/** Counts the primes below `limit`. */
export function countPrimes(limit) {
  let count = 0;
  for (let n = 2; n < limit; n += 1) if (isPrime(n)) count += 1;
  return count;
}

function isPrime(n) {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
  return true;
}

/** Reads `length` bytes of a file, hashes and compresses them: gives the hash, and how many bytes are left. */
export function digestPart(path, offset, length) {
  const bytes = Buffer.allocUnsafe(length);
  const file = openSync(path, 'r');
  const read = readSync(file, bytes, 0, length, offset);
  closeSync(file);
  const part = bytes.subarray(0, read);
  return {
    sha256: createHash('sha256').update(part).digest('hex'),
    compressed: deflateRawSync(part, { level: 1 }).length,
  };
}

/** Loads when it is asked: rows about start-up load this module, and are not about a parser. */
const require = createRequire(import.meta.url);

/** A JavaScript program of some thousand lines that is always installed: the parser itself. */
export const programFile = () => fileURLToPath(import.meta.resolve('acorn'));

/** Reads and parses a JavaScript module; gives how many nodes of each type it has. */
export function countNodes(path) {
  const { parse } = require('acorn');
  const counts = {};
  const pending = [parse(readFileSync(path, 'utf8'), { ecmaVersion: 'latest', sourceType: 'module' })];
  for (let node; (node = pending.pop());) {
    if (typeof node.type === 'string') counts[node.type] = (counts[node.type] ?? 0) + 1;
    for (const value of Object.values(node)) if (typeof value === 'object' && value !== null) pending.push(value);
  }
  return counts;
}
