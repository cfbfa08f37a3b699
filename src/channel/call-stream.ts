/** What consumers of items and the calls that give them need of each other. @module */

import type { Hole } from '../codec/hole.ts';
import type { StreamOffer } from './ring.ts';

/** What a call has beside it whose function gives items. */
export interface CallStream<Line> {
  readonly offer: StreamOffer;

  /** How long its generator may take to end once it was given up, in milliseconds. */
  readonly closeTimeout: number;

  /** Whether somebody waits, so that the process must not end. */
  readonly isHeld: boolean;

  /** Whether the call can be sent to another thread, as long as none has begun with it. */
  readonly isResendable: boolean;

  /** Whether the thread waits for its consumer. */
  readonly isBlocked: boolean;

  /** The call was sent over `line`, and is out until `detached`. */
  attached(line: Line): void;
  detached(): void;

  /** An item has arrived that is not in shared memory. */
  heard(number: number, item: ArrivedItem): void;

  /** There are items in shared memory. */
  woken(): void;
}

/** The call that gives the items, as their consumer needs it. */
export interface ItemCall<Line> {
  readonly promise: Promise<unknown>;
  readonly plan: { readonly timeout?: number | undefined };

  /** The consumer, which the call tells of its items. */
  stream: CallStream<Line> | undefined;

  /** It is handed to whoever runs it. */
  submitted(): void;
  returned(value: unknown): void;
  fail(error: unknown): void;

  /** It is given up, now or as soon as it can be. */
  gaveUp(): void;
  abort(reason: unknown): void;
  closing(): void;
  restore(item: ArrivedItem): unknown;
}

/** What joins the consumer to the other end, from before there is one; and what keeps the process alive meanwhile. */
export interface ItemLink<Line> {
  /** Whether the call has a thread. */
  readonly isAttached: boolean;
  readonly isHeld: boolean;

  /** Whether the call can be sent to another thread, as long as none has begun with it. */
  readonly isResendable: boolean;
  attach(line: Line): void;
  detach(): void;

  /** Keeps the process alive until `letGo`, unless the call is detached. */
  hold(): void;
  letGo(): void;

  /** Reads what has arrived. */
  catchUp(): void;

  /** The first item has come. */
  begun(): void;

  /** In lock-step: lets the generator go on to the item `number`. */
  ask(number: number): void;

  /** As `ask`, with a value for its `yield`, which is copied or moved now; throws if it cannot cross. */
  resume(number: number, value: unknown): void;

  /**
   * Throws `error` at the generator's `yield`: in lock-step when it is asked for the item `number`, or at once if there is
   * none.
   */
  raise(number: number | undefined, error: unknown): void;

  /** There is room. */
  tookSome(): void;

  /** Tells the generator to end, and says whether it has not thrown before. */
  end(): boolean;

  /** Tells the call why it was given up, if it can know. */
  interrupt(reason: unknown): void;
}

/** An item as it came in a message. */
export interface ArrivedItem {
  readonly values: unknown[];
  readonly holes: Hole[] | undefined;
  readonly isBuffer: boolean;
}
