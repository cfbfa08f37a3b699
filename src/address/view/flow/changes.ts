/** Collects the changes that code makes, each with the statement that leads to it. @module */

import { Needs } from './needs.ts';
import { isBuiltin, isFixed, isShared } from './known-things.ts';
import { held, holds } from './region.ts';
import type { Change, Place, Region } from './region.ts';
import { Thing } from './value.ts';
import type { Variable, Value } from './value.ts';

/** A change. */
export interface Found {
  readonly place: Place;

  /** The start of the top-level statement that leads to the change. */
  readonly since: number;

  /** The target of the change: a variable, or a property of a thing. */
  readonly what: Variable | Thing;
}

/**
 * The changes that code makes, added in the order in which the code runs. Only the first change of each variable or
 * property is kept.
 */
export class Changes {
  readonly #variables: Map<Variable, Found> = new Map();
  /** Variables that are assigned only if they have no value. */
  readonly #filled: Map<Variable, Found> = new Map();
  readonly #things: Map<Thing, Map<string | undefined, Found>> = new Map();

  /** Changes of vague variables and things, by the code that runs together. */
  readonly #vague: Map<ReadonlySet<Region>, Map<Variable | Thing, Map<string | undefined, Found>>> = new Map();

  /** Things that are changed together with all that they hold. */
  readonly #wholes: Set<Thing> = new Set();

  /**
   * Adds the changes of `region`. It runs as part of `together`, because of the statement that starts at `since`; with
   * `isGuess` it only may run.
   */
  add({ sets, fills, changes }: Region, since: number, together: ReadonlySet<Region>, isGuess = false): void {
    if (isGuess) {
      for (const [variable, place] of [...sets, ...fills])
        this.#addVague({ place, since, what: variable }, undefined, together);
      for (const { of, key, start, end } of changes)
        for (const what of of.things ?? []) this.#addVague({ place: { start, end }, since, what }, key, together);
      return;
    }
    for (const [variable, place] of fills)
      if (isCertain(variable) && !this.#filled.has(variable))
        this.#filled.set(variable, { place, since, what: variable });
    for (const [variable, place] of sets) {
      if (!isCertain(variable)) this.#addVague({ place, since, what: variable }, undefined, together);
      else if (!this.#variables.has(variable)) this.#variables.set(variable, { place, since, what: variable });
    }
    for (const change of changes) {
      const { key, start, end } = change;
      for (const thing of change.of.things ?? []) {
        if (thing.isVague) this.#addVague({ place: { start, end }, since, what: thing }, key, together);
        this.#add(thing, key, change, since);
        if (!reachesFurther(thing, change)) continue;
        for (const part of held([thing], this.#wholes)) this.#add(part, undefined, change, since);
      }
    }
  }

  /** A change of something that `needs` has. */
  of(needs: Needs): Found | undefined {
    for (const variable of needs.variables) {
      // Code that fills a variable only if it is empty fills it in the thread as well.
      const found =
        this.#variables.get(variable) ?? (needs.fills.has(variable) ? undefined : this.#filled.get(variable));
      if (found) return found;
    }
    for (const [thing] of needs.things) {
      for (const [key, found] of this.#things.get(thing) ?? []) if (needs.includes(thing, key)) return found;
    }
    return this.#vaguely(needs);
  }

  /**
   * A change of something that `needs` may have. It counts only if the code that makes it mentions something needed.
   */
  #vaguely(needs: Needs): Found | undefined {
    for (const [together, changed] of this.#vague) {
      const found = vaguely(changed, needs);
      if (found && [...together].some((region) => mentions(region, needs))) return found;
    }
    return undefined;
  }

  /**
   * For each thing that holds a changed thing, directly or not: the start of the first statement that leads to a
   * change.
   */
  spread(holders: Holders): Map<Thing, number> {
    const first = new Map<Thing, number>();
    for (const [thing, keys] of this.#things)
      first.set(thing, Math.min(...[...keys.values()].map(({ since }) => since)));
    const inOrder = [...first].sort(([, a], [, b]) => a - b);
    const found = new Map<Thing, number>();
    for (const [thing, since] of inOrder) for (const above of holders.aboveAll([thing], found)) found.set(above, since);
    return found;
  }

  /**
   * The start of the first statement that changes something `region` reads; `spread` is the result of {@link spread}.
   */
  readBy(region: Region, spread: ReadonlyMap<Thing, number>): number {
    const { gets, reads, wholes } = region;
    let first = Infinity;
    for (const variable of gets) first = Math.min(first, this.#variables.get(variable)?.since ?? Infinity);
    for (const value of wholes) first = least(value, first, (thing) => spread.get(thing));
    for (const { of, key } of reads) first = least(of, first, (thing) => this.#sinceOf(thing, key, spread));
    return this.#vague.size === 0 ? first : Math.min(first, this.#sinceVaguely(region));
  }

  /** As {@link readBy}, for vague changes by code that mentions a variable which `region` mentions too. */
  #sinceVaguely(region: Region): number {
    const needs = new Needs();
    needs.add([region]);
    return this.#vaguely(needs)?.since ?? Infinity;
  }

  #sinceOf(thing: Thing, key: string | undefined, spread: ReadonlyMap<Thing, number>): number | undefined {
    if (thing.sources?.things) return spread.get(thing);
    const seen = new Set([thing]);
    let first: number | undefined;
    for (const one of seen) {
      const keys = this.#things.get(one);
      for (const [changed, { since }] of keys ?? []) {
        if (changed === undefined || key === undefined || changed === key) first = Math.min(first ?? Infinity, since);
      }
      for (const prototype of one.prototypes.things ?? []) seen.add(prototype);
    }
    return first;
  }

  #addVague(found: Found, key: string | undefined, together: ReadonlySet<Region>): void {
    const { what } = found;
    if (what instanceof Thing && (isFixed(what) || isBuiltin(what))) return;
    let changed = this.#vague.get(together);
    if (!changed) this.#vague.set(together, (changed = new Map()));
    let keys = changed.get(found.what);
    if (!keys) changed.set(found.what, (keys = new Map()));
    if (!keys.has(key)) keys.set(key, found);
  }

  #add(what: Thing, key: string | undefined, { start, end }: Place, since: number): void {
    // A vague thing may or may not be the changed one.
    if (what.isVague) return;
    // Code may set one property of a built-in object, but no code means to change arbitrary properties of one.
    if (isFixed(what) || (key === undefined && isBuiltin(what))) return;
    let keys = this.#things.get(what);
    if (!keys) this.#things.set(what, (keys = new Map()));
    if (!keys.has(key)) keys.set(key, { place: { start, end }, since, what });
  }
}

/** A change in `changed` that may be a change of something that `needs` has. */
function vaguely(
  changed: ReadonlyMap<Variable | Thing, ReadonlyMap<string | undefined, Found>>,
  needs: Needs,
): Found | undefined {
  for (const [what, keys] of changed) {
    for (const [key, found] of keys) {
      const isMeant =
        what instanceof Thing ? needs.includes(what, key) || needs.mayInclude(what, key) : needs.variables.has(what);
      if (isMeant) return found;
    }
  }
  return undefined;
}

/** Whether the code of `region` itself uses a needed variable that holds more than a function. */
export function mentions({ gets }: Region, { variables }: Needs): boolean {
  for (const variable of gets) {
    if (!variables.has(variable)) continue;
    for (const { code, fields } of variable.things ?? []) {
      if (code?.type !== 'FunctionDeclaration' || fields.size > 1) return true;
    }
  }
  return false;
}

/** Whether the variable exists once: it is a variable of one call, or of the module. */
const isCertain = ({ owner }: Variable): boolean => !owner?.isVague;

function least({ things }: Value, first: number, since: (thing: Thing) => number | undefined): number {
  let least = first;
  for (const thing of things ?? []) least = Math.min(least, since(thing) ?? Infinity);
  return least;
}

/**
 * Whether `change` may reach parts of `thing` too. A thing that outside code made may be, or have, one of its sources.
 */
function reachesFurther(thing: Thing, { deep }: Change): boolean {
  return deep || thing.sources?.things !== undefined;
}

/**
 * Whether `region` surely changes something that `needs` has, or perhaps does, because a thing that it changes is not
 * told apart from a needed thing. `above` has all things that hold a needed thing.
 */
export function changesSome(
  { sets, fills, changes }: Region,
  needs: Needs,
  above: ReadonlySet<Thing>,
): 'surely' | 'perhaps' | undefined {
  for (const variable of [...sets.keys(), ...fills.keys()]) if (needs.variables.has(variable)) return 'surely';
  let isPossible = false;
  for (const change of changes) {
    for (const thing of change.of.things ?? []) {
      // Any code may read the built-in prototypes.
      if (isShared(thing)) return 'surely';
      const isMeant = !isFixed(thing) && needs.includes(thing, change.key);
      if (isMeant || (reachesFurther(thing, change) && above.has(thing))) {
        if (!thing.isVague) return 'surely';
        isPossible = true;
      }
      isPossible ||= needs.mayInclude(thing, change.key);
    }
  }
  return isPossible ? 'perhaps' : undefined;
}

/** The holders of each thing, to find all things that hold a needed one. */
export class Holders {
  readonly #holders: Map<Thing, Thing[]> = new Map();

  constructor(things: Iterable<Thing>) {
    for (const thing of held(things)) {
      for (const part of holds(thing)) {
        const known = this.#holders.get(part);
        if (known) known.push(thing);
        else this.#holders.set(part, [thing]);
      }
    }
  }

  /** All things from which a changeable thing of `needs` can be reached. */
  above(needs: Needs): Set<Thing> {
    return this.aboveAll(
      [...needs.things.keys()].filter((thing) => !isFixed(thing) && !isBuiltin(thing)),
      new Map(),
    );
  }

  /** `things` and all things from which these can be reached; those in `known` are skipped. */
  aboveAll(things: readonly Thing[], known: ReadonlyMap<Thing, unknown>): Set<Thing> {
    const found = new Set(things.filter((thing) => !known.has(thing)));
    for (const thing of found) {
      for (const holder of this.#holders.get(thing) ?? []) if (!known.has(holder)) found.add(holder);
    }
    return found;
  }
}
