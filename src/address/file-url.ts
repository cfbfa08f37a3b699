/** File URLs: compares, changes and prints them. @module */

import { realpathSync } from 'node:fs';
import { isAbsolute, parse, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The path of a file URL without its query; `undefined` for other URLs. */
export function pathOf(url: string): string | undefined {
  return url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : undefined;
}

/**
 * A path that is the same for all URLs and paths of one file: without query, links resolved, on Windows in lower case.
 */
export function canonical(urlOrPath: string): string {
  const path = urlOrPath.startsWith('file:') ? pathOf(urlOrPath) : urlOrPath;
  const real = realPath(path ?? urlOrPath);
  return process.platform === 'win32' ? real.toLowerCase() : real;
}

/** The URL by which Node.js knows the file at `url`: links resolved, the query kept. */
export function realUrl(url: string): string {
  const path = pathOf(url);
  if (path === undefined) return url;
  const real = realPath(path);
  return real === path ? url : pathToFileURL(real).href + url.slice(url.search(/[?#]|$/));
}

/** `url` with one more item in its query. */
export function withQuery(url: string, item: string): string {
  const [, address = url, hash = ''] = /^([^#]*)(#.*)?$/s.exec(url) ?? [];
  return `${address}${address.includes('?') ? '&' : '?'}${item}${hash}`;
}

/** The name of a module in messages: its path, relative if it is below the working directory. */
export function shortName(urlOrPath: string): string {
  const path = isAbsolute(urlOrPath) ? urlOrPath : pathOf(urlOrPath);
  if (path === undefined) return urlOrPath.length > 80 ? `${urlOrPath.slice(0, 80)}…` : urlOrPath;
  const below = relative(workingDirectory(), path);
  return below === '' || below.startsWith('..') ? path : below;
}

/** The working directory, or the root of the file system if the working directory was removed. */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return parse(process.execPath).root;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
