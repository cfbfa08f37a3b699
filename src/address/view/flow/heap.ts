/** Lets things flow until nothing changes any more. @module */

import { given, inherit, join } from './crowd.ts';
import { Crowd, nothing, Thing, Value } from './value.ts';
import type { ThingKind } from './value.ts';
import { isBuiltin } from './known-things.ts';

/**
 * Deeper than this, what another module gives is one thing with all of its parts: `fs.promises.readFile`, and
 * `config.port` of a config of which nobody knows where it comes from.
 */
const deepest = { known: 3, unknown: 1 };

/** What the crowd of `thing` has in common; `undefined` if it is told apart from others in any case. */
const crowds: Readonly<Partial<Record<ThingKind, string>>> = {
  plain: 'things',
  list: 'things',
  outside: 'things',
  function: 'functions',
  class: 'functions',
};

function crowdOf({ kind, path }: Thing): string | undefined {
  if (path === undefined) return crowds[kind];
  if (kind !== 'outside' || path === '') return undefined;
  return path.startsWith('module:') ? 'module:*' : path.includes('()') ? 'things' : '*';
}

/** There is more to follow than was allowed. */
export class TooMuch extends Error {}

/** All values and things of a module. */
export class Heap {
  readonly #most: number;

  /** How much may still flow. */
  #steps: number;
  readonly #flows: [Value, Thing][] = [];
  readonly #jobs: (() => void)[] = [];
  #fallbacks: (() => void)[] = [];
  #settled = 0;

  /** What vague code makes, by kind and path. */
  readonly #shared: Map<string, Thing> = new Map();
  readonly #crowds: Map<string, Crowd> = new Map();

  /** All objects that are not told apart. */
  readonly crowd: Crowd = new Crowd('crowd');

  /**
   * @param most So many things are told apart that one value may hold.
   * @param steps So much may flow.
   */
  constructor(most: number, steps: number) {
    this.#most = most;
    this.#steps = steps;
    this.#crowds.set('things', this.crowd);
  }

  /** A thing that code makes; what is vague is one of the crowd from the beginning. */
  make(kind: ThingKind, { isVague }: { readonly isVague: boolean }, path?: string): Thing {
    if (!isVague || crowds[kind] !== 'things') return new Thing(kind, { path, isVague });
    // Of what the language gives, nobody needs to know where it came from.
    if (path === undefined || !/^(?:node:|module:|Promise)/.test(path)) return this.crowd;
    const key = `${kind} ${path}`;
    let thing = this.#shared.get(key);
    if (!thing) this.#shared.set(key, (thing = new Thing(kind, { path, isVague })));
    return thing;
  }

  /** Lets `value` hold `thing`. */
  add(value: Value, thing: Thing): void {
    if (value === nothing) return;
    const things = (value.things ??= new Set());
    if (things.has(thing) || (thing.crowd && things.has(thing.crowd))) return;
    if (thing.kind === 'outside' && !(thing instanceof Crowd)) {
      const crowd = this.#crowds.get(crowdOf(thing) ?? '');
      if (crowd && things.has(crowd)) return;
    }
    things.add(thing);
    if ((this.#steps -= 1) < 0) throw new TooMuch();
    if (value.targets || value.watchers) this.#flows.push([value, thing]);
    if (crowdOf(thing) && (value.count += 1) > this.#most) this.#crowd(value, things);
  }

  /** Lets whatever `from` holds flow to `to`. */
  flow(from: Value, to: Value): void {
    if (from === nothing || to === nothing || from === to || from.targets?.has(to)) return;
    (from.targets ??= new Set()).add(to);
    if (from.things) for (const thing of from.things) this.add(to, thing);
  }

  /** Calls `visit` for each thing that `value` ever holds, once. */
  watch(value: Value, visit: (thing: Thing) => void): void {
    if (value === nothing) return;
    (value.watchers ??= []).push(visit);
    // Visits add to what is looked at; for these, they are called by themselves.
    if (value.things) for (const thing of Array.from(value.things)) visit(thing);
  }

  /** Does `job` as soon as nothing else is under way. */
  schedule(job: () => void): void {
    this.#jobs.push(job);
  }

  /** Does `job` when all is settled, for what can only be said then: that nothing was found. */
  whenSettled(job: () => void): void {
    this.#fallbacks.push(job);
  }

  /** Ends when nothing flows any more. */
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

  /** The values under `key` of `thing`, or under any key. */
  field(thing: Thing, key: string | undefined): Value {
    return thing instanceof Crowd ? given(this, thing, key) : this.initial(thing, key);
  }

  /** The same of a thing that is just being made: of a crowd, no other one is meant. */
  initial(thing: Thing, key: string | undefined): Value {
    if (key === undefined) return this.#unnamed(thing);
    let value = thing.fields.get(key);
    if (!value) {
      thing.fields.set(key, (value = new Value()));
      this.flow(value, thing.contents);
      if (thing.crowd) this.flow(value, this.initial(thing.crowd, key));
    }
    return value;
  }

  /** What `thing` is given to inherit from. */
  prototypes(thing: Thing): Value {
    return thing instanceof Crowd ? thing.givenPrototypes : thing.prototypes;
  }

  /** What reading `key` of `thing`, or any key of it, may give. */
  lookup(thing: Thing, key: string | undefined): Value {
    const name = key ?? '';
    let value = thing.found.get(name);
    if (value) return value;
    thing.found.set(name, (value = new Value()));
    if (thing === this.crowd) this.add(value, thing);
    else if (thing.kind === 'outside' || thing.path === '') this.add(value, this.#part(thing, name));
    if (thing.crowd) inherit(this, thing.crowd, key, value);
    if (key === undefined) this.flow(thing.contents, value);
    else {
      this.flow(this.initial(thing, key), value);
      // Nobody gives the language or Node.js something under a name that is computed.
      if (!isBuiltin(thing)) this.flow(this.#unnamed(thing), value);
    }
    const found = value;
    this.watch(thing.prototypes, (prototype) => this.flow(this.lookup(prototype, key), found));
    return value;
  }

  /** Lets `thing` be made of what `value` holds, among others. */
  source(thing: Thing, value: Value): void {
    if (value !== nothing && thing !== this.crowd) this.flow(value, (thing.sources ??= new Value()));
  }

  /** A value that holds `thing`. */
  holding(thing: Thing): Value {
    const value = new Value();
    this.add(value, thing);
    return value;
  }

  /** A value that holds all that `values` hold. */
  union(...values: readonly Value[]): Value {
    const some = values.filter((value) => value !== nothing);
    const [only = nothing] = some;
    if (some.length < 2) return only;
    const all = new Value();
    for (const value of some) this.flow(value, all);
    return all;
  }

  /** Too many things for one value are told apart no longer: what one has, all have. */
  #crowd(value: Value, things: Set<Thing>): void {
    const crowds = new Set<Thing>();
    for (const thing of Array.from(things)) {
      const name = crowdOf(thing);
      if (name === undefined) continue;
      const known = this.#crowds.get(name);
      if (thing === known) continue;
      const crowd = known ?? new Crowd(name === 'functions' ? 'function' : thing.kind, thing.path && name);
      if (!known) this.#crowds.set(name, crowd);
      things.delete(thing);
      // What is not the module's own stays what it is, wherever else it may be meant.
      if (!thing.crowd && (thing.kind !== 'outside' || crowd === this.crowd)) join(this, thing, crowd);
      crowds.add(crowd);
    }
    value.count = 0;
    for (const crowd of crowds) this.add(value, crowd);
  }

  #unnamed(thing: Thing): Value {
    this.flow(thing.unnamed, thing.contents);
    return thing.unnamed;
  }

  /** What another module's thing has under `key`, unless the program says otherwise. */
  #part(thing: Thing, key: string): Thing {
    const { path } = thing;
    if (thing === this.#crowds.get(crowdOf(thing) ?? '')) return thing;
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
    // Those that are added by these have seen it.
    if (watchers) for (let i = 0, { length } = watchers; i < length; i += 1) watchers[i]?.(thing);
  }
}

const depths = new WeakMap<Thing, number>();
