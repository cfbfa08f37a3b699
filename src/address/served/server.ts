/** Recognises modules that a development server gives to threads, and how to reach it. @module */

import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { foreignRunner } from '../entry/entry.ts';
import type { Frame } from '../frame.ts';
import type { ServerAddress } from './spec.ts';

const key = 'offloop.vite';

/** Tells this thread and all that it starts from now on how to reach the development servers. */
export function announce(server: ServerAddress): void {
  setEnvironmentData(key, server);
}

/**
 * How to reach the development servers of this process; `undefined` if there are none, without the plugin, and under a
 * test runner, which may stand on such a server but runs modules in ways of its own.
 */
export function serverAddress(): ServerAddress | undefined {
  return foreignRunner() ? undefined : (getEnvironmentData(key) as unknown as ServerAddress | undefined);
}

/**
 * The id of the module that a development server has turned into a text, of which `frame` is code; `undefined` for other
 * code. Vite runs such texts by functions that it makes of them, and names them after the modules.
 */
export function evaluatedModule(frame: Frame): string | undefined {
  if (!frame.isEval() || !serverAddress()) return undefined;
  const name = frame.getScriptNameOrSourceURL?.() ?? '';
  if (name.startsWith(urlPrefix)) return decodeURIComponent(name.slice(urlPrefix.length));
  return isAbsolute(name) || /^(?:\0|virtual:)/.test(name) ? name : undefined;
}

/** Whether the module with the path `file` is run by vite-node: not by Node.js, which knows CommonJS alone by paths. */
export function isServedPath(file: string): boolean {
  return isAbsolute(file) && serverAddress() !== undefined && !createRequire(import.meta.url).cache[file];
}

const urlPrefix = 'vite-id:';

/** A name for the text of the module with the id `id`. V8 ignores names with blanks and quotes, so these are encoded. */
export function sourceName(id: string): string {
  if (!/[\s"']/.test(id)) return id;
  return urlPrefix + encodeURI(id).replaceAll("'", '%27');
}

/** The URL for the module with the id `id` of a server. */
export function servedUrl(id: string): string {
  const [path = id] = id.split('?');
  return isAbsolute(path) ? pathToFileURL(path).href + id.slice(path.length) : `vite:${encodeURIComponent(id)}`;
}
