/** Things whose whole state is in shared memory: that memory crosses, and is the same thing on the other side. @module */

import { shared } from '../base/realm.ts';

/** What travels of such a thing; one object an instance, so that identity within a message is kept. */
export interface SharedTicket {
  /** The name under which both sides know what it is. */
  readonly name: string;
  readonly memory: SharedArrayBuffer;
}

/** Under this key an instance has its ticket. */
export const sharedTicket: unique symbol = Symbol.for('offloop.sharedTicket@1') as never;

/** Something whose state is in shared memory. */
export interface Shared {
  readonly [sharedTicket]: SharedTicket;
}

type Open = (memory: SharedArrayBuffer) => object;

const openers = shared('shared openers', () => new Map<string, Open>());

/** Makes `open` what gives the thing called `name` over its memory. The first copy of the library in a thread does it. */
export function shareAs(name: string, open: Open): void {
  if (!openers.has(name)) openers.set(name, open);
}

/** Whether `value` is such a thing. */
export function isShared(value: object): value is Shared {
  return sharedTicket in value;
}

/** The thing that has arrived. */
export function openShared({ name, memory }: SharedTicket): unknown {
  return openers.get(name)?.(memory);
}
