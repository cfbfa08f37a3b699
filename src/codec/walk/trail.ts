/** What a walk over values has visited and made, and where it is. @module */

import { EventEmitter } from 'node:events';
import type { Transferable } from 'node:worker_threads';
import { assign } from './hole.ts';
import type { Hole, HoleKind } from './hole.ts';
import { pathOf } from './path.ts';
import type { Step } from './path.ts';
import { refusal } from './refusal.ts';
import type { Refused } from './refusal.ts';

/** The replacement of an object in the message: a copy of the object, or, if `kind` is set, the payload of a hole. */
export interface Packing {
  readonly stand: unknown;
  readonly kind: HoleKind | undefined;
}

/**
 * The objects that a walk has visited, with what stands for each in the message, and the way to the value being packed.
 *
 * Invariant: every visited object has an entry in `packings`, made before the object's parts are walked, so that cycles
 * end. After a failed {@link attempt} there are none of the objects visited during the attempt.
 */
export class Trail {
  readonly root: string;
  readonly holes: Hole[] = [];
  readonly transfer: Set<Transferable>;
  readonly packings: Map<object, Packing> = new Map();

  /** The way to the value being packed. */
  readonly steps: Step[] = [];

  /** How many objects may be visited. */
  most: number = Infinity;

  /** The class instances and errors that contain the value being packed, and the length of `steps` at each. */
  readonly #instances: { readonly owner: object; readonly depth: number }[] = [];

  constructor(root: string, transfer: ReadonlySet<Transferable> | undefined) {
    this.root = root;
    this.transfer = new Set(transfer);
  }

  /** Whether a class instance or an error contains the value being packed. */
  get isInInstance(): boolean {
    return this.#instances.length > 0;
  }

  /** Notes that `stand` stands for `value`, or is the payload of a hole of `kind`. */
  keep(value: object, stand: unknown, kind?: HoleKind): Packing {
    if (this.packings.size > this.most) throw this.refusal(value, { hint: 'the error contains too many objects' });
    const packing = { stand, kind };
    this.packings.set(value, packing);
    return packing;
  }

  /** Sets `container[key]` to what stands for a value, or leaves it to a hole. */
  place(container: object, key: string | number, { stand, kind }: Packing): void {
    // A key with a hole is set to `undefined`, so that fields keep their order.
    assign(container, key, kind === undefined ? stand : undefined);
    if (kind !== undefined) this.holes.push([container, key, kind, stand]);
  }

  /** Runs `action`, which packs the parts of `owner`; functions among them are refused. */
  within(owner: object, action: () => void): void {
    this.#instances.push({ owner, depth: this.steps.length });
    action();
    this.#instances.pop();
  }

  /** Runs `action`; if it throws, undoes all its packing and gives `undefined`. */
  attempt(action: () => Packing): Packing | undefined {
    const { length: holes } = this.holes;
    const { length: steps } = this.steps;
    const { length: instances } = this.#instances;
    const { size: packings } = this.packings;
    const { size: transfers } = this.transfer;
    try {
      return action();
    } catch {
      this.holes.length = holes;
      this.steps.length = steps;
      this.#instances.length = instances;
      for (const value of [...this.packings.keys()].slice(packings)) this.packings.delete(value);
      for (const item of [...this.transfer].slice(transfers)) this.transfer.delete(item);
      return undefined;
    }
  }

  /** The error for `value` at the current position of the walk. */
  refusal(value: unknown, facts: Partial<Refused> = {}): Error {
    // For sockets, servers and the like, the emitter itself is named, not the listener in it that cannot cross.
    const emitter = this.#instances.find(({ owner }) => owner instanceof EventEmitter);
    if (emitter) return refusal({ path: pathOf(this.root, this.steps.slice(0, emitter.depth)), value: emitter.owner });
    const inside = this.#instances.at(-1)?.owner;
    return refusal({ path: pathOf(this.root, this.steps), value, inside, ...facts });
  }
}
