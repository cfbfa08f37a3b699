/** Loads a module of the library in the middle of synchronous code. @module */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const nothing = (): void => undefined;

/**
 * Evaluates the module at `url`, unless that was done before: `require` and `import` share it. The library has no top-level
 * `await`, so this is possible in all versions of Node.js that it supports; some of them warn of it.
 */
export function loadNow(url: string): void {
  const { emitWarning } = process;
  process.emitWarning = nothing;
  try {
    createRequire(import.meta.url)(fileURLToPath(url));
  } finally {
    process.emitWarning = emitWarning;
  }
}
