/** An item with where it came from, which is acknowledged once it has been dealt with. @module */

import { inspect } from 'node:util';
import { OffloopError } from '../../base/errors.ts';
import { kind, anything, count, ownOptions } from '../../base/options.ts';
import { Receipt } from './receipt.ts';
import type { Outcome, Part, Settle } from './receipt.ts';

/** The property by which an event is known, whichever copy of the library has made it. */
const mark = Symbol.for('offloop.event@1');

/** Names and values that travel beside the value of an event. */
export type EventHeaders = Readonly<Record<string, unknown>>;

/** The options of an event beside its value. */
export interface StreamEventOptions<K = unknown> {
  /** The subject of the event: events of one key belong together. @defaultValue `undefined` */
  key?: K | undefined;

  /** @defaultValue `{}` */
  headers?: EventHeaders | undefined;

  /** The message as its source has it. @defaultValue `undefined` */
  message?: unknown;

  /** Which delivery of the same message it is, from 1. @defaultValue `1` */
  attempt?: number | undefined;

  /**
   * Called once, when all who have got the event are through with it: with `'ack'` if all have acknowledged it, with
   * `'nack'` if one has handed it back. @defaultValue nothing is called
   */
  settle?: Settle | undefined;
}

const checks = {
  key: anything,
  headers: kind('object'),
  message: anything,
  attempt: count(1),
  settle: kind('function'),
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function eventOptions<K>(options: StreamEventOptions<K>): Readonly<StreamEventOptions<K>> {
  return ownOptions('StreamEvent', options, checks);
}

const noHeaders: EventHeaders = Object.freeze({});

/**
 * A value on its way, with its key and headers. A stream over events gives their values, and acknowledges each event when its
 * consumer moves on; `events()` gives the events themselves. Each is acknowledged, or handed back, once: what comes after
 * counts for nothing.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or not of its kind.
 *
 * @example
 * ```ts
 * const orders = queue.map((row) => new StreamEvent(row.order, { key: row.customer, settle: (how) => row[how]() }));
 * for await (const order of stream(orders)) await ship(order);
 * ```
 */
export class StreamEvent<T, K = unknown> implements AsyncDisposable {
  readonly value: T;
  readonly key: K | undefined;
  readonly headers: EventHeaders;

  /** The message as its source has it. */
  readonly message: unknown;

  /** Which delivery of the same message it is, from 1. */
  readonly attempt: number;

  /** The subscriber's part in the outcome; events made of this one by {@link with} share it. */
  readonly #part: Part;

  constructor(value: T, options: StreamEventOptions<K> = {}, part?: Part) {
    const { key, headers, message, attempt, settle } = part ? options : eventOptions(options);
    this.value = value;
    this.key = key;
    this.headers = headers ?? noHeaders;
    this.message = message;
    this.attempt = attempt ?? 1;
    this.#part = part ?? new Receipt(settle).part();
  }

  /** Whether it was acknowledged or handed back, here or by the stream. */
  get settled(): boolean {
    return this.#part.isSettled;
  }

  /**
   * Whether a source hears how it ended.
   *
   * @internal
   */
  get isHeard(): boolean {
    return this.#part.receipt.isHeard;
  }

  /**
   * Whether its source delivers it again if it is handed back.
   *
   * @internal
   */
  get comesBack(): boolean {
    return this.#part.receipt.comesBack;
  }

  /**
   * Whether its source has begun elsewhere since: that it cannot be settled is nobody's failure.
   *
   * @internal
   */
  get isVoid(): boolean {
    return this.#part.receipt.isVoid;
  }

  /**
   * Acknowledges the event: it was dealt with. Resolves once its source has taken note, or at once if others have not
   * settled it yet.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if its message belongs to another consumer by now, or its source has begun
   * elsewhere.
   */
  async ack(): Promise<void> {
    const noted = this.settle('ack');
    await noted;
    if (noted !== undefined && this.isVoid)
      throw new OffloopError(
        'ERR_OFFLOOP_CLOSED',
        'Cannot acknowledge the event: its message has gone to another consumer',
      );
  }

  /** Hands the event back: it was not dealt with, and is to be delivered again. Resolves as {@link ack} does. */
  async nack(): Promise<void> {
    await this.settle('nack');
  }

  /**
   * Tells its source at once, and gives what that gives.
   *
   * @internal
   */
  settle(outcome: Outcome): unknown {
    return this.#part.settle(outcome);
  }

  /**
   * Settles it as streams do: that it cannot be settled is nobody's failure if its message has gone elsewhere.
   *
   * @internal
   */
  async conclude(outcome: Outcome): Promise<void> {
    try {
      await this.settle(outcome);
    } catch (error) {
      if (!this.isVoid) throw error;
    }
  }

  /** The same event with another value: to acknowledge one is to acknowledge both. */
  with<U>(value: U): StreamEvent<U, K> {
    return new StreamEvent<U, K>(value, this, this.#part);
  }

  /** The key and headers of this event with another value, as an event of its own: nobody hears how that ends. */
  copy<U>(value: U): StreamEvent<U, K> {
    const { key, headers } = this;
    return new StreamEvent<U, K>(value, { key, headers });
  }

  /**
   * The event as its next delivery, which takes over what this one owes.
   *
   * @internal
   */
  again(): StreamEvent<T, K> {
    const { value, key, headers, message, attempt } = this;
    const part = this.#part.receipt.part();
    this.#part.settle('ack');
    return new StreamEvent<T, K>(value, { key, headers, message, attempt: attempt + 1 }, part);
  }

  /**
   * The same event for somebody else: its source hears of it once both are settled.
   *
   * @internal
   */
  share(): StreamEvent<T, K> {
    return new StreamEvent<T, K>(this.value, this, this.#part.receipt.part());
  }

  /** Acknowledges it, unless that was done, or it was handed back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.ack();
  }

  static {
    Object.defineProperty(this.prototype, mark, { value: true });
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: StreamEvent<unknown>) {
        return `StreamEvent { key: ${inspect(this.key)}, value: ${inspect(this.value)} }`;
      },
    });
  }
}

/** Whether `value` is an event, whichever copy of the library has made it. */
export function isEvent(value: unknown): value is StreamEvent<unknown> {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[mark] === true;
}
