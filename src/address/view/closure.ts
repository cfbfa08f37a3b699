/** Decides which units the view keeps: those that register, what they need, and what fills or configures it. @module */

import { Exportable } from './exports.ts';
import type { Flow } from './flow.ts';
import { Needs } from './flow/needs.ts';
import type { Region } from './flow/region.ts';
import { push } from './names.ts';
import type { Names } from './names.ts';
import type { Root } from './roots.ts';
import { isFunction, memberName, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import type { Unit } from './units.ts';
import type { Registering } from './uses.ts';

/** Rules that tests can switch off. */
export interface Rules {
  /** Whether to keep statements that fill or configure what is needed. @defaultValue `true` */
  readonly effects?: boolean;

  /** The exports to keep with what they need. @defaultValue all exports that can be kept */
  readonly exports?: readonly string[];
}

/** {@link Rules}, and the statements that must not be kept. */
export interface Limits extends Rules {
  /** Offsets in the text. The innermost unit around each offset is left out. */
  readonly leftOut: readonly number[];
}

/** The units of the view. */
export interface Closure {
  readonly kept: ReadonlySet<Unit>;

  /** For units that are left out: the registering calls in them that are kept. */
  readonly parts: ReadonlyMap<Unit, readonly Registering[]>;

  /** The names that the kept code uses. */
  readonly needed: ReadonlySet<string>;

  /** Units that must be left out, because they call a wrapper or use something that only such a unit makes. */
  readonly gone: ReadonlySet<Unit>;
}

/** The facts about a module. */
export interface Facts {
  readonly names: Names;
  readonly flow: Flow;
  readonly roots: ReadonlyMap<Unit, Root>;
}

/** Decides which units are kept. */
export function closeOver(facts: Facts, limits: Limits): Closure {
  const gone = new Set(limits.leftOut.flatMap((offset) => unitAt(facts.names.units, offset) ?? []));
  for (const unit of facts.names.units) if (mustGo(unit, facts)) gone.add(unit);
  for (;;) {
    addLost(gone, facts);
    const keeper = new Keeper(facts, gone, limits);
    keeper.close();
    const tainted = limits.effects === false ? [] : taintedUnits(keeper.kept, facts);
    if (tainted.length === 0) return { kept: keeper.kept, parts: keeper.parts, needed: keeper.needed, gone };
    for (const unit of tainted) gone.add(unit);
  }
}

/** Whether only the main thread may run `unit`: it may call a wrapper, or take something that cannot be had twice. */
function mustGo(unit: Unit, { flow, roots }: Facts): boolean {
  if (unit.kind === 'shell' || flow.dispatching.has(unit)) return true;
  return flow.unique.has(unit) && !roots.has(unit);
}

/** Adds the units whose evaluation uses a name that only units in `gone` declare. */
function addLost(gone: Set<Unit>, { names, flow }: Facts): void {
  const lost = new Set<string>();
  for (let size = -1; size !== gone.size;) {
    size = gone.size;
    for (const [name, owners] of names.owners) if (owners.every((owner) => gone.has(owner))) lost.add(name);
    for (const unit of flow.reading(lost)) if (unit.kind !== 'import' && unit.kind !== 'export') gone.add(unit);
  }
}

/** Kept units whose value would differ from the main thread's, because a statement before them was left out. */
function taintedUnits(kept: ReadonlySet<Unit>, { flow, roots }: Facts): Unit[] {
  const misled = flow.misled(flow.changesOfMain(kept, 'at once'));
  return [...kept].filter((unit) => {
    if (roots.has(unit) || isFunction(unwrap(unit.value)) || unit.kind === 'import') return false;
    return misled.has(unit);
  });
}

class Keeper {
  readonly kept: Set<Unit> = new Set();
  readonly parts: Map<Unit, readonly Registering[]> = new Map();
  readonly needed: Set<string> = new Set();
  readonly #facts: Facts;
  readonly #gone: ReadonlySet<Unit>;
  readonly #limits: Limits;
  readonly #queue: string[] = [];

  /** The reads of the kept units when they are evaluated, and of the threads' functions. */
  readonly #reads: Needs = new Needs();

  /** Code that counts as reading only if its unit is kept. */
  readonly #waiting: Map<Unit, Region[]> = new Map();

  /** Kept units whose functions nothing in the thread calls, so that only their names are needed. */
  readonly #shallow: Set<Unit> = new Set();

  constructor(facts: Facts, gone: ReadonlySet<Unit>, limits: Limits) {
    this.#facts = facts;
    this.#gone = gone;
    this.#limits = limits;
  }

  close(): void {
    const { names, flow, roots } = this.#facts;
    for (const unit of names.units) if (isAlwaysKept(unit) && !this.#gone.has(unit)) this.#keep(unit);
    for (const [unit, { parts, isPlain }] of roots) {
      if (!this.#gone.has(unit) && (isPlain || !parts)) this.#keep(unit);
      else if (parts) this.#keepParts(unit, parts);
    }
    for (const [, regions] of flow.served('later too')) this.#read(regions);
    this.#settle(() => true);
    const { exports: wished } = this.#limits;
    const exportable = new Exportable(names, this.kept);
    const isSeed = (unit: Unit): boolean =>
      wished ? unit.exported.some((name) => wished.includes(name)) : exportable.has(unit) || isInteropMark(unit);
    const isListed = (name: string, as: string): boolean => wished?.includes(as) ?? exportable.hasName(name);
    // A unit that only exports need must not start anything: the program did that, in the main thread.
    const isHarmless = (unit: Unit): boolean => wished !== undefined || !flow.acting.has(unit);
    for (const unit of names.units) {
      const listed = listedExports(unit, isListed);
      for (const name of listed) this.#want(name);
      if (listed.length > 0) this.#read(flow.opened(unit));
      if (!isSeed(unit) || this.#gone.has(unit) || !isHarmless(unit)) continue;
      this.#keep(unit);
      this.#read(flow.opened(unit));
    }
    this.#settle(isHarmless);
  }

  #settle(isAllowed: (unit: Unit) => boolean): void {
    const { names, flow } = this.#facts;
    const keep = (unit: Unit): void => {
      if (!this.#gone.has(unit) && isAllowed(unit)) this.#keep(unit);
    };
    for (let size = -1; size !== this.kept.size;) {
      size = this.kept.size;
      for (let name = this.#queue.pop(); name !== undefined; name = this.#queue.pop()) {
        for (const unit of names.owners.get(name) ?? []) keep(unit);
        for (const unit of exporters(name, names)) keep(unit);
      }
      if (this.#limits.effects === false) continue;
      for (const unit of flow.changing(this.#reads)) if (canChange(unit)) keep(unit);
      // A promise of a kept unit has filled its target only once it has settled, so the statement that awaits it is
      // kept.
      for (const unit of names.units) if (this.#awaitsKept(unit)) keep(unit);
    }
  }

  #keep(unit: Unit): void {
    if (this.kept.has(unit)) {
      this.#deepen(unit);
      return;
    }
    this.kept.add(unit);
    this.parts.delete(unit);
    this.#reads.add(this.#waiting.get(unit) ?? []);
    if (isInteropMark(unit)) return;
    this.#read(this.#facts.flow.atOnce(unit));
    const uses = this.#facts.names.uses.get(unit);
    for (const name of uses?.shallow ?? []) this.#wantShallow(name);
    this.#wantAll(uses?.names ?? []);
    this.#wantAll(unit.names);
  }

  /** Adds what `regions` read, as far as their code is kept; code in a unit that is left out cannot be called. */
  #read(regions: Iterable<Region>): void {
    for (const region of regions) {
      const unit = this.#facts.names.units[region.unit];
      if (!unit || this.kept.has(unit) || this.parts.has(unit)) this.#reads.add([region]);
      else push(this.#waiting, unit, region);
    }
  }

  /** Whether `unit` is `await a` or `await Promise.all([a, b])`, of kept variables. */
  #awaitsKept({ node, kind }: Unit): boolean {
    if (kind !== 'statement') return false;
    const awaited = awaitedNames(node);
    const isThere = (name: string): boolean =>
      this.#facts.names.owners.get(name)?.every((unit) => this.kept.has(unit)) ?? false;
    return awaited.length > 0 && awaited.every(isThere);
  }

  #keepParts(unit: Unit, parts: readonly Registering[]): void {
    this.parts.set(unit, parts);
    this.#reads.add(this.#waiting.get(unit) ?? []);
    for (const { names } of parts) this.#wantAll(names ?? []);
  }

  #wantAll(names: Iterable<string>): void {
    for (const name of names) this.#want(name);
  }

  #want(name: string): void {
    if (this.needed.has(name)) return;
    this.needed.add(name);
    this.#queue.push(name);
  }

  /** Keeps a function that only the main thread calls, without what its body needs. */
  #wantShallow(name: string): void {
    if (this.needed.has(name)) return;
    for (const unit of this.#facts.names.owners.get(name) ?? []) {
      if (!isFunction(unwrap(unit.value))) return this.#want(name);
      if (this.#gone.has(unit) || this.kept.has(unit)) continue;
      this.kept.add(unit);
      this.#reads.add(this.#waiting.get(unit) ?? []);
      this.#shallow.add(unit);
    }
  }

  #deepen(unit: Unit): void {
    if (!this.#shallow.delete(unit)) return;
    this.kept.delete(unit);
    this.#keep(unit);
  }
}

/** The variables that `node` awaits, if it does nothing else. */
function awaitedNames(node: Node): string[] {
  const awaited = node.type === 'AwaitExpression' ? unwrap(node.argument) : undefined;
  if (awaited?.type === 'Identifier') return [awaited.name];
  if (awaited?.type !== 'CallExpression' || awaited.callee.type !== 'MemberExpression') return [];
  if (!/^all(?:Settled)?$/.test(memberName(awaited.callee) ?? '')) return [];
  const [list] = awaited.arguments;
  if (list?.type !== 'ArrayExpression') return [];
  const names = list.elements.map((element) => (element?.type === 'Identifier' ? element.name : undefined));
  return names.every((name) => name !== undefined) ? names : [];
}

/** Whether `unit` may be kept for the changes that it makes. CommonJS exports are kept only if needed themselves. */
function canChange({ kind, names, exported }: Unit): boolean {
  return kind !== 'import' && kind !== 'export' && kind !== 'shell' && (exported.length === 0 || names.length > 0);
}

/** The smallest unit around `offset`. */
function unitAt(units: readonly Unit[], offset: number): Unit | undefined {
  let found: Unit | undefined;
  for (const unit of units) {
    if (offset < unit.start || offset >= unit.end) continue;
    if (!found || unit.end - unit.start <= found.end - found.start) found = unit;
  }
  return found;
}

/** The statements that make the CommonJS export `name`, or all exports; code that uses the export needs these. */
function* exporters(name: string, { exporters: byName }: Names): Iterable<Unit> {
  if (name.startsWith('exports.')) yield* byName.get(name.slice('exports.'.length)) ?? [];
  if (name === 'exports' || name === 'module.exports' || name === 'module')
    for (const units of byName.values()) yield* units;
}

function isAlwaysKept({ kind, names, source }: Unit): boolean {
  return kind === 'directive' || (source !== undefined && names.length === 0 && kind !== 'property');
}

/** Whether the unit is `Object.defineProperty(exports, '__esModule', …)`. */
function isInteropMark({ kind, node }: Unit): boolean {
  const call = unwrap(node);
  if (kind !== 'statement' || call?.type !== 'CallExpression') return false;
  const [target, key] = call.arguments;
  return (
    target?.type === 'Identifier' && target.name === 'exports' && key?.type === 'Literal' && key.value === '__esModule'
  );
}

/** The local names that `export { a, b as c }` exports, if `isListed` accepts them. */
function listedExports({ node }: Unit, isListed: (name: string, as: string) => boolean): string[] {
  if (node.type !== 'ExportNamedDeclaration' || node.source) return [];
  return node.specifiers.flatMap(({ local, exported }) => {
    if (local.type !== 'Identifier') return [];
    const as = exported.type === 'Identifier' ? exported.name : String(exported.value);
    return isListed(local.name, as) ? [local.name] : [];
  });
}
