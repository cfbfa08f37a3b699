/** The package's own `package.json`. @module */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Where it is. Resolved by the package's own name, so it is found from the sources and from the build alike. */
export function manifestPath(): string {
  return createRequire(import.meta.url).resolve('offloop/package.json');
}

/** The version of the package. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(manifestPath(), 'utf8')) as { version: string };
  return manifest.version;
}
