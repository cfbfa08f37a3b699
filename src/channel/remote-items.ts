/** An iterable of the main side, as the thread has it that was given it. @module */

import type { IterableTicket } from '../codec/iterables.ts';
import { releasedError } from '../codec/handles.ts';
import { argumentError, OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { RingWord, openRing, sizeOf, sleeping, stopped, waiting } from './ring.ts';
import type { Ring } from './ring.ts';
import { MAILED, NONE, RingReader } from './ring-reader.ts';
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
  restore(values: unknown[], holes: unknown): unknown;
}

type Result = IteratorResult<unknown, undefined>;

/** What comes after the last item, or what comes of closing the source. */
interface End {
  readonly error?: unknown;
  readonly isError: boolean;
}

interface Waiter {
  resolve(result: Result): void;
  reject(reason: unknown): void;
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
  readonly #ring: Ring;
  readonly #reader: RingReader;
  readonly #maxSize: number;
  readonly #mailed = new Map<number, unknown>();
  readonly #waiters: Waiter[] = [];
  #isStarted = false;
  #end: End | undefined;

  /** Whether the source was told to end and has not said that it has; those who wait for it; what it has thrown meanwhile. */
  #isClosing = false;
  readonly #closers: Waiter[] = [];
  #closed = plainEnd;
  #isReleased = false;

  constructor({ id, memory, maxSize }: IterableTicket, line: RemoteLine) {
    this.#id = id;
    this.#line = line;
    this.#maxSize = maxSize;
    this.#ring = openRing({ memory, maxSize, overflow: 'block' });
    this.#reader = new RingReader(this.#ring, false);
  }

  next(): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#pump();
    return result;
  }

  /** Blocks until there is an item. */
  nextBlocking(): Result {
    if (threadState() === undefined)
      throw new OffloopError('ERR_OFFLOOP_DEADLOCK', 'Cannot block for an item on the thread that has to give it');
    return this.#take() ?? this.#block(this.#attempt, 'an item of the argument');
  }

  /** The next item or the end, for a thread that blocks. */
  readonly #attempt = (): Result | undefined => {
    this.#askMore();
    this.#line.pull();
    return this.#take();
  };

  /** Closes the source. Resolves once it has ended; rejects with what it has thrown. */
  return(): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => this.#closers.push({ resolve, reject }));
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
    if (!this.#line.isGivenUp()) Atomics.store(this.#ring.header, RingWord.told, 1);
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
    Atomics.compareExchange(this.#ring.header, RingWord.closed, stopped.no, stopped.byConsumer);
    if (!this.#isStarted) return;
    this.#isClosing = true;
    this.#line.ask(this.#id);
  }

  heard(number: number, values: unknown[], holes: unknown, isBuffer: boolean): void {
    const item = this.#line.restore(values, holes);
    if (!isBuffer) this.#mailed.set(number, item);
    else {
      const { buffer, byteOffset, byteLength } = item as Uint8Array<ArrayBuffer>;
      this.#mailed.set(number, Buffer.from(buffer, byteOffset, byteLength));
    }
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
    for (const { reject } of [...this.#waiters.splice(0), ...this.#closers.splice(0)]) reject(reason);
  }

  /** The call is over. */
  release(): void {
    this.#isReleased = true;
    this.#end ??= { isError: true, error: releasedError() };
    this.#isClosing = false;
    this.#settleClosers();
  }

  #pump(): void {
    while (this.#waiters.length > 0) {
      const [waiter] = this.#waiters as [Waiter];
      try {
        const result = this.#take();
        if (!result) break;
        waiter.resolve(result);
      } catch (error) {
        waiter.reject(error);
      }
      this.#waiters.shift();
    }
    if (this.#waiters.length === 0) return;
    Atomics.store(this.#ring.header, RingWord.sleeps, sleeping.inLoop);
    this.#askMore();
    // An item may have come before the source could know that somebody waits.
    if (this.#reader.size > 0) this.#pump();
  }

  /** The next item or the end, if it is there. */
  #take(): Result | undefined {
    let item = this.#reader.take();
    if (item === MAILED) {
      const number = this.#reader.mailed;
      if (!this.#mailed.has(number)) this.#line.pull();
      if (!this.#mailed.has(number)) return undefined;
      item = this.#mailed.get(number);
      this.#mailed.delete(number);
      this.#reader.pass(number);
    } else if (item === NONE) return this.#ending();
    if (sizeOf(this.#ring) * 2 <= this.#maxSize) this.#askMore();
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
    Atomics.store(this.#ring.header, RingWord.told, 1);
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
    for (const { resolve, reject } of this.#closers.splice(0)) {
      try {
        this.#throw(this.#takeClosed());
        resolve(done);
      } catch (error) {
        reject(error);
      }
    }
  }

  /** Blocks until `attempt` finds something. */
  #block(attempt: () => Result | undefined, what: string): Result {
    const words = this.#ring.header;
    try {
      return block({ words, at: RingWord.sleeps, mark: sleeping.blocked }, attempt, noOptions, what);
    } finally {
      Atomics.store(words, RingWord.sleeps, sleeping.no);
    }
  }

  /** Lets the source begin, or go on if it waits for room. */
  #askMore(): undefined {
    const { header } = this.#ring;
    if (this.#end) return;
    const isWaiting = Atomics.load(header, RingWord.producer) !== waiting.no;
    if (this.#isStarted && !(isWaiting && Atomics.exchange(header, RingWord.producer, waiting.no) !== waiting.no))
      return;
    this.#isStarted = true;
    this.#line.ask(this.#id);
  }

  #finish(): void {
    this.#end = plainEnd;
    this.#reader.clear();
    this.#mailed.clear();
    for (const { resolve } of this.#waiters.splice(0)) resolve(done);
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
