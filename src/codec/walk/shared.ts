/** Objects whose whole state is in shared memory: the memory crosses, and both sides share the object. @module */

import { shared } from '../../base/realm.ts';

/**
 * The parts of a shared object that are sent; one ticket for each instance, so that identity within a message is kept.
 */
export interface SharedTicket {
  /** The name under which both sides know the kind of object. */
  readonly name: string;
  readonly memory: SharedArrayBuffer;
}

/** The key under which an instance has its ticket. */
export const sharedTicket: unique symbol = Symbol.for('offloop.sharedTicket@1') as never;

/** An object whose state is in shared memory. */
export interface Shared {
  readonly [sharedTicket]: SharedTicket;
}

type Open = (memory: SharedArrayBuffer) => object;

const openers = shared('shared openers', () => new Map<string, Open>());

/**
 * Registers `open`, which makes the object of kind `name` over its memory. The first copy of the library in a thread
 * wins.
 */
export function shareAs(name: string, open: Open): void {
  if (!openers.has(name)) openers.set(name, open);
}

/** Whether `value` is a shared object. */
export function isShared(value: object): value is Shared {
  return sharedTicket in value;
}

/** Makes the object of a ticket that has arrived. */
export function openShared({ name, memory }: SharedTicket): unknown {
  return openers.get(name)?.(memory);
}
