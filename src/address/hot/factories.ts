/** Gets at the modules that the runtime of Turbopack's development server has in this thread. @module */

import { scopeValue } from '../scopes/captures.ts';

/** The functions of the modules, by the ids of these; the runtime replaces them after edits. */
type Modules = Map<string, Function>;

/** Each runtime puts here, under its path, the function that takes edits. */
type Handlers = ReadonlyMap<string, { readonly handler: Function }>;

/** For each path of a runtime: its function that takes edits, and its modules. */
const known = new Map<string, readonly [handler: Function, factories: Modules]>();

/**
 * The modules of the runtime at `path`: a variable around its function that takes edits. After some edits the server
 * forgets a runtime until it loads it anew, but the modules there still run, and may load others. `undefined` if there
 * is no runtime, or it is another than expected, or there is no inspector.
 */
export function factoriesOf(path: string): Modules | undefined {
  const { __turbopack_server_hmr_handlers__: handlers } = globalThis as {
    __turbopack_server_hmr_handlers__?: Handlers;
  };
  const handler = handlers?.get(path)?.handler;
  const [last, factories] = known.get(path) ?? [];
  if (!handler || handler === last) return factories;
  const found = scopeValue(handler, 'moduleFactories');
  if (!(found instanceof Map)) return undefined;
  known.set(path, [handler, found as Modules]);
  return found as Modules;
}
