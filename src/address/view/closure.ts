/** Which units stay: the roots, what they need, and what fills or configures that. @module */

import type { Effects } from './effects.ts';
import { Exportable } from './exports.ts';
import type { Names } from './names.ts';
import type { Unit } from './units.ts';
import type { Wrappers } from './wrappers.ts';

/** For tests: rules that can be switched off. */
export interface Rules {
  /** Whether statements stay that fill or configure what is needed. @defaultValue `true` */
  readonly effects?: boolean;

  /** The exports that stay with what they need; by default all that can. */
  readonly exports?: readonly string[];
}

/** {@link Rules}, and what must not stay. */
interface Limits extends Rules {
  /** Offsets in the text; the innermost unit around each goes. */
  readonly leftOut: readonly number[];
}

/** The result. */
export interface Closure {
  readonly kept: ReadonlySet<Unit>;

  /** The names that what is kept uses. */
  readonly needed: ReadonlySet<string>;

  /** Units that call a wrapper, or use what such a unit made. */
  readonly dispatching: ReadonlySet<Unit>;
}

/** Decides what stays. */
export function closeOver(names: Names, wrappers: Wrappers, effects: Effects, rules: Limits): Closure {
  const banned = new Set(rules.leftOut.flatMap((offset) => unitAt(names.units, offset) ?? []));
  const dispatching = dispatchingUnits(names, wrappers, banned);
  const keeper = new Keeper(names, wrappers, rules.effects === false ? undefined : effects);
  keeper.close(
    names.units.filter((unit) => wrappers.roots.has(unit) || isAlwaysKept(unit)),
    (unit) => !dispatching.has(unit),
  );
  const wished = rules.exports && new Set(rules.exports);
  const exportable = new Exportable(names, keeper.kept);
  const isSeed = (unit: Unit): boolean =>
    wished ? unit.exported.some((name) => wished.has(name)) : exportable.has(unit) || isInteropMark(unit);
  const seeds = names.units.filter((unit) => isSeed(unit));
  const isListed = (name: string, as: string): boolean => wished?.has(as) ?? exportable.hasName(name);
  const listed = names.units.flatMap((unit) => listedExports(unit, isListed));
  // What only exports need must not start anything: the program did that, in the main thread.
  const isHarmless = (unit: Unit): boolean => !dispatching.has(unit) && (wished !== undefined || !effects.acts(unit));
  keeper.close(seeds, isHarmless, listed);
  return { kept: keeper.kept, needed: keeper.needed, dispatching };
}

class Keeper {
  readonly kept: Set<Unit> = new Set();
  readonly needed: Set<string> = new Set();
  readonly #names: Names;

  readonly #wrappers: Wrappers;
  readonly #effects: Effects | undefined;
  readonly #queue: string[] = [];

  constructor(names: Names, wrappers: Wrappers, effects: Effects | undefined) {
    this.#names = names;
    this.#wrappers = wrappers;
    this.#effects = effects;
  }

  close(seeds: readonly Unit[], isAllowed: (unit: Unit) => boolean, wanted: readonly string[] = []): void {
    for (const unit of seeds) if (isAllowed(unit)) this.#keep(unit);
    for (const name of wanted) this.#want(name);
    for (let name = this.#queue.pop(); name !== undefined; name = this.#queue.pop()) {
      for (const unit of this.#names.owners.get(name) ?? []) if (isAllowed(unit)) this.#keep(unit);
      for (const unit of this.#changers(name)) if (isAllowed(unit)) this.#keep(unit);
      for (const unit of this.#exporters(name)) if (isAllowed(unit)) this.#keep(unit);
    }
  }

  #changers(name: string): Unit[] {
    const units = this.#effects?.changers(name) ?? [];
    return units.filter(({ kind, facts: { now } }) => {
      if (kind === 'import' || kind === 'export') return false;
      // What goes on with a wrapper is a call of it, or of no importance.
      return !this.#wrappers.isHandle(name) || now.writes.includes(name) || now.changes.includes(name);
    });
  }

  #keep(unit: Unit): void {
    if (this.kept.has(unit)) return;
    this.kept.add(unit);
    if (isInteropMark(unit)) return;
    for (const name of unit.facts.uses) this.#want(name);
    for (const name of unit.names) this.#want(name);
  }

  #want(name: string): void {
    if (this.needed.has(name)) return;
    this.needed.add(name);
    this.#queue.push(name);
  }

  /** Whoever uses a CommonJS export, or all of them, needs the statements that make it. */
  *#exporters(name: string): Iterable<Unit> {
    if (name.startsWith('exports.')) yield* this.#names.writers.get(name) ?? [];
    if (name !== 'exports' && name !== 'module.exports' && name !== 'module') return;
    for (const [written, units] of this.#names.writers) {
      if (written.startsWith('exports.') || written === 'module.exports') yield* units;
    }
  }
}

function isAlwaysKept({ kind, names, source }: Unit): boolean {
  return kind === 'directive' || (source !== undefined && names.length === 0 && kind !== 'property');
}

/** `Object.defineProperty(exports, '__esModule', …)`. */
function isInteropMark({ kind, facts }: Unit): boolean {
  const { members, passes } = facts.now;
  if (kind !== 'statement' || facts.usesNow.size > 2) return false;
  return (
    members.length === 1 &&
    members[0]?.method === 'defineProperty' &&
    passes.length === 0 &&
    facts.usesNow.has('exports')
  );
}

/** The names that `export { a, b as c }` exports, of those for which `isListed`. */
function listedExports({ node }: Unit, isListed: (name: string, as: string) => boolean): string[] {
  if (node.type !== 'ExportNamedDeclaration' || node.source) return [];
  return node.specifiers.flatMap(({ local, exported }) => {
    if (local.type !== 'Identifier') return [];
    const as = exported.type === 'Identifier' ? exported.name : String(exported.value);
    return isListed(local.name, as) ? [local.name] : [];
  });
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

/** Units that call a wrapper, those that are `banned`, and those that use what only such a unit makes. */
function dispatchingUnits(names: Names, wrappers: Wrappers, banned: ReadonlySet<Unit>): Set<Unit> {
  const isGone = (unit: Unit): boolean => banned.has(unit) || (!wrappers.roots.has(unit) && wrappers.dispatches(unit));
  const units = new Set(names.units.filter(isGone));
  const lost = new Set<string>();
  for (let size = -1; size !== units.size;) {
    size = units.size;
    for (const unit of units) for (const name of lostWith(unit, units, names)) lost.add(name);
    for (const unit of names.units) {
      if (wrappers.roots.has(unit) || unit.kind === 'import' || unit.kind === 'export') continue;
      if (unit.names.some((name) => lost.has(name)) || uses(unit, lost)) units.add(unit);
    }
  }
  return units;
}

/** What nobody else makes: what `unit` declares, and what it is the only one to give a value. */
function* lostWith(unit: Unit, gone: ReadonlySet<Unit>, names: Names): Iterable<string> {
  for (const name of unit.names) if (names.owners.get(name)?.every((owner) => gone.has(owner))) yield name;
  for (const name of unit.facts.now.writes) {
    const owners = names.owners.get(name) ?? [];
    const writers = names.writers.get(name) ?? [];
    const isEmpty = owners.every(({ kind, value }) => kind === 'declaration' && value === undefined);
    if (owners.length > 0 && isEmpty && writers.every((writer) => gone.has(writer))) yield name;
  }
}

function uses({ facts: { usesNow } }: Unit, lost: ReadonlySet<string>): boolean {
  for (const name of lost) if (usesNow.has(name)) return true;
  return false;
}
