/** Takes the parts that cannot cross out of an error, or out of any thrown value. @module */

import { EventEmitter } from 'node:events';
import { description, errorFields, tryRead } from './payload.ts';
import { define } from '../walk/hole.ts';
import { isOfPlatform } from '../walk/host.ts';
import { classKindOf, kindOf } from '../walk/kinds.ts';
import type { Kind } from '../walk/kinds.ts';
import { isPrimitive } from '../quick/look.ts';
import { Remains } from './remains.ts';
import { formOf, isReplaced } from '../sendable.ts';

/** How many objects an error may contain for all of it to be sent: the walk over so many takes some 50 ms. */
export const mostWhole = 100_000;

/**
 * How many objects are sent if some part cannot cross, or if the error contains more than `mostWhole`: those nearest to
 * the error. An error may lead to a socket or a syntax tree, whose whole object graph nobody wants.
 */
const mostLeft = 10_000;

/** How many steps an object may be away from the error: each step takes a part of the stack. */
export const mostSteps = 500;

/** Replaces a value that cannot cross. */
const nothing = Symbol('nothing');

/** A visited object whose parts have not been visited yet. */
interface Pending {
  readonly source: object;
  readonly stand: object;
  readonly steps: number;

  /**
   * Whether the object is the `errors` list of an `AggregateError`: an item that cannot cross is replaced by a
   * description.
   */
  readonly isErrors: boolean;
}

/** The container in which a value was found. */
interface Place {
  readonly around?: object;
  readonly isErrors?: boolean;
}

/** The internal fields of an `EventEmitter`. */
const workings = new Set(['_events', '_eventsCount', '_maxListeners']);

/**
 * Copies the parts that can cross, the nearest first, so that a limit cuts off the furthest.
 *
 * Invariant: a visited object has the same copy wherever it occurs, so that identity and cycles are kept.
 */
export class Salvage {
  readonly #stands = new Map<object, object>();
  readonly #fits: (value: object) => boolean;
  #pending: Pending[] = [];

  /** How many more objects may be visited. */
  #left = 0;

  /** How many steps an object may be away from the value given to `rescue`. */
  readonly steps: number;

  /** @param fits Says whether an object that is not to be taken apart can cross. */
  constructor(fits: (value: object) => boolean, steps: number = mostSteps) {
    this.#fits = fits;
    this.steps = steps;
  }

  /** A copy of `value` for the packer, without what cannot cross; `undefined` if nothing of it can. */
  rescue(value: object): object | undefined {
    this.#left = mostLeft;
    const stand = this.#standFor(value, 0);
    // In the order in which they were found, the nearest first. The list grows during the loop.
    for (const pending of this.#pending) {
      try {
        this.#fill(pending);
      } catch {
        // A proxy threw: the parts found before that are kept.
      }
    }
    this.#pending = [];
    return stand === nothing ? undefined : (stand as object);
  }

  /** The copy of `value`; `nothing` if `value` cannot cross or is too far away. */
  #standFor(value: unknown, steps: number, { around, isErrors = false }: Place = {}): unknown {
    if (typeof value !== 'object' || value === null) return nothing;
    // A field of an emitter that is an emitter too is part of its machinery, such as the socket of a request.
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

  /** An empty copy that takes the parts of `value`; `value` itself if it is not to be taken apart. */
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

  /** Items keep their indices: an item that cannot cross leaves a gap. */
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

  /** As `#part`, but gives a description of a value that cannot cross. */
  #described(pending: Pending, value: unknown): unknown {
    const part = this.#part(pending, value);
    const isGone = part === nothing || (typeof value === 'object' && value !== null && isAllLost(value));
    return isGone ? description(value) : part;
  }
}

/** Whether `value` has only functions and symbols, so that a description says more than what would be left. */
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

/** An empty container of the kind `kind`, if values of that kind have parts. */
function emptyOf(kind: Kind, value: object, isInstance: boolean): object | undefined {
  if (kind === 'error') return new Remains(value);
  // With the prototype of `value`, so that the copy is an instance too.
  if (isInstance)
    return kind === 'instance' ? (Object.create(Object.getPrototypeOf(value) as object) as object) : undefined;
  if (kind === 'plain' || ((kind === 'instance' || kind === 'iterable') && hasFields(value))) return {};
  if (kind === 'array') return [];
  if (kind === 'map') return new Map();
  return kind === 'set' ? new Set() : undefined;
}

/** Whether the fields of the instance `value` matter: those of streams, iterators and platform objects do not. */
function hasFields(value: object): boolean {
  if (value instanceof EventEmitter) return !('_readableState' in value || '_writableState' in value);
  return typeof (value as { next?: unknown }).next !== 'function' && !isOfPlatform(value);
}
