/** The complete walk over values that are to cross. @module */

import type { File } from 'node:buffer';
import { EventEmitter } from 'node:events';
import type { Transferable } from 'node:worker_threads';
import { assertAttached, assertBytes, packBuffer } from './buffers.ts';
import { packMap, packSet } from './collections.ts';
import { errorFields, errorPayload } from '../errors/payload.ts';
import { fileTicket } from './files.ts';
import { assign } from './hole.ts';
import type { Hole, HoleKind, InstanceFacts } from './hole.ts';
import { refuseIterable } from '../live/iterables.ts';
import { classKindOf, kindOf } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { isPrimitive } from '../quick/look.ts';
import { assertMovable, pathInList } from '../memory/movable.ts';
import { takeMove } from '../memory/move.ts';
import type { Moved } from '../memory/move.ts';
import type { OutgoingScope } from '../outgoing.ts';
import { EntryStep, pathOf, stepOf } from './path.ts';
import type { Step } from './path.ts';
import type { Remains } from '../errors/remains.ts';
import { refusal } from './refusal.ts';
import type { Refused } from './refusal.ts';
import { mostSteps, mostWhole, Salvage } from '../errors/salvage.ts';
import { formOf, isReplaced, sendableOf } from '../sendable.ts';
import type { SendableClass } from '../sendable.ts';
import { sharedTicket } from './shared.ts';
import type { Shared } from './shared.ts';
import type { Walker } from './walker.ts';

/**
 * The kinds with content beside fields. Typed arrays are left out, because their fields cannot be told from their
 * items.
 */
const contentKinds: ReadonlySet<Kind> = new Set<Kind>(['file', 'kept', 'map', 'params', 'set', 'url']);

/** How many steps a part may be away from its error if the stack is too small for more. */
const fewSteps = 20;

/** The kinds that `#packAs` packs; the others are handled before. */
type PackedKind = Exclude<Kind, 'moved' | 'plain' | 'sendable'>;

/** The replacement of an object in the message: a copy of the object, or, if `kind` is set, the payload of a hole. */
interface Packing {
  readonly stand: unknown;
  readonly kind: HoleKind | undefined;
}

/**
 * Walks values, and visits each object once.
 *
 * Invariant: `#packings` has an entry for every visited object, made before the object's parts are walked, so that
 * cycles end. After a failed `#attempt` it has none of the objects visited during the attempt.
 */
export class Packer implements Walker {
  readonly holes: Hole[] = [];
  readonly transfer: Set<Transferable>;

  readonly #scope: OutgoingScope;
  readonly #packings = new Map<object, Packing>();
  readonly #steps: Step[] = [];

  /** The class instances and errors that contain the value being packed, and the length of `#steps` at each. */
  readonly #instances: { readonly owner: object; readonly depth: number }[] = [];

  /** Instances whose `[toThread]()` data is being packed: the other side cannot make them before it has the data. */
  readonly #forming = new Set<object>();

  /** Whether an error contains the value being packed. */
  #isInError = false;

  /** How many objects may be visited. */
  #mostMet = Infinity;

  /** The parts of errors that can cross. */
  #salvage: Salvage | undefined;

  constructor(scope: OutgoingScope) {
    this.#scope = scope;
    const moving = Object.hasOwn(scope, 'transfer') ? scope.transfer : undefined;
    this.transfer = new Set(moving as ReadonlySet<Transferable> | undefined);
  }

  /** Sets `container[key]` to the packed form of `value`, or leaves it to a hole. */
  put(container: object, key: string | number, value: unknown, step: Step = key): void {
    if (typeof value === 'object' ? value === null : typeof value !== 'function' && typeof value !== 'symbol') {
      return assign(container, key, value);
    }
    this.#steps.push(step);
    const packing = this.#packings.get(value as object) ?? this.#pack(value as object | Function | symbol);
    this.#steps.pop();
    this.#place(container, key, packing);
  }

  #place(container: object, key: string | number, { stand, kind }: Packing): void {
    // A key with a hole is set to `undefined`, so that fields keep their order.
    assign(container, key, kind === undefined ? stand : undefined);
    if (kind !== undefined) this.holes.push([container, key, kind, stand]);
  }

  /**
   * As {@link put}, but parts of `value` that cannot cross are left out.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if no part of it can cross.
   */
  putWhatCan(container: object, key: string | number, value: object): void {
    // `put` itself leaves out the parts of an error that cannot cross.
    if (kindOf(value) === 'error') return this.put(container, key, value);
    const packing = this.#packWhatCan(value, () => this.#pack(value));
    this.#place(container, key, packing);
  }

  /** Runs `action`; if it throws, undoes all its packing and gives `undefined`. */
  #attempt(action: () => Packing): Packing | undefined {
    const { length: holes } = this.holes;
    const { length: steps } = this.#steps;
    const { length: instances } = this.#instances;
    const { size: packings } = this.#packings;
    const { size: transfers } = this.transfer;
    try {
      return action();
    } catch {
      this.holes.length = holes;
      this.#steps.length = steps;
      this.#instances.length = instances;
      for (const value of [...this.#packings.keys()].slice(packings)) this.#packings.delete(value);
      for (const item of [...this.transfer].slice(transfers)) this.transfer.delete(item);
      return undefined;
    }
  }

  /** Packs, by `action`, the parts of `owner`; functions among them are refused. */
  within(owner: object, action: () => void): void {
    this.#instances.push({ owner, depth: this.#steps.length });
    action();
    this.#instances.pop();
  }

  refusal(value: unknown, facts: Partial<Refused> = {}): Error {
    const { root } = this.#scope;
    // For sockets, servers and the like, the emitter itself is named, not the listener in it that cannot cross.
    const emitter = this.#instances.find(({ owner }) => owner instanceof EventEmitter);
    if (emitter) return refusal({ path: pathOf(root, this.#steps.slice(0, emitter.depth)), value: emitter.owner });
    return refusal({ path: pathOf(root, this.#steps), value, inside: this.#instances.at(-1)?.owner, ...facts });
  }

  #keep(value: object, stand: unknown, kind?: HoleKind): Packing {
    if (this.#packings.size > this.#mostMet) throw this.refusal(value, { hint: 'the error contains too many objects' });
    const packing = { stand, kind };
    this.#packings.set(value, packing);
    return packing;
  }

  // A plain object takes only two stack frames a level, so that the walk can go as deep as structured clone.
  #pack(value: object | Function | symbol): Packing {
    const live = typeof value === 'symbol' ? undefined : this.#scope.exportLive?.(value);
    if (live) return this.#keep(value as object, live, 'live');
    if (typeof value === 'function' || typeof value === 'symbol') return this.#packFunction(value);
    const kind = kindOf(value);
    if (kind === 'plain') {
      const copy = {};
      const packing = this.#keep(value, copy);
      for (const key of Object.keys(value)) this.put(copy, key, (value as Record<string, unknown>)[key]);
      return packing;
    }
    if (kind === 'moved') return this.#packMoved(takeMove(value) as Moved);
    if (kind !== 'buffer' && this.transfer.has(value as Transferable)) return this.#keep(value, value);
    return kind === 'sendable' ? this.#packSendable(value) : this.#packAs(kind, value);
  }

  #packFunction(value: Function | symbol): Packing {
    if (typeof value === 'symbol' || !this.#scope.exportFunction || this.#instances.length > 0) {
      throw this.refusal(value);
    }
    return this.#keep(value, this.#scope.exportFunction(value), 'function');
  }

  #packMoved({ value, transfer }: Moved): Packing {
    assertMovable(transfer, (i) => pathInList(pathOf(this.#scope.root, this.#steps), value, transfer, i));
    for (const item of transfer) this.transfer.add(item);
    const isPlain = isPrimitive(value);
    return isPlain
      ? { stand: value, kind: undefined }
      : (this.#packings.get(value as object) ?? this.#pack(value as object));
  }

  #packAs(kind: PackedKind, value: object): Packing {
    switch (kind) {
      case 'array':
        return this.#packArray(value as unknown[]);
      case 'map':
        return this.#packMap(value as Map<unknown, unknown>, new Map());
      case 'set':
        return this.#packSet(value as Set<unknown>, new Set());
      case 'buffer':
        return this.#keep(value, packBuffer(value as Buffer, this.transfer, this), 'buffer');
      case 'memory':
        assertAttached(value, this);
        if (this.#scope.asBytes) assertBytes(value, this);
        return this.#keep(value, value);
      case 'kept':
        if (this.#scope.asBytes) assertBytes(value, this);
        return this.#keep(value, value);
      case 'shared':
        if (this.#scope.asBytes) assertBytes(value, this);
        return this.#keep(value, (value as Shared)[sharedTicket], 'shared');
      case 'url':
        return this.#keep(value, { href: (value as URL).href }, 'url');
      case 'params':
        return this.#keep(value, { query: (value as URLSearchParams).toString() }, 'params');
      case 'file':
        if (this.#scope.asBytes) assertBytes(value, this);
        return this.#keep(value, fileTicket(value as File), 'file');
      case 'error':
        return this.#packError(value);
      case 'remains':
        return this.#packRemains(value as Remains);
      case 'signal':
        return this.#packSignal(value as AbortSignal);
      case 'instance':
        return this.#packInstance(value);
      case 'iterable':
        return this.#packIterable(value);
      case 'port':
        throw this.refusal(value, { hint: 'it can only be moved, so name it in the transfer list or in move()' });
      case 'bound':
        throw this.refusal(value);
    }
  }

  #putFields(value: object, copy: object): void {
    for (const key of Object.keys(value)) this.put(copy, key, (value as Record<string, unknown>)[key]);
  }

  #packArray(value: unknown[]): Packing {
    const { length } = value;
    const copy: unknown[] = [];
    const packing = this.#keep(value, copy);
    let dense = 0;
    for (; dense < length && dense in value; dense += 1) this.put(copy, dense, value[dense]);
    // Gaps stay gaps, and fields beside the items are kept, as structured clone does. For a long array, counting its
    // values takes a tenth of the time of listing its keys.
    if (dense < length || Object.values(value).length > length) this.#packRest(value, copy, dense);
    copy.length = length;
    return packing;
  }

  #packRest(value: object, copy: unknown[], from: number): void {
    for (const key of Object.keys(value).slice(from))
      this.put(copy, key, (value as Record<string, unknown>)[key], stepOf(key));
  }

  #packMap(value: Map<unknown, unknown>, copy: Map<unknown, unknown>): Packing {
    const packing = this.#keep(value, copy);
    packMap(value, copy, this.holes, this);
    return packing;
  }

  #packSet(value: Set<unknown>, copy: Set<unknown>): Packing {
    const packing = this.#keep(value, copy);
    packSet(value, copy, this.holes, this);
    return packing;
  }

  /**
   * Packs an error, which always arrives, without its parts that cannot cross. The outermost error leaves these out.
   */
  #packError(value: object, registered?: string): Packing {
    const whole = (): Packing => this.#packFieldsOf(value, errorFields(value), registered);
    if (this.#isInError) return whole();
    this.#isInError = true;
    try {
      return this.#packWhatCan(value, whole);
    } finally {
      this.#isInError = false;
    }
  }

  /** Packs `value` by `whole` if all of it can cross and is not too much; otherwise packs the parts that can cross. */
  #packWhatCan(value: object, whole: () => Packing): Packing {
    const before = this.#mostMet;
    this.#mostMet = Math.min(before, this.#packings.size + mostWhole);
    let packing = this.#attempt(whole);
    this.#mostMet = before;
    // Each attempt keeps only parts that are nearer to the error, in case the stack is too small for the rest.
    for (const steps of [mostSteps, fewSteps, 0]) packing ??= this.#attempt(() => this.#packLeft(value, steps));
    if (!packing) throw this.refusal(value);
    return packing;
  }

  #packLeft(value: object, steps: number): Packing {
    if (this.#salvage?.steps !== steps) this.#salvage = new Salvage((leaf) => this.#fits(leaf), steps);
    const left = this.#salvage.rescue(value);
    if (!left) throw this.refusal(value);
    return this.#packings.get(left) ?? this.#pack(left);
  }

  /** Whether `value`, which is not taken apart, can cross. */
  #fits(value: object): boolean {
    const { root, asBytes = false } = this.#scope;
    const trial = new Packer({ root, asBytes });
    trial.#mostMet = mostWhole;
    return trial.#attempt(() => trial.#pack(value)) !== undefined;
  }

  #packRemains({ error, fields }: Remains): Packing {
    return this.#packings.get(error) ?? this.#packFieldsOf(error, fields, sendableOf(error)?.name);
  }

  #packFieldsOf(error: object, fields: Iterable<readonly [string, unknown]>, registered: string | undefined): Packing {
    const payload = errorPayload(error, registered);
    const packing = this.#keep(error, payload, 'error');
    this.within(error, () => {
      for (const [key, field] of fields) this.put(payload.fields, key, field);
    });
    this.holes.push([payload, undefined, 'fields', undefined]);
    return packing;
  }

  #packSignal(signal: AbortSignal): Packing {
    if (!this.#scope.exportSignal) throw this.refusal(signal);
    const ticket = this.#scope.exportSignal(signal);
    this.transfer.add(ticket.port);
    return this.#keep(signal, ticket, 'signal');
  }

  #packIterable(value: object): Packing {
    if (!this.#scope.exportIterable || this.#instances.length > 0) return refuseIterable(value, this);
    return this.#keep(value, this.#scope.exportIterable(value), 'iterable');
  }

  /** Packs a plain object of the own enumerable fields, which is what structured clone makes of an instance. */
  #packInstance(value: object): Packing {
    const copy = {};
    const packing = this.#keep(value, copy);
    this.within(value, () => this.#putFields(value, copy));
    return packing;
  }

  #packSendable(value: object): Packing {
    const { name, module } = sendableOf(value) as SendableClass;
    if (isReplaced(value))
      throw this.refusal(value, { hint: `another class is registered as ${name}: give one of them another name` });
    const form = formOf(value);
    if (form) return this.#packForm(value, module === undefined ? { name } : { name, module }, form);
    const kind = classKindOf(value);
    if (kind === 'error') return this.#packError(value, name);
    const packing = this.#packAs(kind === 'iterable' ? 'instance' : (kind as PackedKind), value);
    const fields = contentKinds.has(kind) ? this.#packBeside(value) : undefined;
    const facts: InstanceFacts = { name, kind: packing.kind, fields };
    const isName = packing.kind === undefined && fields === undefined;
    this.holes.push([packing.stand as object, undefined, 'prototype', isName ? name : facts]);
    return packing;
  }

  /** Packs the fields that an instance has beside its content, which structured clone would drop. */
  #packBeside(value: object): object | undefined {
    if (Object.keys(value).length === 0) return undefined;
    const fields = {};
    this.within(value, () => this.#putFields(value, fields));
    return fields;
  }

  #packForm(value: object, registered: object, form: () => unknown): Packing {
    const hint = 'the data that its [toThread]() returns contains it again';
    if (this.#forming.has(value)) throw this.refusal(value, { hint });
    const payload = { ...registered, data: undefined };
    const isInError = this.#isInError;
    this.#forming.add(value);
    // An error inside the data is packed as if no error were around the instance, so that it leaves out its own parts.
    this.#isInError = false;
    try {
      this.within(value, () => this.put(payload, 'data', form(), new EntryStep('form')));
    } finally {
      this.#isInError = isInError;
      this.#forming.delete(value);
    }
    return this.#keep(value, payload, 'instance');
  }
}
