/** Reads a source over all of its connections, one after the other. @module */

import type { AsyncItems } from '../base/async-items.ts';
import { now } from '../base/clock.ts';
import { AbortController, Promise } from '../base/intrinsics.ts';
import { reasonOf } from '../base/signal.ts';
import { Waiters } from '../channel/waiters.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import type { Connection, Connector, ItemsHere } from './connection.ts';
import { ended, givenUp, isFinal, retryAfterOf } from './failures.ts';
import { delayFor, Pause } from './retry.ts';
import type { Retry } from './retry.ts';

/** The iterator that users get for a source. */
export interface EventIterator<T> extends AsyncItems<T, undefined>, AsyncDisposable {
  /** Ends it at once: the connection is closed, and a pending `next()` is done. May be called again. */
  close(): Promise<void>;
}

interface SourceOptions {
  readonly retry: Retry;
  readonly signal?: AbortSignal | undefined;
}

const over: IteratorResult<never, undefined> = { value: undefined, done: true };

/** The last failure, since when, and how many there were. */
interface Outage {
  readonly since: number;
  failures: number;
  last: unknown;

  /** Whether there was a connection before, so that events may have been lost. */
  wasConnected: boolean;
}

/**
 * Items of a source. It connects with the first `next()`, and reads no further than it is asked: one chunk of the network.
 *
 * Invariant: while `next()` calls wait, `#serve` runs; after the end there is no connection, and none is made.
 */
export class SourceIterator<T extends object> implements EventIterator<T> {
  readonly #connector: Connector<T>;
  readonly #retry: Retry;
  readonly #waiters = new Waiters<T, undefined>();

  /** The items of the connection, while no `next()` waits: these are then given at once. */
  #items: ItemsHere<T> | undefined;
  #connection: Connection<T> | undefined;

  /** Aborts the connection, while it is made too. */
  #abort = new AbortController();
  #pause: Pause | undefined;
  #outage: Outage | undefined;
  #isOver = false;

  /** The reason of an abort, until a `next()` rejects with it. */
  #aborted: { readonly reason: unknown } | undefined;
  #stopSignal: (() => void) | undefined;

  constructor(connector: Connector<T>, { retry, signal }: SourceOptions) {
    this.#connector = connector;
    this.#retry = retry;
    if (!signal) return;
    const abort = (): void => this.#abortBy(reasonOf(signal));
    if (signal.aborted) abort();
    else this.#stopSignal = onAbort(signal, abort);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#items?.take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#isOver) return this.#end();
    const result = this.#waiters.wait();
    if (this.#waiters.size === 1) void this.#serve();
    return result;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    await this.close();
    return over;
  }

  async throw(error?: unknown): Promise<IteratorResult<T, undefined>> {
    await this.close();
    throw error;
  }

  async close(): Promise<void> {
    this.#finish();
    this.#waiters.finish();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Answers those who wait, in order. */
  async #serve(): Promise<void> {
    this.#items = undefined;
    while (this.#waiters.size > 0) {
      try {
        // One item after the other.
        // oxlint-disable-next-line no-await-in-loop
        const value = await this.#pull();
        if (this.#isOver) return this.#waiters.finish();
        this.#waiters.shift()?.resolve({ value: value as T, done: false });
      } catch (error) {
        // Only the first one is told; after that it is over.
        if (!this.#isOver) this.#waiters.shift()?.reject(error);
        this.#finish();
        this.#waiters.finish();
      }
    }
    this.#items = this.#connection?.items;
  }

  /** The next item; `undefined` if it is over. */
  async #pull(): Promise<T | undefined> {
    while (!this.#isOver) {
      try {
        // One step after the other, here and below.
        // oxlint-disable no-await-in-loop
        const connection = this.#connection;
        if (!connection) {
          const gap = await this.#connect();
          if (gap) return gap;
          continue;
        }
        const item = connection.items.take();
        if (item !== undefined) return item;
        if (!(await connection.more())) this.#hasEnded();
      } catch (error) {
        await this.#failed(error);
        // oxlint-enable no-await-in-loop
      }
    }
    return undefined;
  }

  /** Connects; gives the notice that events may have been lost meanwhile, if so. */
  async #connect(): Promise<T | undefined> {
    const { signal } = this.#abort;
    const connection = await this.#connector.connect(signal);
    if (!connection) {
      this.#finish();
      return undefined;
    }
    if (this.#isOver) {
      connection.close();
      return undefined;
    }
    this.#connection = connection;
    const outage = this.#outage;
    if (!outage?.wasConnected || this.#connector.resumes()) return undefined;
    const { code, message } = Object(outage.last) as { code?: unknown; message?: unknown };
    return this.#connector.gap({
      type: 'gap',
      // A function of the user's may throw anything.
      code: typeof code === 'string' ? code : 'ERR_OFFLOOP_SOURCE',
      reason: String(message ?? outage.last),
      attempts: outage.failures,
      duration: Math.round(now() - outage.since),
    });
  }

  /** The server has ended it, in good order. */
  #hasEnded(): void {
    if (this.#retry.isOn) throw ended(this.#connector.name, 'the server has ended it');
    this.#finish();
  }

  /** Waits until it is time for another attempt, or throws if there is none. */
  async #failed(error: unknown): Promise<void> {
    if (this.#isOver) return;
    const connection = this.#connection;
    this.#disconnect();
    if (isFinal(error)) throw error;
    const before = connection?.isGood === true ? undefined : this.#outage;
    const outage: Outage = before ?? { since: now(), failures: 0, last: error, wasConnected: false };
    this.#outage = outage;
    outage.failures += 1;
    outage.last = error;
    if (connection) outage.wasConnected = true;
    const { failures } = outage;
    if (failures > this.#retry.attempts) throw givenUp(error, failures);
    const asked = this.#connector.retryDelay();
    this.#pause = new Pause(delayFor(this.#retry, failures, { asked, retryAfter: retryAfterOf(error) }));
    await this.#pause.over;
    this.#pause = undefined;
  }

  #abortBy(reason: unknown): void {
    this.#finish();
    const first = this.#waiters.shift();
    if (first) first.reject(reason);
    else this.#aborted = { reason };
    this.#waiters.finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopSignal?.();
    this.#pause?.end();
    this.#disconnect();
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#items = undefined;
    this.#abort.abort();
    if (!this.#isOver) this.#abort = new AbortController();
  }

  #end(): Promise<IteratorResult<T, undefined>> {
    const aborted = this.#aborted;
    this.#aborted = undefined;
    return aborted ? Promise.reject(aborted.reason) : Promise.resolve(over);
  }
}
