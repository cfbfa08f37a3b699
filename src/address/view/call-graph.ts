/** Which code runs which other code of the module. @module */

import type { MemberCall, Region } from './facts.ts';
import type { Names } from './names.ts';
import { push } from './names.ts';
import { calleeName, isClass, isFunction, unwrap } from './syntax.ts';
import type { Unit } from './units.ts';

/** The calls among the functions, methods and top-level statements of a module. */
export class CallGraph {
  readonly regions: Set<Region> = new Set();

  readonly #names: Names;
  readonly #callers: Map<Region, Region[]> = new Map();
  readonly #methods: Map<string, Region[]> = new Map();

  constructor(names: Names) {
    this.#names = names;
    for (const { facts } of names.units) {
      for (const [name, region] of facts.methods) push(this.#methods, name, region);
    }
    for (const { facts } of names.units) {
      for (const region of [facts.now, facts.body, facts.stored, ...facts.methods.values()]) this.#add(region);
    }
  }

  /** Whether an object or a class of the module has a method called `name`. */
  hasMethod(name: string): boolean {
    return this.#methods.has(name);
  }

  /** All regions from which one of `regions` is reached. */
  reaching(regions: Iterable<Region>): Set<Region> {
    const found = new Set(regions);
    // A set is iterated in the order of insertion, what is added on the way included.
    for (const region of found) for (const caller of this.#callers.get(region) ?? []) found.add(caller);
    return found;
  }

  #add(region: Region): void {
    if (this.regions.has(region)) return;
    this.regions.add(region);
    const callees = new Set<Region>(region.callees);
    for (const name of new Set(region.calls)) this.#named(name, callees, new Set());
    for (const call of region.members) this.#member(call, callees);
    for (const { root } of region.results) if (root !== undefined) this.#results(root, callees);
    for (const callee of callees) {
      push(this.#callers, callee, region);
      this.#add(callee);
    }
  }

  /** What a call of `name` runs. */
  #named(name: string, into: Set<Region>, seen: Set<string>): void {
    if (seen.has(name)) return;
    seen.add(name);
    for (const { facts, value, kind } of this.#meant(name)) {
      if (kind === 'import') continue;
      const inner = unwrap(value);
      if (isFunction(inner) || isClass(inner)) into.add(facts.body);
      else if (inner?.type === 'Identifier') this.#named(inner.name, into, seen);
      else if (inner?.type === 'CallExpression') {
        into.add(facts.stored).add(facts.body);
        const maker = calleeName(inner.callee);
        if (maker !== undefined) this.#results(maker, into);
      }
    }
  }

  /** What a function runs that `maker` gave back. */
  #results(maker: string, into: Set<Region>): void {
    for (const { facts } of this.#meant(maker)) into.add(facts.stored);
  }

  #member({ root, method }: MemberCall, into: Set<Region>): void {
    if (root !== undefined && (method === 'call' || method === 'apply')) this.#named(root, into, new Set());
    if (method === undefined || (root !== undefined && this.#isForeign(root))) return;
    const owners = root === undefined ? [] : this.#meant(root);
    const own = owners.flatMap(({ facts }) => facts.methods.get(method) ?? []);
    for (const region of own.length > 0 ? own : (this.#methods.get(method) ?? [])) into.add(region);
  }

  #isForeign(name: string): boolean {
    return !this.#names.owns(name) || this.#names.isImport(name);
  }

  #meant(name: string): readonly Unit[] {
    const { owners, writers } = this.#names;
    return [...(owners.get(name) ?? []), ...(writers.get(name) ?? []).filter(({ target }) => target === name)];
  }
}
