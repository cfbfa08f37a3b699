/** Propagates things between values until nothing changes any more (a fixed point). @module */

import { given, inherit, join } from './summary.ts';
import { Summary, nothing, Thing, Value } from './value.ts';
import type { ThingKind } from './value.ts';
import { isBuiltin } from './known-things.ts';

/**
 * The depth of member access beyond which an outside thing counts as each of its own members: `known` for a named path
 * such as `fs.promises.readFile`, `unknown` for things of unknown origin, such as `config.port`.
 */
const deepest = { known: 3, unknown: 1 };

/** The summary that things of a kind may join; the kinds that are missing here are always told apart. */
const summaries: Readonly<Partial<Record<ThingKind, string>>> = {
  plain: 'things',
  list: 'things',
  outside: 'things',
  function: 'functions',
  class: 'functions',
};

function summaryOf({ kind, path }: Thing): string | undefined {
  if (path === undefined) return summaries[kind];
  if (kind !== 'outside' || path === '') return undefined;
  return path.startsWith('module:') ? 'module:*' : path.includes('()') ? 'things' : '*';
}

/** Thrown when the analysis exceeds its limit of steps. */
export class TooMuch extends Error {}

/** All values and things of a module. */
export class Heap {
  readonly #most: number;

  /** How many more things may be added to values. */
  #steps: number;
  readonly #flows: [Value, Thing][] = [];
  readonly #jobs: (() => void)[] = [];
  #fallbacks: (() => void)[] = [];
  #settled = 0;

  /** Things that vague code makes, by kind and path. */
  readonly #shared: Map<string, Thing> = new Map();
  readonly #summaries: Map<string, Summary> = new Map();

  /** The summary of all objects that are not told apart. */
  readonly summary: Summary = new Summary('summary');

  /**
   * @param most How many things one value may hold before they join a summary.
   * @param steps How many things may be added to values in all.
   */
  constructor(most: number, steps: number) {
    this.#most = most;
    this.#steps = steps;
    this.#summaries.set('things', this.summary);
  }

  /** A thing that some code makes. An object that vague code makes is in the summary from the beginning. */
  make(kind: ThingKind, { isVague }: { readonly isVague: boolean }, path?: string): Thing {
    if (!isVague || summaries[kind] !== 'things') return new Thing(kind, { path, isVague });
    // The origin of a result matters only for Node.js, other modules and promises.
    if (path === undefined || !/^(?:node:|module:|Promise)/.test(path)) return this.summary;
    const key = `${kind} ${path}`;
    let thing = this.#shared.get(key);
    if (!thing) this.#shared.set(key, (thing = new Thing(kind, { path, isVague })));
    return thing;
  }

  /** Adds `thing` to `value`. */
  add(value: Value, thing: Thing): void {
    if (value === nothing) return;
    const things = (value.things ??= new Set());
    if (things.has(thing) || (thing.summary && things.has(thing.summary))) return;
    if (thing.kind === 'outside' && !(thing instanceof Summary)) {
      const summary = this.#summaries.get(summaryOf(thing) ?? '');
      if (summary && things.has(summary)) return;
    }
    things.add(thing);
    if ((this.#steps -= 1) < 0) throw new TooMuch();
    if (value.targets || value.watchers) this.#flows.push([value, thing]);
    if (summaryOf(thing) && (value.count += 1) > this.#most) this.#summarise(value, things);
  }

  /** Makes everything that `from` ever holds flow to `to`. */
  flow(from: Value, to: Value): void {
    if (from === nothing || to === nothing || from === to || from.targets?.has(to)) return;
    (from.targets ??= new Set()).add(to);
    if (from.things) for (const thing of from.things) this.add(to, thing);
  }

  /** Calls `visit` once for each thing that `value` ever holds. */
  watch(value: Value, visit: (thing: Thing) => void): void {
    if (value === nothing) return;
    (value.watchers ??= []).push(visit);
    // A visit may add things to this value; these are visited through `watchers`.
    if (value.things) for (const thing of Array.from(value.things)) visit(thing);
  }

  /** Runs `job` as soon as nothing flows. */
  schedule(job: () => void): void {
    this.#jobs.push(job);
  }

  /** Runs `job` when everything has settled, for conclusions that need it, such as that nothing was found. */
  whenSettled(job: () => void): void {
    this.#fallbacks.push(job);
  }

  /** Runs until nothing flows any more. */
  settle(): void {
    for (;;) {
      const flow = this.#flows.pop();
      if (flow) this.#spread(...flow);
      else {
        const job = this.#jobs.pop() ?? this.#fallbacks[this.#settled++];
        if (!job) break;
        job();
      }
    }
    this.#fallbacks = [];
    this.#settled = 0;
  }

  /**
   * The value that an assignment to the property `key` of `thing` flows to; to any property if `key` is `undefined`.
   */
  field(thing: Thing, key: string | undefined): Value {
    return thing instanceof Summary ? given(this, thing, key) : this.initial(thing, key);
  }

  /**
   * The same for a thing that is being made: an assignment to a summary here means the summary alone, not its members.
   */
  initial(thing: Thing, key: string | undefined): Value {
    if (key === undefined) return this.#unnamed(thing);
    let value = thing.fields.get(key);
    if (!value) {
      thing.fields.set(key, (value = new Value()));
      this.flow(value, thing.contents);
      if (thing.summary) this.flow(value, this.initial(thing.summary, key));
    }
    return value;
  }

  /** The value that an assignment to the prototype of `thing` flows to. */
  prototypes(thing: Thing): Value {
    return thing instanceof Summary ? thing.givenPrototypes : thing.prototypes;
  }

  /** The possible results of reading the property `key` of `thing`; of any property if `key` is `undefined`. */
  lookup(thing: Thing, key: string | undefined): Value {
    const name = key ?? '';
    let value = thing.found.get(name);
    if (value) return value;
    thing.found.set(name, (value = new Value()));
    if (thing === this.summary) this.add(value, thing);
    else if (thing.kind === 'outside' || thing.path === '') this.add(value, this.#part(thing, name));
    if (thing.summary) inherit(this, thing.summary, key, value);
    if (key === undefined) this.flow(thing.contents, value);
    else {
      this.flow(this.initial(thing, key), value);
      // No code assigns to built-in objects under computed names.
      if (!isBuiltin(thing)) this.flow(this.#unnamed(thing), value);
    }
    const found = value;
    this.watch(thing.prototypes, (prototype) => this.flow(this.lookup(prototype, key), found));
    return value;
  }

  /** Notes that outside code may have made `thing` from what `value` holds. */
  source(thing: Thing, value: Value): void {
    if (value !== nothing && thing !== this.summary) this.flow(value, (thing.sources ??= new Value()));
  }

  /** A value that holds `thing`. */
  holding(thing: Thing): Value {
    const value = new Value();
    this.add(value, thing);
    return value;
  }

  /** A value that holds everything that `values` hold. */
  union(...values: readonly Value[]): Value {
    const some = values.filter((value) => value !== nothing);
    const [only = nothing] = some;
    if (some.length < 2) return only;
    const all = new Value();
    for (const value of some) this.flow(value, all);
    return all;
  }

  /**
   * Replaces the things of a value that holds too many by their summaries: a property of one is a property of all.
   */
  #summarise(value: Value, things: Set<Thing>): void {
    const summaries = new Set<Thing>();
    for (const thing of Array.from(things)) {
      const name = summaryOf(thing);
      if (name === undefined) continue;
      const known = this.#summaries.get(name);
      if (thing === known) continue;
      const summary = known ?? new Summary(name === 'functions' ? 'function' : thing.kind, thing.path && name);
      if (!known) this.#summaries.set(name, summary);
      things.delete(thing);
      // Outside things stay themselves elsewhere; only in this value the summary replaces them.
      if (!thing.summary && (thing.kind !== 'outside' || summary === this.summary)) join(this, thing, summary);
      summaries.add(summary);
    }
    value.count = 0;
    for (const summary of summaries) this.add(value, summary);
  }

  #unnamed(thing: Thing): Value {
    this.flow(thing.unnamed, thing.contents);
    return thing.unnamed;
  }

  /** The member `key` of an outside thing, unless the program assigns something else. */
  #part(thing: Thing, key: string): Thing {
    const { path } = thing;
    if (thing === this.#summaries.get(summaryOf(thing) ?? '')) return thing;
    const depth = depths.get(thing) ?? 0;
    if (depth >= (path === undefined ? deepest.unknown : deepest.known)) return thing;
    const name = key || '*';
    const part = new Thing(thing.kind, {
      path: path ? `${path}.${name}` : path === '' ? name : undefined,
      isVague: thing.isVague,
    });
    depths.set(part, depth + 1);
    if (!path || path.includes('()')) part.sources = thing.sources ??= new Value();
    this.add(thing.contents, part);
    return part;
  }

  #spread(value: Value, thing: Thing): void {
    if (value.targets) for (const target of value.targets) this.add(target, thing);
    const { watchers } = value;
    // Watchers that are added during the loop have visited the thing already.
    if (watchers) for (let i = 0, { length } = watchers; i < length; i += 1) watchers[i]?.(thing);
  }
}

const depths = new WeakMap<Thing, number>();
