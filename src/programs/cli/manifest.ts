/** The package's own `package.json`. @module */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The path of `package.json`, resolved by the package's own name, so that sources and build both find it. */
export function manifestPath(): string {
  return createRequire(import.meta.url).resolve('offloop/package.json');
}

/** The version of the package. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(manifestPath(), 'utf8')) as { version: string };
  return manifest.version;
}
