/** The base class of the primitives: their memory, their identity across threads, and how they are printed. @module */

import { inspect } from 'node:util';
import type { InspectOptions } from 'node:util';
import { threadId } from 'node:worker_threads';
import { shareAs, sharedTicket } from '../codec/walk/shared.ts';
import type { Shared, SharedTicket } from '../codec/walk/shared.ts';
import { FinalizationRegistry, WeakRef } from '../base/intrinsics.ts';
import { shared } from '../base/realm.ts';

/** The number of this thread in shared memory, where `0` stands for no thread. */
export const self: number = threadId + 1;

/** How many words at the beginning of each memory identify it: the thread that made it, and a number in that thread. */
export const identityWords = 2;

/** The primitives that this thread knows, by identity: one that comes back to a thread is the same object there. */
const known = shared('primitives', () => ({ made: 0, instances: new Map<string, WeakRef<object>>() }));

const forgotten = new FinalizationRegistry<string>((identity) => {
  if (known.instances.get(identity)?.deref() === undefined) known.instances.delete(identity);
});

/** The arrived memory for which the next instance is made; if there is none, the instance makes its own. */
let arriving: SharedArrayBuffer | undefined;

/**
 * An object over shared memory. An instance of a subclass of the user's crosses as an instance of the library's class.
 *
 * Invariant: a thread has at most one object for each memory.
 */
export abstract class Primitive {
  /**
   * Gives what `inspect` gives. As an own function, it also makes structured clone refuse the object, instead of
   * copying it.
   */
  readonly toJSON: () => string = () => inspect(this);

  constructor(name: string, makeMemory: () => SharedArrayBuffer) {
    const memory = arriving ?? sign(makeMemory());
    arriving = undefined;
    const ticket: SharedTicket = { name, memory };
    Object.defineProperty(this, sharedTicket, { value: ticket });
    const identity = identityOf(memory);
    known.instances.set(identity, new WeakRef(this));
    forgotten.register(this, identity);
  }

  static {
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: Primitive, _depth: number, options: InspectOptions) {
        return `${this.constructor.name} ${inspect(this.facts(), options)}`;
      },
    });
  }

  /** The properties that `inspect` shows. */
  protected abstract facts(): object;
}

/** Lets primitives of the class `name` arrive in this thread; `make` calls the constructor. */
export function arriveAs(name: string, make: () => Primitive): void {
  shareAs(name, (memory) => {
    const before = known.instances.get(identityOf(memory))?.deref();
    if (before) return before;
    arriving = memory;
    return make();
  });
}

/** A view of the first `count` words of a primitive. */
export function wordsOf(primitive: Primitive, count: number): Int32Array {
  return new Int32Array(memoryOf(primitive), 0, count);
}

export function memoryOf(primitive: Primitive): SharedArrayBuffer {
  return (primitive as unknown as Shared)[sharedTicket].memory;
}

function sign(memory: SharedArrayBuffer): SharedArrayBuffer {
  known.made += 1;
  new Int32Array(memory, 0, identityWords).set([self, known.made]);
  return memory;
}

function identityOf(memory: SharedArrayBuffer): string {
  return new Int32Array(memory, 0, identityWords).join();
}
