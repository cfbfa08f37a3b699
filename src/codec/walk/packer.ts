/** The complete walk over values that are to cross. @module */

import type { Transferable } from 'node:worker_threads';
import { ErrorPacker } from '../errors/error-packer.ts';
import type { Remains } from '../errors/remains.ts';
import { mostWhole } from '../errors/salvage.ts';
import { refuseIterable } from '../live/iterables.ts';
import { assertMovable, pathInList } from '../memory/movable.ts';
import { takeMove } from '../memory/move.ts';
import type { Moved } from '../memory/move.ts';
import type { OutgoingScope } from '../outgoing.ts';
import { isPrimitive } from '../quick/look.ts';
import { packArray, packMap, packSet } from './collections.ts';
import { assign } from './hole.ts';
import { kindOf } from './kinds.ts';
import { packLeaf } from './leaves.ts';
import { pathOf } from './path.ts';
import type { Step } from './path.ts';
import type { Refused } from './refusal.ts';
import { SendablePacker } from './sendable-packer.ts';
import { Trail } from './trail.ts';
import type { Packing } from './trail.ts';
import type { PackedKind, PartWalker } from './walker.ts';

/**
 * Walks values, and visits each object once.
 *
 * Invariant: what the scope does not export is refused, apart from the parts of errors.
 */
export class Packer implements PartWalker {
  readonly trail: Trail;
  readonly asBytes: boolean;
  readonly #scope: OutgoingScope;
  readonly #steps: Step[];
  readonly #packings: ReadonlyMap<object, Packing>;
  readonly #transfer: Set<Transferable>;

  /** Made for the first error, and the first instance of a registered class. */
  #errors: ErrorPacker | undefined;
  #sendables: SendablePacker | undefined;

  constructor(scope: OutgoingScope) {
    this.#scope = scope;
    this.asBytes = scope.asBytes === true;
    const moving = Object.hasOwn(scope, 'transfer') ? scope.transfer : undefined;
    this.trail = new Trail(scope.root, moving as ReadonlySet<Transferable> | undefined);
    this.#steps = this.trail.steps;
    this.#packings = this.trail.packings;
    this.#transfer = this.trail.transfer;
  }

  /** Sets `container[key]` to the packed form of `value`, or leaves it to a hole. */
  put(container: object, key: string | number, value: unknown, step: Step = key): void {
    if (typeof value === 'object' ? value === null : typeof value !== 'function' && typeof value !== 'symbol') {
      return assign(container, key, value);
    }
    this.#steps.push(step);
    const packing = this.#packings.get(value as object) ?? this.pack(value as object | Function | symbol);
    this.#steps.pop();
    this.trail.place(container, key, packing);
  }

  /**
   * As {@link put}, but parts of `value` that cannot cross are left out.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if no part of it can cross.
   */
  putWhatCan(container: object, key: string | number, value: object): void {
    // `put` itself leaves out the parts of an error that cannot cross.
    if (kindOf(value) === 'error') return this.put(container, key, value);
    const packing = this.#errorPacker().packWhatCan(value, () => this.pack(value));
    this.trail.place(container, key, packing);
  }

  putFields(value: object, copy: object): void {
    for (const key of Object.keys(value)) this.put(copy, key, (value as Record<string, unknown>)[key]);
  }

  refusal(value: unknown, facts?: Partial<Refused>): Error {
    return this.trail.refusal(value, facts);
  }

  // A plain object takes only two stack frames a level, so that the walk can go as deep as structured clone.
  pack(value: object | Function | symbol): Packing {
    const live = typeof value === 'symbol' ? undefined : this.#scope.exportLive?.(value);
    if (live) return this.trail.keep(value as object, live, 'live');
    if (typeof value === 'function' || typeof value === 'symbol') return this.#packFunction(value);
    const kind = kindOf(value);
    if (kind === 'plain') {
      const copy = {};
      const packing = this.trail.keep(value, copy);
      for (const key of Object.keys(value)) this.put(copy, key, (value as Record<string, unknown>)[key]);
      return packing;
    }
    if (kind === 'moved') return this.#packMoved(takeMove(value) as Moved);
    if (kind !== 'buffer' && this.#transfer.has(value as Transferable)) return this.trail.keep(value, value);
    return kind === 'sendable' ? this.#sendablePacker().pack(value) : this.packAs(kind, value);
  }

  packAs(kind: PackedKind, value: object): Packing {
    switch (kind) {
      case 'array': {
        const copy: unknown[] = [];
        const packing = this.trail.keep(value, copy);
        packArray(value as unknown[], copy, this);
        return packing;
      }
      case 'map': {
        const copy = new Map<unknown, unknown>();
        const packing = this.trail.keep(value, copy);
        packMap(value as Map<unknown, unknown>, copy, this.trail.holes, this);
        return packing;
      }
      case 'set': {
        const copy = new Set<unknown>();
        const packing = this.trail.keep(value, copy);
        packSet(value as Set<unknown>, copy, this.trail.holes, this);
        return packing;
      }
      case 'buffer':
      case 'file':
      case 'kept':
      case 'memory':
      case 'params':
      case 'shared':
      case 'url':
        return packLeaf(kind, value, this);
      case 'error':
        return this.#errorPacker().pack(value);
      case 'remains':
        return this.#errorPacker().packRemains(value as Remains);
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

  #packFunction(value: Function | symbol): Packing {
    if (typeof value === 'symbol' || !this.#scope.exportFunction || this.trail.isInInstance) throw this.refusal(value);
    return this.trail.keep(value, this.#scope.exportFunction(value), 'function');
  }

  #packMoved({ value, transfer }: Moved): Packing {
    assertMovable(transfer, (i) => pathInList(pathOf(this.#scope.root, this.#steps), value, transfer, i));
    for (const item of transfer) this.#transfer.add(item);
    const isPlain = isPrimitive(value);
    return isPlain
      ? { stand: value, kind: undefined }
      : (this.#packings.get(value as object) ?? this.pack(value as object));
  }

  #packSignal(signal: AbortSignal): Packing {
    if (!this.#scope.exportSignal) throw this.refusal(signal);
    const ticket = this.#scope.exportSignal(signal);
    this.#transfer.add(ticket.port);
    return this.trail.keep(signal, ticket, 'signal');
  }

  #packIterable(value: object): Packing {
    if (!this.#scope.exportIterable || this.trail.isInInstance) return refuseIterable(value, this);
    return this.trail.keep(value, this.#scope.exportIterable(value), 'iterable');
  }

  /** Packs a plain object of the own enumerable fields, which is what structured clone makes of an instance. */
  #packInstance(value: object): Packing {
    const copy = {};
    const packing = this.trail.keep(value, copy);
    this.trail.within(value, () => this.putFields(value, copy));
    return packing;
  }

  #errorPacker(): ErrorPacker {
    return (this.#errors ??= new ErrorPacker(this, (value) => this.#fits(value)));
  }

  #sendablePacker(): SendablePacker {
    return (this.#sendables ??= new SendablePacker(this, this.#errorPacker()));
  }

  /** Whether `value`, which is not taken apart, can cross. */
  #fits(value: object): boolean {
    const { root, asBytes = false } = this.#scope;
    const trial = new Packer({ root, asBytes });
    trial.trail.most = mostWhole;
    return trial.trail.attempt(() => trial.pack(value)) !== undefined;
  }
}
