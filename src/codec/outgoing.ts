/** The interface by which the sender of values controls how they are packed. @module */

import type { IterableTicket } from './live/iterables.ts';
import type { SignalTicket } from './live/ticket.ts';

/** The values that may cross, and how they do. */
export interface OutgoingScope {
  /** The name of the values in messages: `args` for a list of arguments, any other name for one value. */
  readonly root: string;

  /** The objects that are transferred; packing leaves them as they are. */
  readonly transfer?: ReadonlySet<object>;

  /** Whether the values become bytes. Then shared memory and platform objects are refused. */
  readonly asBytes?: boolean;

  /**
   * Keeps a function and gives the id under which the other side calls it. Without this method, functions are refused.
   */
  exportFunction?(fn: Function): number;

  /**
   * Keeps a function or an object that is used from the other side, and gives the payload by which that knows it;
   * `undefined` for any other value. It is asked before anything else is done with an object.
   */
  exportLive?(value: object): object | undefined;

  /** Gives the ticket from which the other side makes a signal. Without this method, signals are refused. */
  exportSignal?(signal: AbortSignal): SignalTicket;

  /**
   * Keeps an iterable and gives the ticket from which the other side makes one. Without this method, iterables are
   * refused.
   */
  exportIterable?(iterable: object): IterableTicket;
}
