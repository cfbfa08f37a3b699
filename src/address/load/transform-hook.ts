/** Loads TypeScript by an installed transformer: hooks for `import` and `require`. @module */

import nodeModule from 'node:module';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pathOf } from '../file-url.ts';
import { registerHooks, registerHooksThread } from './loader-api.ts';
import type { LoadResult } from './loader-api.ts';
import { transformHooksUrl } from '../own-files.ts';
import { findTransform } from './transform.ts';
import type { Transform } from './transform.ts';

/** Installs, in this thread, the transformer that is found from `base`; resolves with whether there is one. */
export async function installTransform(base: string): Promise<boolean> {
  const transform = await findTransform(base);
  if (!transform) return false;
  hookRequire(transform);
  if (registerHooks) {
    registerHooks({
      resolve: (specifier, context, next) => next(probe(specifier, context.parentURL) ?? specifier, context),
      load: (url, context, next) => transformed(url, transform) ?? next(url, context),
    });
  } else {
    registerHooksThread(transformHooksUrl().href, base);
  }
  return true;
}

/** The URL of the TypeScript file that `./x` or `./x.js` means; `undefined` if the specifier needs no correction. */
export function probe(specifier: string, parentUrl: string | undefined): string | undefined {
  if (!/^(?:\.{1,2}(?:\/|$)|file:|\/)/.test(specifier) || !parentUrl?.startsWith('file:')) return undefined;
  // oxlint-disable-next-line no-restricted-globals
  const path = fileURLToPath(new URL(specifier.replace(/[?#].*$/, ''), parentUrl));
  const found = isFile(path) ? undefined : probePath(path);
  return found === undefined ? undefined : pathToFileURL(found).href;
}

/** The module at `url` as JavaScript, if it is TypeScript and not part of a package. */
export function transformed(url: string, transform: Transform): LoadResult | undefined {
  const path = pathOf(url);
  if (path === undefined || !/\.(?:[cm]ts|tsx?)$/.test(path) || isInPackage(path)) return undefined;
  // Without a source, Node.js leaves the module to `require`.
  if (path.endsWith('.cts')) return { format: 'commonjs', source: null, shortCircuit: true };
  return { format: 'module', source: transform(readFileSync(path, 'utf8'), path, 'module'), shortCircuit: true };
}

interface Extensions {
  [extension: string]: ((module: Compiled, path: string) => void) | undefined;
}

interface Compiled {
  _compile(code: string, path: string): void;
}

/** Hooks `require` by its extensions, as all loaders did before there was `registerHooks`. */
function hookRequire(transform: Transform): void {
  const { _extensions: extensions } = nodeModule.Module as unknown as { _extensions: Extensions };
  for (const extension of ['.cts', '.ts', '.tsx']) {
    const before = extensions[extension];
    extensions[extension] = (module, path) => {
      if (isInPackage(path) && before) return before(module, path);
      return module._compile(transform(readFileSync(path, 'utf8'), path, 'commonjs'), path);
    };
  }
}

function probePath(path: string): string | undefined {
  const written = path.replace(/\.(m|c)?js(x)?$/, '.$1ts$2');
  const endings = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '/index.ts', '/index.tsx', '/index.js'];
  return [written, written.replace(/\.ts$/, '.tsx'), ...endings.map((ending) => path + ending)].find(isFile);
}

const isInPackage = (path: string): boolean => /[\\/]node_modules[\\/]/.test(path);

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
