/** What is left of an error, or of anything thrown, once what cannot cross was taken out of it. @module */

import { EventEmitter } from 'node:events';
import { description, errorFields, tryRead } from './error-payload.ts';
import { define } from './hole.ts';
import { isOfPlatform } from './host.ts';
import { classKindOf, kindOf } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { isPrimitive } from './look.ts';
import { Remains } from './remains.ts';
import { formOf, isReplaced } from './sendable.ts';

/** How many objects may hang on an error for all of it to travel: the walk over so many takes some 50 ms. */
export const mostWhole = 100_000;

/**
 * How many travel where a part cannot, or where there are more: those that are nearest to the error. Of sockets, syntax
 * trees and the like nobody wants the world that they lead to.
 */
const mostLeft = 10_000;

/** How far from the error they may be: each step takes a part of the stack. */
export const mostSteps = 500;

/** In place of what cannot cross. */
const nothing = Symbol('nothing');

/** Something that was met, whose parts are still to be looked at. */
interface Pending {
  readonly source: object;
  readonly stand: object;
  readonly steps: number;

  /** Whether it is the list of an `AggregateError`: what cannot cross of it is described in its place. */
  readonly isErrors: boolean;
}

/** Where a value was met: in what, and under which name. */
interface Place {
  readonly around?: object;
  readonly isErrors?: boolean;
}

/** The own workings of an `EventEmitter`, in its own words. */
const workings = new Set(['_events', '_eventsCount', '_maxListeners']);

/**
 * Copies what can cross, the nearest first, so that what is cut off is what is furthest away.
 *
 * Invariant: an object that was met has the same stand wherever it occurs, so that identity and cycles are kept.
 */
export class Salvage {
  readonly #stands = new Map<object, object>();
  readonly #fits: (value: object) => boolean;
  #pending: Pending[] = [];

  /** How many objects more may be met. */
  #left = 0;

  /** How far from `rescue`'s value they may be. */
  readonly steps: number;

  /** @param fits Says whether something that is not to be taken apart can cross. */
  constructor(fits: (value: object) => boolean, steps: number = mostSteps) {
    this.#fits = fits;
    this.steps = steps;
  }

  /** What is left of `value`, for the walk to take; `undefined` if it cannot cross at all. */
  rescue(value: object): object | undefined {
    this.#left = mostLeft;
    const stand = this.#standFor(value, 0);
    // In the order in which they were met: what is nearest comes first. The list grows meanwhile.
    for (const pending of this.#pending) {
      try {
        this.#fill(pending);
      } catch {
        // A proxy: what was found until it threw stays.
      }
    }
    this.#pending = [];
    return stand === nothing ? undefined : (stand as object);
  }

  /** What stands for `value`; `nothing` if it cannot cross, or is too far away. */
  #standFor(value: unknown, steps: number, { around, isErrors = false }: Place = {}): unknown {
    if (typeof value !== 'object' || value === null) return nothing;
    // Where one leads to another, it is to what it works with.
    if (around instanceof EventEmitter && value instanceof EventEmitter) return nothing;
    const known = this.#stands.get(value);
    if (known) return known;
    if (steps > this.steps || this.#left === 0) return nothing;
    const stand = this.#standOf(value);
    if (!stand) return nothing;
    this.#left -= 1;
    this.#stands.set(value, stand);
    if (stand !== value) this.#pending.push({ source: value, stand, steps, isErrors });
    return stand;
  }

  /** What takes the parts of `value`; `value` itself if it is not to be taken apart. */
  #standOf(value: object): object | undefined {
    try {
      const kind = kindOf(value);
      const isInstance = kind === 'sendable' && formOf(value) === undefined && !isReplaced(value);
      const empty = emptyOf(isInstance ? classKindOf(value) : kind, value, isInstance);
      return empty ?? (this.#fits(value) ? value : undefined);
    } catch {
      return undefined;
    }
  }

  #fill(pending: Pending): void {
    const { stand } = pending;
    if (stand instanceof Remains) this.#fillFields(pending, stand.fields);
    else if (stand instanceof Map) this.#fillMap(pending, stand);
    else if (stand instanceof Set) this.#fillSet(pending, stand);
    else if (Array.isArray(stand)) this.#fillItems(pending, stand);
    else this.#fillObject(pending);
  }

  #fillFields(pending: Pending, fields: Map<string, unknown>): void {
    for (const [key, value] of errorFields(pending.source)) {
      const part = key === 'cause' ? this.#described(pending, value) : this.#part(pending, value, key === 'errors');
      if (part !== nothing) fields.set(key, part);
    }
  }

  #fillMap(pending: Pending, map: Map<unknown, unknown>): void {
    for (const [key, value] of Map.prototype.entries.call(pending.source)) {
      const [keyPart, valuePart] = [this.#part(pending, key), this.#part(pending, value)];
      if (keyPart !== nothing && valuePart !== nothing) map.set(keyPart, valuePart);
    }
  }

  #fillSet(pending: Pending, set: Set<unknown>): void {
    for (const item of Set.prototype.values.call(pending.source)) {
      const part = this.#part(pending, item);
      if (part !== nothing) set.add(part);
    }
  }

  /** Items keep their indices: what cannot cross leaves a gap. */
  #fillItems(pending: Pending, items: unknown[]): void {
    const source = pending.source as unknown[];
    let dense = 0;
    for (; dense < source.length && dense in source; dense += 1) {
      const part = pending.isErrors ? this.#described(pending, source[dense]) : this.#part(pending, source[dense]);
      if (part !== nothing) items[dense] = part;
    }
    if (dense < source.length || Object.values(source).length > dense)
      for (const key of Object.keys(source).slice(dense)) this.#fillField(pending, key);
    items.length = source.length;
  }

  #fillObject(pending: Pending): void {
    const { source } = pending;
    const isEmitter = source instanceof EventEmitter;
    for (const key of Object.keys(source)) if (!isEmitter || !workings.has(key)) this.#fillField(pending, key);
  }

  #fillField(pending: Pending, key: string): void {
    const read = tryRead(pending.source, key);
    const part = read ? this.#part(pending, read.value) : nothing;
    if (part !== nothing) define(pending.stand, key, part);
  }

  #part({ source, steps }: Pending, value: unknown, isErrors = false): unknown {
    return isPrimitive(value) ? value : this.#standFor(value, steps + 1, { around: source, isErrors });
  }

  /** As `#part`, with a description of what cannot cross. */
  #described(pending: Pending, value: unknown): unknown {
    const part = this.#part(pending, value);
    const isGone = part === nothing || (typeof value === 'object' && value !== null && isAllLost(value));
    return isGone ? description(value) : part;
  }
}

/** Whether all that `value` has are functions and symbols: what is left of it says less than a description. */
export function isAllLost(value: object): boolean {
  try {
    if (!['plain', 'instance'].includes(kindOf(value))) return false;
    const keys = Object.keys(value);
    return keys.length > 0 && keys.every((key) => isLost(tryRead(value, key)?.value));
  } catch {
    return false;
  }
}

const isLost = (value: unknown): boolean => typeof value === 'function' || typeof value === 'symbol';

/** What takes the parts of a value of the kind `kind`, where it is one that has parts. */
function emptyOf(kind: Kind, value: object, isInstance: boolean): object | undefined {
  if (kind === 'error') return new Remains(value);
  // With the class that it has, so that it is an instance still.
  if (isInstance)
    return kind === 'instance' ? (Object.create(Object.getPrototypeOf(value) as object) as object) : undefined;
  if (kind === 'plain' || ((kind === 'instance' || kind === 'iterable') && hasFields(value))) return {};
  if (kind === 'array') return [];
  if (kind === 'map') return new Map();
  return kind === 'set' ? new Set() : undefined;
}

/** Whether the fields of `value`, an instance, are of interest: not those of a stream, of an iterator, or of the platform. */
function hasFields(value: object): boolean {
  if (value instanceof EventEmitter) return !('_readableState' in value || '_writableState' in value);
  return typeof (value as { next?: unknown }).next !== 'function' && !isOfPlatform(value);
}
