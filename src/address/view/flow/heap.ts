/** Lets things flow until nothing changes any more. @module */

import { nothing, Thing, Value } from './value.ts';
import type { ThingKind } from './value.ts';
import { isBuiltin } from './known-things.ts';

/**
 * Deeper than this, what another module gives is one thing with all of its parts: `fs.promises.readFile`, and
 * `config.port` of a config of which nobody knows where it comes from.
 */
const deepest = { known: 3, unknown: 1 };

/** So many things are told apart that one value may hold. */
const most = 16;

/** What is told apart no longer where it is too much; what calls a wrapper always counts. */
const crowding: ReadonlySet<ThingKind> = new Set(['plain', 'list', 'function', 'class', 'outside']);

/** What the crowd of `thing` has in common; `undefined` if it is told apart from others in any case. */
function crowdOf({ kind, path }: Thing): string | undefined {
  if (path === undefined) return crowding.has(kind) ? kind : undefined;
  if (kind !== 'outside' || path === '') return undefined;
  return path.startsWith('module:') ? 'module:*' : path.includes('()') ? '*()' : '*';
}

/** All values and things of a module. */
export class Heap {
  /** How many things have flowed so far. */
  steps = 0;
  readonly #flows: [Value, Thing][] = [];
  readonly #jobs: (() => void)[] = [];
  #fallbacks: (() => void)[] = [];
  #settled = 0;
  readonly #crowds: Map<string, Thing> = new Map();

  /** Lets `value` hold `thing`. */
  add(value: Value, one: Thing): void {
    const thing = one.crowd ?? one;
    if (value === nothing || value.things?.has(thing)) return;
    const things = (value.things ??= new Set());
    if (thing.kind === 'outside' && !thing.isCrowd) {
      const crowd = this.#crowds.get(crowdOf(thing) ?? '');
      if (crowd && things.has(crowd)) return;
    }
    things.add(thing);
    if (value.targets || value.watchers) this.#flows.push([value, thing]);
    if (crowdOf(thing) && (value.count += 1) > most) this.#crowd(value, things);
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
    if (value.things) for (const thing of [...value.things]) visit(thing);
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
  field(one: Thing, key: string | undefined): Value {
    const thing = one.crowd ?? one;
    if (key === undefined) return this.#unnamed(thing);
    let value = thing.fields.get(key);
    if (!value) {
      thing.fields.set(key, (value = new Value()));
      this.flow(value, thing.contents);
    }
    return value;
  }

  /** What reading `key` of `thing`, or any key of it, may give. */
  lookup(one: Thing, key: string | undefined): Value {
    const thing = one.crowd ?? one;
    const name = key ?? '';
    let value = thing.found.get(name);
    if (value) return value;
    thing.found.set(name, (value = new Value()));
    if (thing.kind === 'outside' || thing.path === '') this.add(value, this.#part(thing, name));
    if (key === undefined) this.flow(thing.contents, value);
    else {
      this.flow(this.field(thing, key), value);
      // Nobody gives the language or Node.js something under a name that is computed.
      if (!isBuiltin(thing)) this.flow(this.#unnamed(thing), value);
    }
    const found = value;
    this.watch(thing.prototypes, (prototype) => this.flow(this.lookup(prototype, key), found));
    return value;
  }

  /** Lets `thing` be made of what `value` holds, among others. */
  source(thing: Thing, value: Value): void {
    if (value !== nothing) this.flow(value, (thing.sources ??= new Value()));
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
    for (const thing of [...things]) {
      const name = crowdOf(thing);
      if (name === undefined) continue;
      const known = this.#crowds.get(name);
      if (thing === known) continue;
      const crowd = known ?? new Thing(thing.kind, { code: thing.code, path: thing.path && name });
      crowd.isCrowd = true;
      if (!known) this.#crowds.set(name, crowd);
      things.delete(thing);
      // What is not the module's own stays what it is, wherever else it may be meant.
      if (!thing.crowd && thing.kind !== 'outside') this.#join(thing, crowd);
      crowds.add(crowd);
    }
    value.count = 0;
    for (const crowd of crowds) this.add(value, crowd);
  }

  #join(thing: Thing, crowd: Thing): void {
    for (const [key, own] of thing.fields) this.#equate(own, this.field(crowd, key));
    for (const [key, found] of thing.found) this.#equate(found, this.lookup(crowd, key || undefined));
    this.#equate(thing.unnamed, this.field(crowd, undefined));
    this.#equate(thing.contents, crowd.contents);
    this.#equate(thing.prototypes, crowd.prototypes);
    this.#equate(thing.sources ?? nothing, (crowd.sources ??= new Value()));
    for (const [key, accessors] of thing.accessors) crowd.accessors.set(key, accessors);
    thing.crowd = crowd;
    if (thing.code) {
      const members = (crowd.members ??= new Value());
      // As itself, not as the crowd.
      (members.things ??= new Set()).add(thing);
      for (const visit of members.watchers ?? []) visit(thing);
    }
  }

  #equate(one: Value, other: Value): void {
    this.flow(one, other);
    this.flow(other, one);
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
    const part = new Thing(thing.kind, { path: path ? `${path}.${name}` : path === '' ? name : undefined });
    depths.set(part, depth + 1);
    if (!path || path.includes('()')) part.sources = thing.sources ??= new Value();
    this.add(thing.contents, part);
    return part;
  }

  #spread(value: Value, thing: Thing): void {
    this.steps += 1;
    if (value.targets) for (const target of value.targets) this.add(target, thing);
    if (value.watchers) for (const watch of [...value.watchers]) watch(thing);
  }
}

const depths = new WeakMap<Thing, number>();
