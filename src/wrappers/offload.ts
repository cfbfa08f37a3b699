/** Wraps the functions of a module that one does not own. @module */

import { inspect } from 'node:util';
import { callSite } from '../address/call-site.ts';
import { register } from '../address/registry.ts';
import { argumentError, OffloopError } from '../base/errors.ts';
import { fixedTraps } from '../base/fixed.ts';
import { ThreadPool } from '../pool/thread-pool.ts';
import { noteStandIn } from './off-loop.ts';
import { checks, plan, settings } from './plan.ts';
import type { OffloadFunction } from './types.ts';
import { wrap } from './wrapper.ts';
import type { Route } from './wrapper.ts';

type Load = () => Promise<unknown>;
type Run = (path: string, ...args: unknown[]) => Promise<unknown>;
type AnyRun = (...args: unknown[]) => Promise<unknown>;
type Runner = AnyRun & { with(options: object): AnyRun };
type Note = (value: object, path: string) => void;

/**
 * Gives a proxy for a module: its functions, called on the proxy, run in a thread of a pool. The module is loaded in
 * the threads, at the first call, and never on the main side. `load` runs in the thread, so its specifier is resolved
 * relative to the module that calls `offload`; call it at the top level.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `load` is not a function or an option is unknown. The calls reject as
 * calls of `threaded` do, and with `ERR_OFFLOOP_NOT_FOUND` if the module has no such function.
 *
 * @example
 * ```ts
 * const marked = offload(() => import('marked'));
 *
 * const html = await marked.parse('# Heavy');
 * ```
 */
export const offload: OffloadFunction = function offload(load: Load, options = {}) {
  if (typeof load !== 'function')
    throw argumentError(`Cannot offload: expected a function that imports a module, received ${typeof load}`);
  const checked = settings('offload', options, checks.threaded.options);
  const definition = register(runnerOf(load), callSite(offload), { name: checked.name ?? load.name, source: load });
  const route: Route = {
    of: 'offload',
    callChecks: checks.threaded.call,
    isInlineInThreads: true,
    plan: (call) => plan(checked, call),
    executor: () => checked.pool ?? ThreadPool.default,
  };
  const run = wrap(definition, route) as Runner;
  return standIn(run, '', (value, path) =>
    noteStandIn(value, {
      definition,
      with: (given) => {
        const call = run.with(given);
        return (...args) => call(path, ...args);
      },
    }),
  );
} as OffloadFunction;

/** Makes the function that runs in the threads: it calls the export at `path` of the module that `load` imports. */
function runnerOf(load: Load): Run {
  return async (path, ...args) => {
    let owner: unknown;
    let value: unknown = await load();
    for (const name of path.split('.')) {
      owner = value;
      value = (value as Record<string, unknown> | null | undefined)?.[name];
    }
    if (typeof value === 'function') return Reflect.apply(value, path.includes('.') ? owner : undefined, args);
    throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', `Cannot call ${path}: the module has no function of that name`);
  };
}

const cure = 'To use another function in its place, pass that one where this one is called';

function standIn(run: AnyRun, path: string, note: Note): object {
  const known = new Map<string, object>();
  // The proxy's target has no `name` or `length` of its own, which would hide exports of those names.
  const call = path === '' ? Object.create(null) : (...args: unknown[]): Promise<unknown> => run(path, ...args);
  // Printing the proxy must not call the module's `toString` in a thread: nobody would handle that promise.
  const shown = `[offload: ${path || 'module'}]`;
  const text = { value: () => shown, configurable: true };
  Object.defineProperties(call, { [Symbol.toPrimitive]: text, [inspect.custom]: text });
  const proxy = new Proxy(call as object, {
    ...fixedTraps(shown, Object.getPrototypeOf(call) as object | null, cure),
    set(_, name) {
      throw argumentError(`Cannot assign ${String(name)} of ${shown}: it lives elsewhere. ${cure}`);
    },
    get(target, name) {
      // The proxy has no `then`, so that `await` does not take it for a promise.
      if (typeof name === 'symbol' || name === 'then') return Reflect.get(target, name) as unknown;
      const deeper = known.get(name) ?? standIn(run, path === '' ? name : `${path}.${name}`, note);
      known.set(name, deeper);
      return deeper;
    },
  });
  note(proxy, path);
  return proxy;
}
