/** The complete walk: finds all that structured clone would lose or refuse, and packs it. @module */

import { types } from 'node:util';
import type { Transferable } from 'node:worker_threads';
import type { Hole, HoleKind } from './hole.ts';
import { errorPayload } from './error-payload.ts';
import { hostVerdict } from './host.ts';
import { at, atKey } from './path.ts';
import { refuse } from './refusal.ts';
import { sendableOf, toThread } from './sendable.ts';
import type { SignalTicket } from './signals.ts';

/** What the sender allows to cross, and how. */
export interface OutgoingScope {
  /** What the values are called in messages: `args` or `result`. */
  readonly root: string;

  /** What moves: it is left as it is. */
  readonly transfer?: ReadonlySet<object>;

  /** Keeps a function here and gives the id under which the other side calls it. Without it, functions are refused. */
  exportFunction?(fn: Function): number;

  /** Gives what the other side makes a signal of. Without it, signals are refused. */
  exportSignal?(signal: AbortSignal): SignalTicket;
}

/** Values that structured clone takes as one message, with how to restore what it would have lost. */
export interface Packed {
  readonly values: unknown[];
  readonly holes: Hole[] | undefined;
  readonly transfer: Transferable[];
}

/** From how many bytes on a copy is transferred rather than cloned once more. */
const transferFrom = 64 * 1024;

/**
 * Copies the containers of `values` and takes out of them what needs care. Identity and cycles are kept.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot cross.
 * @throws What a getter throws.
 */
export function pack(values: readonly unknown[], scope: OutgoingScope): Packed {
  const packer = new Packer(scope);
  const copy: unknown[] = [];
  for (const [index, value] of values.entries()) {
    packer.put(copy, index, value, scope.root === 'result' ? 'result' : at(scope.root, index));
  }
  return { values: copy, holes: packer.holes.length > 0 ? packer.holes : undefined, transfer: packer.transfer };
}

/**
 * Walks values once.
 *
 * Invariant: `copies` has an entry for every object that was met, made before its fields are walked, so that cycles end.
 */
export class Packer {
  readonly holes: Hole[] = [];
  readonly transfer: Transferable[] = [];
  readonly #scope: OutgoingScope;
  readonly #copies = new Map<object, { readonly copy: unknown; readonly kind?: HoleKind }>();

  constructor(scope: OutgoingScope) {
    this.#scope = scope;
  }

  /** Makes `container[key]` what stands for `value`. */
  put(container: object, key: string | number, value: unknown, path: string, inInstance = false): void {
    if (typeof value === 'function') return this.#putFunction(container, key, value, path, inInstance);
    if (typeof value === 'symbol') throw refuse(path, value);
    if (typeof value !== 'object' || value === null) return assign(container, key, value);
    const known = this.#copies.get(value) ?? this.#pack(value, path, inInstance);
    if (known.kind === undefined) return assign(container, key, known.copy);
    // The place is held, so that fields keep their order.
    assign(container, key, undefined);
    this.holes.push([container, key, known.kind, known.copy]);
  }

  #putFunction(container: object, key: string | number, fn: Function, path: string, inInstance: boolean): void {
    if (!this.#scope.exportFunction || inInstance) throw refuse(path, fn);
    assign(container, key, undefined);
    this.holes.push([container, key, 'function', this.#scope.exportFunction(fn)]);
  }

  #pack(value: object, path: string, inInstance: boolean): { readonly copy: unknown; readonly kind?: HoleKind } {
    const { transfer } = this.#scope;
    if (transfer?.has(value)) return this.#know(value, value);
    if (Array.isArray(value)) return this.#fields(value, [], path, inInstance);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#fields(value, {}, path, inInstance);
    if (types.isMap(value)) return this.#map(value, path, inInstance);
    if (types.isSet(value)) return this.#set(value, path, inInstance);
    if (Buffer.isBuffer(value)) return this.#buffer(value);
    if (isLeaf(value)) return this.#know(value, value);
    return this.#special(value, path);
  }

  #special(value: object, path: string): { readonly copy: unknown; readonly kind?: HoleKind } {
    const registered = sendableOf(value);
    if (registered && !(value instanceof Error)) return this.#instance(value, registered.name, path);
    if (value instanceof Error) {
      const payload = {};
      const known = this.#know(value, payload, 'error');
      errorPayload(value, payload, registered?.name, this, path);
      return known;
    }
    if (value instanceof URL) return this.#know(value, value.href, 'url');
    if (value instanceof URLSearchParams) return this.#know(value, value.toString(), 'params');
    if (value instanceof AbortSignal && this.#scope.exportSignal) {
      const ticket = this.#scope.exportSignal(value);
      this.transfer.push(ticket.port);
      return this.#know(value, ticket, 'signal');
    }
    if (isRefused(value)) throw refuse(path, value);
    const verdict = hostVerdict(value);
    if (verdict === 'host') return this.#know(value, value);
    const { length } = this.holes;
    // As structured clone gives it: a plain object of its own enumerable fields.
    const known = this.#fields(value, {}, path, true);
    // Nothing in it was refused, and nothing of it was mended: it is the object itself that cannot be cloned.
    if (verdict === 'refused' && this.holes.length === length) throw refuse(path, value);
    return known;
  }

  #know(value: object, copy: unknown, kind?: HoleKind): { readonly copy: unknown; readonly kind?: HoleKind } {
    const known = kind === undefined ? { copy } : { copy, kind };
    this.#copies.set(value, known);
    return known;
  }

  #fields(value: object, copy: object, path: string, inInstance: boolean): { readonly copy: unknown } {
    const known = this.#know(value, copy);
    const isArray = Array.isArray(value);
    for (const key of Object.keys(value)) {
      const index = isArray && /^\d+$/.test(key) ? Number(key) : key;
      this.put(copy, index, (value as Record<string, unknown>)[key], at(path, index), inInstance);
    }
    if (isArray) (copy as unknown[]).length = value.length;
    return known;
  }

  #map(value: ReadonlyMap<unknown, unknown>, path: string, inInstance: boolean): { readonly copy: unknown } {
    const copy = new Map<unknown, unknown>();
    const known = this.#know(value, copy);
    const entries: unknown[] = [];
    const holesBefore = this.holes.length;
    for (const [key, item] of value) {
      this.put(entries, entries.length, key, `${path}.keys()`, inInstance);
      this.put(entries, entries.length, item, atKey(path, key), inInstance);
    }
    if (this.#hasHoleIn(entries, holesBefore)) this.holes.push([copy, undefined, 'map', entries]);
    else for (let i = 0; i < entries.length; i += 2) copy.set(entries[i], entries[i + 1]);
    return known;
  }

  #set(value: ReadonlySet<unknown>, path: string, inInstance: boolean): { readonly copy: unknown } {
    const copy = new Set<unknown>();
    const known = this.#know(value, copy);
    const entries: unknown[] = [];
    const holesBefore = this.holes.length;
    for (const item of value) this.put(entries, entries.length, item, `${path}.values()`, inInstance);
    if (this.#hasHoleIn(entries, holesBefore)) this.holes.push([copy, undefined, 'set', entries]);
    else for (const item of entries) copy.add(item);
    return known;
  }

  #hasHoleIn(container: object, from: number): boolean {
    return this.holes.slice(from).some(([holder]) => holder === container);
  }

  /** A `Buffer` is its own view only, never the pool behind it. */
  #buffer(value: Buffer): { readonly copy: unknown; readonly kind?: HoleKind } {
    if (this.#scope.transfer?.has(value.buffer)) {
      return this.#know(value, new Uint8Array(value.buffer, value.byteOffset, value.byteLength), 'buffer');
    }
    if (value.buffer instanceof SharedArrayBuffer) {
      return this.#know(value, new Uint8Array(value.buffer, value.byteOffset, value.byteLength), 'buffer');
    }
    const copy = Uint8Array.prototype.slice.call(value);
    const bytes = new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength);
    if (bytes.byteLength >= transferFrom) this.transfer.push(bytes.buffer);
    return this.#know(value, bytes, 'buffer');
  }

  #instance(value: object, name: string, path: string): { readonly copy: unknown; readonly kind?: HoleKind } {
    const payload: { name: string; data?: unknown; made?: boolean } = { name };
    const known = this.#know(value, payload, 'instance');
    const convert = (value as { [toThread]?: () => unknown })[toThread];
    if (typeof convert === 'function') {
      payload.made = true;
      this.put(payload, 'data', Reflect.apply(convert, value, []), path, true);
      return known;
    }
    const data = {};
    payload.data = data;
    for (const key of Object.keys(value))
      this.put(data, key, (value as Record<string, unknown>)[key], at(path, key), true);
    return known;
  }
}

/** What structured clone keeps as it is and has nothing inside that it would lose. */
function isLeaf(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isBoxedPrimitive(value)
  );
}

/** What structured clone would turn into an empty object, or refuse. */
function isRefused(value: object): boolean {
  return (
    types.isPromise(value) ||
    types.isProxy(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    value instanceof WeakRef ||
    value instanceof AbortSignal ||
    types.isGeneratorObject(value) ||
    isIterable(value)
  );
}

/** Something whose iterator method would be lost: a stream of items, not a value. */
function isIterable(value: object): boolean {
  const { [Symbol.iterator]: sync, [Symbol.asyncIterator]: async } = value as {
    [Symbol.iterator]?: unknown;
    [Symbol.asyncIterator]?: unknown;
  };
  return typeof sync === 'function' || typeof async === 'function';
}

/** As `container[key] = value`, but for any key: `__proto__` is a key like others. */
export function assign(container: object, key: string | number, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    (container as Record<string | number, unknown>)[key] = value;
  }
}
