/** The thread's end of an iterable that the main side passed as an argument. @module */

import type { IterableTicket } from '../codec/live/iterables.ts';
import { releasedError } from '../codec/live/handles.ts';
import { OffloopError } from '../base/errors.ts';
import type { ArrivedItem } from './call-stream.ts';
import { Inbox } from './inbox.ts';
import { RingWord, openRing, sleeping, stopped, waiting } from './ring/ring.ts';
import { NONE } from './ring/reader.ts';
import { done, plainEnd, SourceClose, throwEnd } from './source-close.ts';
import type { End, Result } from './source-close.ts';
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
  readonly #close: SourceClose;
  #isReleased = false;

  constructor({ id, memory, maxSize, isWatched = false }: IterableTicket, line: RemoteLine) {
    this.#isWatched = isWatched;
    this.#id = id;
    this.#line = line;
    this.#maxSize = maxSize;
    const ring = openRing({ memory, maxSize, overflow: 'block' });
    this.#header = ring.header;
    this.#close = new SourceClose(ring.header);
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
    const result = this.#close.wait();
    this.#leave();
    if (this.#line.isGivenUp()) this.#close.isPending = false;
    this.#close.settle();
    return result;
  }

  /** Closes the source, and blocks until it has ended; throws its error. */
  returnBlocking(): void {
    this.#leave();
    if (threadState() === undefined) return;
    if (this.#close.isPending) this.#block(this.#attemptEnd, 'the end of the argument');
    this.#close.takeResult();
  }

  readonly #attemptEnd = (): Result | undefined => {
    this.#line.pull();
    return this.#close.isPending ? undefined : done;
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
      if (this.#end.isError) this.#close.result = this.#end;
      this.#end = plainEnd;
      return;
    }
    this.#finish();
    Atomics.compareExchange(this.#header, RingWord.closed, stopped.no, stopped.byConsumer);
    if (!this.#isStarted) return;
    this.#close.isPending = true;
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
    this.#close.ended(end);
    this.#end ??= end;
    this.#pump();
  }

  /** Called when the call was given up: rejects each pending `next()` and `return()`. */
  interrupt(reason: unknown): void {
    this.#waiters.fail(reason);
    this.#close.fail(reason);
  }

  /** Called when the call is over. */
  release(): void {
    this.#isReleased = true;
    this.#end ??= { isError: true, error: releasedError() };
    this.#close.isPending = false;
    this.#close.settle();
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
    throwEnd(this.#header, end);
    return done;
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
