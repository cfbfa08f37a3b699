/** An iterable of the main side, as the thread has it that was given it. @module */

import type { IterableTicket } from '../codec/iterables.ts';
import { releasedError } from '../codec/handles.ts';
import { argumentError, OffloopError } from '../base/errors.ts';
import type { ArrivedItem } from './call-stream.ts';
import { Inbox } from './inbox.ts';
import { RingWord, openRing, sleeping, stopped, waiting } from './ring.ts';
import { NONE } from './ring-reader.ts';
import { Waiters } from './waiters.ts';
import { threadState } from '../base/realm.ts';
import { block } from '../wait/block.ts';
import { noOptions } from '../wait/wait-options.ts';

/** What it needs of the line to the main side. */
export interface RemoteLine {
  /** Lets the source go on, or begin. */
  ask(id: number): void;

  /** Reads the messages that have arrived. */
  pull(): void;

  /** Whether the call knows that it was given up. */
  isGivenUp(): boolean;

  /** Makes an item of what came in a message. */
  restore(item: ArrivedItem): unknown;
}

type Result = IteratorResult<unknown, undefined>;

/** What comes after the last item, or what comes of closing the source. */
interface End {
  readonly error?: unknown;
  readonly isError: boolean;
}

const done: Result = { value: undefined, done: true };
const plainEnd: End = { isError: false };

/**
 * Gives the items in their order, to code that awaits them and to code that blocks for them.
 *
 * Invariant: nothing is asked of the source before the first item is asked for, and nothing after it was closed.
 */
export class RemoteItems implements AsyncIterableIterator<unknown> {
  readonly #id: number;
  readonly #line: RemoteLine;
  readonly #header: Int32Array;
  readonly #inbox: Inbox;
  readonly #maxSize: number;
  readonly #waiters = new Waiters<unknown, undefined>();
  #isStarted = false;
  #end: End | undefined;

  /** Whether the source was told to end and has not said that it has; those who wait for it; what it has thrown meanwhile. */
  #isClosing = false;
  readonly #closers = new Waiters<unknown, undefined>();
  #closed = plainEnd;
  #isReleased = false;

  constructor({ id, memory, maxSize }: IterableTicket, line: RemoteLine) {
    this.#id = id;
    this.#line = line;
    this.#maxSize = maxSize;
    const ring = openRing({ memory, maxSize, overflow: 'block' });
    this.#header = ring.header;
    this.#inbox = new Inbox(ring, 'block', { restore: (item) => line.restore(item), catchUp: () => line.pull() });
  }

  next(): Promise<Result> {
    const result = this.#waiters.wait();
    this.#pump();
    return result;
  }

  /** Blocks until there is an item. */
  nextBlocking(): Result {
    if (threadState() === undefined)
      throw new OffloopError('ERR_OFFLOOP_DEADLOCK', 'Cannot block for an item on the thread that has to give it');
    try {
      return this.#take() ?? this.#block(this.#attempt, 'an item of the argument');
    } finally {
      // The messages that it has read may have brought something for code that awaits.
      this.#pump();
    }
  }

  /** The next item or the end, for a thread that blocks. */
  readonly #attempt = (): Result | undefined => {
    this.#askMore();
    this.#line.pull();
    return this.#take();
  };

  /** Closes the source. Resolves once it has ended; rejects with what it has thrown. */
  return(): Promise<Result> {
    const result = this.#closers.wait();
    this.#leave();
    if (this.#line.isGivenUp()) this.#isClosing = false;
    this.#settleClosers();
    return result;
  }

  /** Closes the source, and blocks until it has ended; throws what it has thrown. */
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

  /** Closes the source after a failure of the loop, which goes before what the source throws then. */
  close(): void {
    this.#leave();
    // That the call was given up is no failure of the loop: it may be a generator whose consumer wants no more.
    if (!this.#line.isGivenUp()) Atomics.store(this.#header, RingWord.told, 1);
  }

  #leave(): void {
    if (this.#isReleased) return;
    if (this.#end) {
      // It has thrown while it was ahead.
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

  /** The source has ended. */
  ended(end: End): void {
    if (this.#isClosing) {
      this.#isClosing = false;
      this.#closed = end;
    }
    this.#settleClosers();
    this.#end ??= end;
    this.#pump();
  }

  /** The call was given up: what awaits an item, or the end of the source, is not to wait on. */
  interrupt(reason: unknown): void {
    for (const line of [this.#waiters, this.#closers])
      for (let waiter = line.shift(); waiter; waiter = line.shift()) waiter.reject(reason);
  }

  /** The call is over. */
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
    // An item may have come before the source could know that somebody waits.
    if (this.#inbox.size > 0) this.#pump();
  }

  /** The next item or the end, if it is there. */
  #take(): Result | undefined {
    const item = this.#inbox.take();
    if (item === NONE) return this.#ending();
    if (this.#inbox.size * 2 <= this.#maxSize) this.#askMore();
    return { value: item, done: false };
  }

  #ending(): Result | undefined {
    if (!this.#end) return undefined;
    const end = this.#end;
    this.#end = plainEnd;
    this.#throw(end);
    return done;
  }

  /** Throws what `end` says, if it does; the main side need not any more. */
  #throw({ isError, error }: End): void {
    if (!isError) return;
    Atomics.store(this.#header, RingWord.told, 1);
    throw error;
  }

  /** What came of closing the source: told once. */
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

  /** Lets the source begin, or go on if it waits for room. */
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
 * The items of `iterable`, an argument of the running call, for code that blocks: `for (const item of syncIterate(arg))`.
 * The thread sleeps until there is an item. When the loop is left the source is closed, and the thread waits for that: what
 * its `finally` throws is what the loop throws, unless it is left by an error. An iterable that needs no waiting gives its
 * own items.
 *
 * Code that awaits, `for await (const item of arg)`, does not block: more may go on in its thread, of which the main side
 * knows nothing. So it waits for an item that never comes as long as its call may run, and the process lives as long.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `iterable` is none, or can only be awaited: one of this very thread.
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
