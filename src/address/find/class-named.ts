/** Finds the class of an error, by its name, where a wrapped function was written. @module */

import { createRequire } from 'node:module';
import { isOtherRuntime } from '../../base/runtime.ts';
import { scopeValue } from '../scopes/captures.ts';
import { pathOf } from '../file-url.ts';
import type { Definition } from '../registry.ts';

/**
 * What `name` means to the function of `definition`: a variable that it closes over, or an export of its module, which
 * is found where no debugger can look into scopes, too. `undefined` if neither is known.
 */
export function classNamed({ source, record }: Definition, name: string): unknown {
  return scopeValue(source, name) ?? (record && exportOf(record.url, name));
}

function exportOf(url: string, name: string): unknown {
  const path = /[?#]/.test(url) ? undefined : pathOf(url);
  if (path === undefined) return undefined;
  try {
    const require = createRequire(url);
    // Bun and Deno give an ES module that is loaded, under the very path; Node.js may load another instance.
    const exports: unknown = isOtherRuntime ? require(path) : require.cache[path]?.exports;
    return (Object(exports) as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}
