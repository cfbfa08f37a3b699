/** What all primitives have in common: their memory, who they are, and how they look. @module */

import { inspect } from 'node:util';
import type { InspectOptions } from 'node:util';
import { threadId } from 'node:worker_threads';
import { shareAs, sharedTicket } from '../codec/shared.ts';
import type { Shared, SharedTicket } from '../codec/shared.ts';
import { FinalizationRegistry, WeakRef } from '../base/intrinsics.ts';
import { shared } from '../base/realm.ts';

/** The number of this thread in shared memory, where `0` stands for no thread. */
export const self: number = threadId + 1;

/** Words at the beginning of each memory: the thread that made it, and its number among those of that thread. */
export const identityWords = 2;

/** The primitives that this thread knows, by who they are: one that comes back is the object that it was. */
const known = shared('primitives', () => ({ made: 0, instances: new Map<string, WeakRef<object>>() }));

const forgotten = new FinalizationRegistry<string>((identity) => {
  if (known.instances.get(identity)?.deref() === undefined) known.instances.delete(identity);
});

/** The memory that the next instance is made over, instead of new one. */
let arriving: SharedArrayBuffer | undefined;

/**
 * A thing in shared memory. An instance of a class that extends one of the library's crosses as what it extends.
 *
 * Invariant: for each memory there is at most one object in a thread.
 */
export abstract class Primitive {
  /** Tells what it is; being a function, it also makes structured clone refuse what it would take apart. */
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

  /** What is to be seen of it. */
  protected abstract facts(): object;
}

/** Lets primitives called `name` arrive in this thread: `make` calls the constructor. */
export function arriveAs(name: string, make: () => Primitive): void {
  shareAs(name, (memory) => {
    const before = known.instances.get(identityOf(memory))?.deref();
    if (before) return before;
    arriving = memory;
    return make();
  });
}

/** The words of a primitive, `count` of them. */
export function wordsOf(primitive: Primitive, count: number): Int32Array {
  return new Int32Array(memoryOf(primitive), 0, count);
}

/** The memory of a primitive. */
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
