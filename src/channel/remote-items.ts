/** The thread's end of an iterable that the main side passed as an argument. @module */

import type { IterableTicket } from '../codec/live/iterables.ts';
import { releasedError } from '../codec/live/handles.ts';
import { argumentError, OffloopError } from '../base/errors.ts';
import type { ArrivedItem } from './call-stream.ts';
import { Inbox } from './inbox.ts';
import { RingWord, openRing, sleeping, stopped, waiting } from './ring/ring.ts';
import { NONE } from './ring/reader.ts';
import { Waiters } from './waiters.ts';
import { threadState } from '../base/realm.ts';
import { block } from '../wait/block.ts';
import { noOptions } from '../wait/wait-options.ts';

/** The line to the main side, which has the iterable. */
export interface RemoteLine {
  /** Tells the main side to start the source, or to go on with it. */
  ask(id: number): void;

  /** Reads the messages that have arrived. */
  pull(): void;

  /** Whether this thread was told that the call was given up. */
  isGivenUp(): boolean;

  /** Makes an item of the content of a message. */
  restore(item: ArrivedItem): unknown;
}

type Result = IteratorResult<unknown, undefined>;

/** The end after the last item, or the result of closing the source: with or without an error. */
interface End {
  readonly error?: unknown;
  readonly isError: boolean;
}

const done: Result = { value: undefined, done: true };
const plainEnd: End = { isError: false };

/**
 * Gives the items in order, to code that awaits them and to code that blocks for them.
 *
 * Invariant: the source is not asked for items before the first `next()`, nor after it was closed.
 */
export class RemoteItems implements AsyncIterableIterator<unknown> {
  readonly #id: number;
  readonly #line: RemoteLine;
  readonly #header: Int32Array;
  readonly #inbox: Inbox;
  readonly #maxSize: number;
  readonly #waiters = new Waiters<unknown, undefined>();

  /** Whether the main side wants to know which items are done with, and how many were given. */
  readonly #isWatched: boolean;
  #given = 0;
  #isStarted = false;
  #end: End | undefined;

  /**
   * Whether the source was told to end and has not ended yet; the `return()` calls that wait for that; its last error.
   */
  #isClosing = false;
  readonly #closers = new Waiters<unknown, undefined>();
  #closed = plainEnd;
  #isReleased = false;

  constructor({ id, memory, maxSize, isWatched = false }: IterableTicket, line: RemoteLine) {
    this.#isWatched = isWatched;
    this.#id = id;
    this.#line = line;
    this.#maxSize = maxSize;
    const ring = openRing({ memory, maxSize, overflow: 'block' });
    this.#header = ring.header;
    this.#inbox = new Inbox(ring, 'block', { restore: (item) => line.restore(item), catchUp: () => line.pull() });
  }

  next(): Promise<Result> {
    this.#moveOn();
    const result = this.#waiters.wait();
    this.#pump();
    return result;
  }

  /** Blocks until there is an item. */
  nextBlocking(): Result {
    if (threadState() === undefined)
      throw new OffloopError(
        'ERR_OFFLOOP_DEADLOCK',
        'Cannot block for an item on the main side, which has to produce it',
      );
    this.#moveOn();
    try {
      return this.#take() ?? this.#block(this.#attempt, 'an item of the argument');
    } finally {
      // The messages read while blocking may contain items for a pending `next()`.
      this.#pump();
    }
  }

  /** Notes that the consumer has done with all items before the one it asks for. */
  #moveOn(): void {
    if (!this.#isWatched) return;
    Atomics.store(this.#header, RingWord.moved, this.#given);
    Atomics.notify(this.#header, RingWord.moved);
  }

  /** The next item or the end, for a thread that blocks. */
  readonly #attempt = (): Result | undefined => {
    this.#askMore();
    this.#line.pull();
    return this.#take();
  };

  /** Closes the source. Resolves once it has ended; rejects with its error. */
  return(): Promise<Result> {
    const result = this.#closers.wait();
    this.#leave();
    if (this.#line.isGivenUp()) this.#isClosing = false;
    this.#settleClosers();
    return result;
  }

  /** Closes the source, and blocks until it has ended; throws its error. */
  returnBlocking(): void {
    this.#leave();
    if (threadState() === undefined) return;
    if (this.#isClosing) this.#block(this.#attemptEnd, 'the end of the argument');
    this.#throw(this.#takeClosed());
  }

  readonly #attemptEnd = (): Result | undefined => {
    this.#line.pull();
    return this.#isClosing ? undefined : done;
  };

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Closes the source after an error of the loop, which takes precedence over an error that the source throws then. */
  close(): void {
    this.#leave();
    // A call that was given up is no error of the loop: it may be a generator whose consumer has closed.
    if (!this.#line.isGivenUp()) Atomics.store(this.#header, RingWord.told, 1);
  }

  #leave(): void {
    if (this.#isReleased) return;
    if (this.#end) {
      // The source threw while it was ahead of the consumer.
      if (this.#end.isError) this.#closed = this.#end;
      this.#end = plainEnd;
      return;
    }
    this.#finish();
    Atomics.compareExchange(this.#header, RingWord.closed, stopped.no, stopped.byConsumer);
    if (!this.#isStarted) return;
    this.#isClosing = true;
    this.#line.ask(this.#id);
  }

  heard(number: number, item: ArrivedItem): void {
    this.#inbox.heard(number, item);
    this.#pump();
  }

  woken(): void {
    this.#pump();
  }

  /** Called when the source has ended. */
  ended(end: End): void {
    if (this.#isClosing) {
      this.#isClosing = false;
      this.#closed = end;
    }
    this.#settleClosers();
    this.#end ??= end;
    this.#pump();
  }

  /** Called when the call was given up: rejects each pending `next()` and `return()`. */
  interrupt(reason: unknown): void {
    for (const line of [this.#waiters, this.#closers])
      for (let waiter = line.shift(); waiter; waiter = line.shift()) waiter.reject(reason);
  }

  /** Called when the call is over. */
  release(): void {
    this.#isReleased = true;
    this.#end ??= { isError: true, error: releasedError() };
    this.#isClosing = false;
    this.#settleClosers();
  }

  #pump(): void {
    if (this.#inbox.isReading) return;
    for (let waiter = this.#waiters.first; waiter; waiter = this.#waiters.first) {
      try {
        const result = this.#take();
        if (!result) break;
        waiter.resolve(result);
      } catch (error) {
        waiter.reject(error);
      }
      this.#waiters.shift();
    }
    if (this.#waiters.size === 0) return;
    Atomics.store(this.#header, RingWord.sleeps, sleeping.inLoop);
    this.#askMore();
    // An item may have been produced before the source could see that this end waits.
    if (this.#inbox.size > 0) this.#pump();
  }

  /** The next item or the end, if it is there. */
  #take(): Result | undefined {
    const item = this.#inbox.take();
    if (item === NONE) return this.#ending();
    if (this.#inbox.size * 2 <= this.#maxSize) this.#askMore();
    this.#given += 1;
    return { value: item, done: false };
  }

  #ending(): Result | undefined {
    if (!this.#end) return undefined;
    const end = this.#end;
    this.#end = plainEnd;
    this.#throw(end);
    return done;
  }

  /** Throws the error of `end`, if it has one, and notes that the main side need not report it. */
  #throw({ isError, error }: End): void {
    if (!isError) return;
    Atomics.store(this.#header, RingWord.told, 1);
    throw error;
  }

  /** Takes the result of closing the source: its error is thrown once. */
  #takeClosed(): End {
    const closed = this.#closed;
    this.#closed = plainEnd;
    return closed;
  }

  #settleClosers(): void {
    if (this.#isClosing) return;
    for (let closer = this.#closers.shift(); closer; closer = this.#closers.shift()) {
      try {
        this.#throw(this.#takeClosed());
        closer.resolve(done);
      } catch (error) {
        closer.reject(error);
      }
    }
  }

  /** Blocks until `attempt` finds something. */
  #block(attempt: () => Result | undefined, what: string): Result {
    const words = this.#header;
    try {
      return block({ words, at: RingWord.sleeps, mark: sleeping.blocked }, attempt, noOptions, what);
    } finally {
      Atomics.store(words, RingWord.sleeps, sleeping.no);
    }
  }

  /** Starts the source, or lets it go on if it waits for room. */
  #askMore(): undefined {
    if (this.#end) return;
    const header = this.#header;
    const isWaiting = Atomics.load(header, RingWord.producer) !== waiting.no;
    if (this.#isStarted && !(isWaiting && Atomics.exchange(header, RingWord.producer, waiting.no) !== waiting.no))
      return;
    this.#isStarted = true;
    this.#line.ask(this.#id);
  }

  #finish(): void {
    this.#end = plainEnd;
    this.#inbox.finish();
    this.#waiters.finish();
  }
}

/**
 * Iterates over `iterable`, an argument of the running call, in blocking code: `for (const item of syncIterate(arg))`.
 * The thread sleeps until there is an item. When the loop is left, the source is closed, and the thread waits for its
 * end: an error of its `finally` is thrown by the loop, unless the loop was left by an error of its own. A synchronous
 * iterable of this thread gives its items without waiting.
 *
 * A `for await (const item of arg)` does not block, and the main side cannot know what else goes on in the thread. So
 * if an item never comes, the loop waits for as long as its call may run, and keeps the process alive.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `iterable` is not iterable, or is an async iterable of this very
 * thread.
 * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` while it blocks, if the main side has nothing left to do.
 * @throws The reason for which the call was given up, while it blocks.
 *
 * @example
 * ```ts
 * export const total = threaded(function total(numbers: AsyncIterable<number>) {
 *   let sum = 0;
 *   for (const n of syncIterate(numbers)) sum += n;
 *   return sum;
 * });
 * ```
 */
export function syncIterate<T>(iterable: Iterable<T> | AsyncIterable<T>): IterableIterator<T> {
  if (iterable instanceof RemoteItems) return blockingItems(iterable) as Generator<T>;
  const own = (Object(iterable) as Partial<Iterable<T>>)[Symbol.iterator];
  if (typeof own !== 'function') throw argumentError('Cannot iterate: expected an iterable, or an iterable argument');
  return ownItems(iterable as Iterable<T>);
}

function* ownItems<T>(iterable: Iterable<T>): Generator<T> {
  yield* iterable;
}

function* blockingItems(items: RemoteItems): Generator {
  let isLeft = true;
  try {
    for (let step = items.nextBlocking(); !step.done; step = items.nextBlocking()) yield step.value;
    isLeft = false;
  } catch (error) {
    isLeft = false;
    items.close();
    throw error;
  } finally {
    if (isLeft) items.returnBlocking();
  }
}
