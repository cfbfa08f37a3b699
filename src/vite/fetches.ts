/** Lets threads ask a development server for modules, unseen by the server's own module runner. @module */

import { sourceName } from '../address/served/server.ts';

/** The part of Vite's `DevEnvironment` that is used. */
export interface DevEnvironment {
  readonly config: { readonly consumer: string };
  readonly moduleGraph: {
    getModuleById(id: string): ModuleNode | undefined;
    getModuleByUrl(url: string): Promise<ModuleNode | undefined>;
  };
  readonly hot: { handleInvoke(payload: never): Promise<unknown> };

  /** Gives a module to a module runner; what runners ask by `hot` ends up here. */
  fetchModule(url: string, importer?: string, options?: FetchOptions): Promise<object>;
}

/** The part of Vite's `EnvironmentModuleNode` that is used. */
export interface ModuleNode {
  readonly url: string;

  /** `null` if the module was edited and nobody has asked for it since. */
  readonly transformResult: object | null;
}

/** What a module runner asks. */
export interface Invocation {
  readonly data: { readonly name: string; readonly data: readonly unknown[] };
}

interface FetchOptions {
  /** Whether the runner has the module, and only wants to know if it was edited. */
  readonly cached?: boolean;
}

/** What threads asked with. */
const ofThreads = new WeakSet<object>();

/**
 * Modules that threads have asked for since an edit, but the server's own runner has not: it has what was before. Vite
 * does not tell who asks, and would take them for fresh.
 */
const onlyInThreads = new WeakSet<ModuleNode>();

/** For how many questions of the server's own runner a module is just being made. */
const onTheWay = new WeakMap<ModuleNode, number>();

/** Whether the server's own runner has the module as it is now. */
export function isFresh(module: ModuleNode): boolean {
  return module.transformResult !== null && !onlyInThreads.has(module);
}

/** Answers what the module runner of a thread asks. */
export function askForThread(environment: DevEnvironment, invocation: Invocation): Promise<unknown> {
  const { name, data } = invocation.data;
  if (name !== 'fetchModule') return environment.hot.handleInvoke(invocation as never);
  const [url, importer, options] = data;
  const own = { ...(options as FetchOptions | undefined) };
  ofThreads.add(own);
  return environment.hot.handleInvoke({ ...invocation, data: { name, data: [url, importer, own] } } as never);
}

/** Notes from now on who asks `environment` for modules, so that its own runner is told of each edit, and once. */
export function watch(environment: DevEnvironment): void {
  const fetch = environment.fetchModule.bind(environment);
  const fetchModule: typeof fetch = async (...args) => named(await fetch(...args));
  environment.fetchModule = async (url, importer, options = {}) => {
    const module = await environment.moduleGraph.getModuleByUrl(idIn(url)).catch(() => undefined);
    if (!module) return fetchModule(url, importer, options);
    if (ofThreads.has(options)) {
      if (module.transformResult === null && !onTheWay.has(module)) onlyInThreads.add(module);
      return fetchModule(url, importer, options);
    }
    const isNew = onlyInThreads.delete(module);
    onTheWay.set(module, (onTheWay.get(module) ?? 0) + 1);
    try {
      if (!isNew) return await fetchModule(url, importer, options);
      return { ...(await fetchModule(url, importer, { ...options, cached: false })), invalidate: true };
    } finally {
      const left = (onTheWay.get(module) ?? 1) - 1;
      if (left > 0) onTheWay.set(module, left);
      else onTheWay.delete(module);
    }
  };
}

/** The answer of a server, with a name for the text that V8 takes: calls are found by it. */
function named(fetched: object): object {
  const { code, id } = fetched as { readonly code?: string; readonly id?: string | null };
  if (code === undefined || typeof id !== 'string' || sourceName(id) === id) return fetched;
  const [from, to] = [`\n//# sourceURL=${id}\n`, `\n//# sourceURL=${sourceName(id)}\n`];
  return { ...fetched, code: code.replace(from, () => to) };
}

/** Vite's module runners ask for virtual modules by URLs that have their ids. */
const idIn = (url: string): string =>
  url.startsWith('/@id/') ? url.slice('/@id/'.length).replace('__x00__', '\0') : url;
