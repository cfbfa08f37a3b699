/** The interfaces between the consumer of a generator's items and the call that runs the generator. @module */

import type { Hole } from '../codec/walk/hole.ts';
import type { StreamOffer } from './ring/ring.ts';

/** The consumer, as the call of a generator knows it. */
export interface CallStream<Line> {
  readonly offer: StreamOffer;

  /** How long the generator may take to end once its call was given up, in milliseconds. */
  readonly closeTimeout: number;

  /** Whether a pending `next()` or `close()` keeps the process alive. */
  readonly isHeld: boolean;

  /** Whether the call can be sent to another thread, as long as no thread has started it. */
  readonly isResendable: boolean;

  /** Whether the generator's thread waits for its consumer. */
  readonly isBlocked: boolean;

  /** Called when the call was sent over `line`; it is there until `detached`. */
  attached(line: Line): void;
  detached(): void;

  /** Called when an item has arrived in a message instead of shared memory. */
  heard(number: number, item: ArrivedItem): void;

  /** Called when there are new items in shared memory. */
  woken(): void;
}

/** The call of a generator, as the consumer of its items knows it. */
export interface ItemCall<Line> {
  readonly promise: Promise<unknown>;
  readonly plan: { readonly timeout?: number | undefined };

  /** The consumer, which the call notifies of new items. */
  stream: CallStream<Line> | undefined;

  /** Called when the consumer submits the call. */
  submitted(): void;
  returned(value: unknown): void;
  fail(error: unknown): void;

  /** Called when the consumer's signal was aborted: the call counts as failed, however its generator ends. */
  gaveUp(reason: unknown): void;
  abort(reason: unknown): void;
  closing(): void;
  restore(item: ArrivedItem): unknown;
}

/** Connects the consumer to the generator's thread once the call has one, and keeps the process alive meanwhile. */
export interface ItemLink<Line> {
  /** Whether the call has a thread. */
  readonly isAttached: boolean;
  readonly isHeld: boolean;

  /** Whether the call can be sent to another thread, as long as no thread has started it. */
  readonly isResendable: boolean;
  attach(line: Line): void;
  detach(): void;

  /** Keeps the process alive until `letGo`, unless the call is detached. */
  hold(): void;
  letGo(): void;

  /** Reads the messages that have arrived. */
  catchUp(): void;

  /** Called when the consumer has taken an item in lock-step, so that the generator has certainly started. */
  begun(): void;

  /** In lock-step: lets the generator go on to the item `number`. */
  ask(number: number): void;

  /** As `ask`, with a value for its `yield`, which is copied or moved now; throws if the value cannot cross. */
  resume(number: number, value: unknown): void;

  /**
   * Throws `error` at the generator's `yield`: in lock-step when the generator is asked for the item `number`, or at
   * once if `number` is `undefined`.
   */
  raise(number: number | undefined, error: unknown): void;

  /** Wakes the generator, if it waits for room: the consumer has taken items. */
  tookSome(): void;

  /** Tells the generator to end. Gives `false` if the generator has already thrown. */
  end(): boolean;

  /** Tells the call's signal in the thread why the call was given up, if the call can still be reached. */
  interrupt(reason: unknown): void;
}

/** An item that arrived in a message. */
export interface ArrivedItem {
  readonly values: unknown[];
  readonly holes: Hole[] | undefined;
  readonly isBuffer: boolean;
}
