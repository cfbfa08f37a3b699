/** Gets at the modules that the runtime of Turbopack's development server has in this thread. @module */

import { scopeValue } from '../captures.ts';

/** The functions of the modules, by the ids of these; the runtime replaces them after edits. */
export type Factories = Map<string, Function>;

/** Each runtime puts here, under its path, the function that takes edits. */
type Handlers = ReadonlyMap<string, { readonly handler: Function }>;

/** For each path of a runtime: its function that takes edits, and its modules. */
const known = new Map<string, readonly [handler: Function, factories: Factories]>();

/**
 * The modules of the runtime at `path`: a variable around its function that takes edits. After some edits the server
 * forgets a runtime until it loads it anew, but the modules there still run, and may load others. `undefined` if there
 * is no runtime, or it is another than expected, or there is no inspector.
 */
export function factoriesOf(path: string): Factories | undefined {
  const { __turbopack_server_hmr_handlers__: handlers } = globalThis as {
    __turbopack_server_hmr_handlers__?: Handlers;
  };
  const handler = handlers?.get(path)?.handler;
  const [last, factories] = known.get(path) ?? [];
  if (!handler || handler === last) return factories;
  const found = scopeValue(handler, 'moduleFactories');
  if (!(found instanceof Map)) return undefined;
  known.set(path, [handler, found as Factories]);
  return found as Factories;
}

/** The texts of the module `id` and of all that it names, and these in turn, by their ids. */
export function textsFrom(id: string, factories: Factories): Record<string, string> {
  const texts: Record<string, string> = {};
  const ids = new Set([id]);
  // What is added to a set while it is gone through comes too.
  for (const at of ids) {
    const factory = factories.get(at);
    if (!factory) continue;
    texts[at] = Function.prototype.toString.call(factory);
    for (const named of literals(texts[at])) if (factories.has(named)) ids.add(named);
  }
  return texts;
}

/** The strings in `text` that look like ids of modules: `"[project]/lib/jobs.js [app-route] (ecmascript)"`. */
function literals(text: string): string[] {
  // Each quote may begin a string, since it may stand in a comment or in a regular expression.
  return [...text.matchAll(/(?=("\[(?:[^"\\\n]|\\.)*"))/g)].flatMap(([, literal = '']) => {
    try {
      return JSON.parse(literal) as string;
    } catch {
      return [];
    }
  });
}
