/** The registered functions of this thread, by module, in the order of their registration. @module */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { nothingLearnt } from '../codec/quick/learnt.ts';
import type { Learnt } from '../codec/quick/learnt.ts';
import { WeakRef } from '../base/intrinsics.ts';
import { bare } from '../base/options.ts';
import { shared } from '../base/realm.ts';
import type { HotModule } from './hot/module.ts';
import type { FunctionKey, ModuleFormat } from './address.ts';
import type { CallModule, CallSite } from './call-site.ts';
import { hashOf } from './hash.ts';
import { foreignRunner } from './entry/entry.ts';
import { turn } from './turn.ts';

/** One registered function. */
export interface Definition extends FunctionKey {
  /** Unique in this thread. */
  readonly id: number;

  readonly fn: Function;

  /** The function whose text is in the module: `fn` itself, except with `offload()`. */
  readonly source: Function;
  readonly site: CallSite;

  /** The evaluation of the module that registered the function; `undefined` if there is no module. */
  readonly record: ModuleRecord | undefined;

  /** The name of the decorated method, if it is one. */
  readonly method: string | undefined;

  /** Whether the `this` of a call is sent as its first argument: so for instance methods. */
  readonly instance: boolean;

  /**
   * Whether threads find the function among its module's exports: it was not registered while that was being evaluated.
   */
  readonly exported: boolean;

  /**
   * Whether calls overlap in their thread: while one waits for a promise, or for room for an item, the thread goes on
   * with the next.
   */
  readonly overlaps: boolean;

  /** The definition that this one is a part of, and by whose address threads find it. */
  readonly whole: Definition | undefined;

  /** Facts learnt from its calls about its arguments and results. */
  readonly learnt: Learnt;

  /** The class that the decorated static method belongs to, known once the class is complete. */
  owner: unknown;

  /** The registered name of the class that a static method was called on, if that is not its owner. */
  readonly on: string | undefined;
}

/** One evaluation of a module. A module evaluated anew under the same URL has a new record. */
export interface ModuleRecord {
  readonly url: string;
  readonly format: ModuleFormat;

  /** The id under which a development server has the module, if it does. */
  readonly served: string | undefined;

  /** Where a development server that replaces modules one by one has the module, if it does. */
  readonly hot: HotModule | undefined;

  /** How many evaluations of this URL came before. */
  readonly generation: number;

  readonly definitions: Definition[];

  /** Whether this thread runs the text of the module's file; `undefined` until it is first needed. */
  verbatim: boolean | undefined;

  /** Whether a worker view was evaluated, not the whole module. */
  isView: boolean;

  /** Tells evaluations apart: the `Module` object of CommonJS, or the turn of the event loop. */
  readonly token: WeakRef<object> | number | undefined;
}

/** Facts that the function itself does not show. */
export interface RegisterFacts {
  name?: string;
  method?: string;
  instance?: boolean;
  source?: Function;
  exported?: boolean;
  overlaps?: boolean;
}

let nextId = 0;
const modules = shared('modules', () => new Map<string, ModuleRecord>());
const renewed = shared('renewed', () => new Set<() => void>());

/** Registers `fn` as the next function of the module at `site`. */
export function register(fn: Function, site: CallSite, facts: RegisterFacts = {}): Definition {
  const { name = fn.name, source = fn, method, instance = false, exported = false, overlaps = false } = bare(facts);
  const record = site.module && recordFor(site.module, site, source);
  const definition: Definition = {
    id: (nextId += 1),
    fn,
    source,
    site,
    record,
    index: record?.definitions.length ?? 0,
    name,
    signature: `${source.constructor.name}/${source.length}`,
    hash: hashOf(textOf(source)),
    method,
    instance,
    exported,
    overlaps,
    whole: undefined,
    learnt: nothingLearnt(),
    owner: undefined,
    on: undefined,
  };
  if (!definition.exported) record?.definitions.push(definition);
  return definition;
}

/** The definition of a static method for the class `owner`, registered as `name`, which inherits the method. */
export function onClass(definition: Definition, owner: Function, name: string): Definition {
  return { ...definition, learnt: nothingLearnt(), id: (nextId += 1), owner, on: name };
}

/** The calls of `definition` that do one thing, named `name`: they are told apart in errors, and learnt from apart. */
export function partOf(definition: Definition, name: string): Definition {
  return { ...definition, learnt: nothingLearnt(), id: (nextId += 1), name, whole: definition };
}

/** The current record of `url`, if a module registered anything under it. */
export function recordOf(url: string): ModuleRecord | undefined {
  return modules.get(url);
}

/** All functions that were registered in this thread. */
export function allDefinitions(): Definition[] {
  return [...modules.values()].flatMap(({ definitions }) => definitions);
}

/** All records of `url`, with any query: one for each way in which this thread tried to load the module. */
export function recordsOf(url: string): ModuleRecord[] {
  const [path] = url.split('?');
  return [...modules.values()].filter((record) => record.url.split('?')[0] === path);
}

/**
 * Calls `listener` whenever a module is evaluated anew under the same URL, so that what threads have loaded is stale.
 * Returns a function that removes the listener.
 */
export function onRenewed(listener: () => void): () => void {
  renewed.add(listener);
  return () => void renewed.delete(listener);
}

function recordFor({ url, format, served, hot }: CallModule, site: CallSite, source: Function): ModuleRecord {
  // Test runners give ES modules a path, not a URL.
  const actual: ModuleFormat = foreignRunner() ? 'module' : format;
  const known = modules.get(url);
  const token = actual === 'commonjs' ? moduleToken(url) : turn();
  if (known && !isRenewed(known, token, site)) return known;
  const generation = known ? known.generation + 1 : 0;
  const record: ModuleRecord = {
    url,
    format: actual,
    served,
    hot: hot?.keep(source),
    generation,
    definitions: [],
    verbatim: undefined,
    isView: false,
    token,
  };
  modules.set(url, record);
  if (known) for (const listener of renewed) listener();
  return record;
}

/**
 * CommonJS is evaluated anew after its cache entry was deleted, and then has another `Module` object. An ES module has
 * one evaluation for each URL, except under a test runner or a development server that evaluates modules itself. There, in a later turn of the
 * event loop, another text of the module, or a registration at the place of the first one, shows a new evaluation; a
 * development server may evaluate two texts of a module in one turn.
 */
function isRenewed(known: ModuleRecord, token: ModuleRecord['token'], site: CallSite): boolean {
  if (known.format === 'commonjs') {
    if (!(token instanceof WeakRef) || !(known.token instanceof WeakRef)) return false;
    return token.deref() !== known.token.deref();
  }
  const first = known.definitions[0]?.site;
  const isServed = known.served !== undefined || known.hot !== undefined;
  if (!(foreignRunner() || isServed) || !site.top || !first) return false;
  const isOther = first.script !== site.script;
  return token === known.token ? isServed && isOther : isOther || first.at === site.at;
}

function moduleToken(url: string): WeakRef<object> | undefined {
  try {
    const path = fileURLToPath(url);
    const module = createRequire(url).cache[path];
    return module && new WeakRef(module);
  } catch {
    return undefined;
  }
}

export function textOf(fn: Function): string {
  return Function.prototype.toString.call(fn);
}
