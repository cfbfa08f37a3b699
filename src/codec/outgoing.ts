/** What the sender of values lends of its side. @module */

import type { IterableTicket } from './iterables.ts';
import type { SignalTicket } from './signal-ticket.ts';

/** What the sender allows to cross, and how. */
export interface OutgoingScope {
  /** What the values are called in messages: `args` for several, any other name for one. */
  readonly root: string;

  /** What moves: it is left as it is. */
  readonly transfer?: ReadonlySet<object>;

  /** Whether all has to become bytes: then memory that is shared and objects of the platform are refused. */
  readonly asBytes?: boolean;

  /** Keeps a function here and gives the id under which the other side calls it. Without it, functions are refused. */
  exportFunction?(fn: Function): number;

  /** Gives what the other side makes a signal of. Without it, signals are refused. */
  exportSignal?(signal: AbortSignal): SignalTicket;

  /** Keeps an iterable here and gives what the other side makes one of. Without it, iterables are refused. */
  exportIterable?(iterable: object): IterableTicket;
}
