/** The pieces that one client is sent, as it has room. @module */

import { AbortController, Promise } from '../base/intrinsics.ts';
import { argumentError } from '../base/errors.ts';
import { IdleWatch } from '../base/idle-watch.ts';
import { holdIterable } from '../channel/adapters/held.ts';
import type { HeldIterable } from '../channel/adapters/held.ts';
import { LocalChannel } from '../channel/local-channel.ts';
import { checkedStep } from '../channel/protocol.ts';
import type { Overflow } from '../channel/ring/ring.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import { isIterable } from './sse-options.ts';
import { Turns } from './turns.ts';
import type { Items, SseSource } from './sse-options.ts';

/** A piece of text, encoded or not. */
type Chunk = string | Uint8Array;

/** How a feed is made. */
export interface FeedOptions<T> {
  /** Sent at once, so that a browser knows that it is connected. */
  greeting(): Chunk;

  /** Sent when there was nothing else for `heartbeat` milliseconds. */
  readonly beat: string;
  readonly heartbeat: number;
  readonly maxSize: number;
  readonly overflow?: Overflow | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly lastEventId: string | undefined;
  encode(item: T): Chunk;
}

/**
 * The items of a source as text. One item is asked for at a time, and only when the client has room, unless `overflow` says
 * otherwise.
 *
 * Invariant: one `read` at a time; after `close` the source is closed, or is told to be as soon as it listens.
 */
export class Feed<T> {
  readonly #options: FeedOptions<T>;
  readonly #source: SseSource<T>;
  readonly #abort = new AbortController();
  readonly #watch: IdleWatch;
  #held: HeldIterable | undefined;
  #items: AsyncIterator<unknown> | undefined;
  #channel: LocalChannel<T> | undefined;

  /** The step that is awaited, over all the heartbeats meanwhile. */
  #step: Promise<void> | undefined;
  #result: { readonly chunk: Chunk | undefined } | { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #isGreeted = false;
  #isOver = false;
  #stopSignal: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(source: SseSource<T>, options: FeedOptions<T>) {
    this.#source = source;
    this.#options = options;
    // Also what is never opened is closed.
    if (typeof source !== 'function') this.#held = holdIterable(source);
    this.#watch = new IdleWatch(options.heartbeat, () => this.#wake?.());
    const { signal } = options;
    if (signal?.aborted) this.#end();
    else if (signal) this.#stopSignal = onAbort(signal, () => void this.close().catch(() => undefined));
  }

  /** Gives the next piece; `undefined` at the end. Rejects with the error of the source, which is closed then. */
  async read(): Promise<Chunk | undefined> {
    if (!this.#isGreeted && !this.#isOver) {
      this.#isGreeted = true;
      return this.#options.greeting();
    }
    if (this.#isOver) return undefined;
    this.#step ??= this.#advance();
    if (!this.#result) {
      this.#watch.begin();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
      this.#watch.end();
    }
    if (this.#isOver) return undefined;
    const result = this.#result;
    if (!result) return this.#options.beat;
    this.#step = undefined;
    this.#result = undefined;
    if ('error' in result) {
      await this.close().catch(() => undefined);
      throw result.error;
    }
    if (result.chunk === undefined) await this.close();
    return result.chunk;
  }

  /**
   * Closes the source, and ends a pending `read`. Does not wait for a generator that awaits an item itself: that hears of it
   * by the `signal` it was given, or at its next `yield`.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const isAwaited = this.#step !== undefined && !this.#result;
    this.#end();
    const closing = this.#held?.close();
    this.#channel?.close();
    if (!isAwaited) return closing;
    closing?.catch(() => undefined);
  }

  #end(): void {
    this.#isOver = true;
    this.#stopSignal?.();
    this.#watch.close();
    this.#abort.abort();
    this.#wake?.();
  }

  async #advance(): Promise<void> {
    try {
      this.#items ??= await this.#open();
      const step = checkedStep(await this.#items.next());
      this.#result = { chunk: step.done ? undefined : this.#options.encode(step.value as T) };
    } catch (error) {
      this.#result = { error };
    }
    this.#wake?.();
  }

  async #open(): Promise<AsyncIterator<unknown>> {
    const { lastEventId, overflow = 'block', maxSize } = this.#options;
    const held = (this.#held ??= await this.#ask(lastEventId));
    if (this.#isOver) {
      held.close().catch(() => undefined);
      return new LocalChannel({ maxSize, overflow });
    }
    if (overflow === 'block') return held.open();
    this.#channel = new LocalChannel<T>({ maxSize, overflow });
    void this.#fill(held.open(), this.#channel);
    return this.#channel;
  }

  /** The source that the function gives for this client. */
  async #ask(lastEventId: string | undefined): Promise<HeldIterable> {
    const ask = this.#source as Exclude<SseSource<T>, Items<T>>;
    const items: unknown = await ask({ lastEventId, signal: this.#abort.signal });
    if (isIterable(items)) return holdIterable(items);
    const received = items === null ? 'null' : typeof items;
    throw argumentError(`Cannot send events: the function returned ${received} instead of an iterable`);
  }

  /** Takes items as they come, for a client that may be slower. */
  async #fill(items: AsyncIterator<unknown>, channel: LocalChannel<T>): Promise<void> {
    try {
      // One item after the other.
      // oxlint-disable no-await-in-loop
      const turns = new Turns();
      for (;;) {
        const step = checkedStep(await items.next());
        if (step.done || channel.closed) break;
        await channel.put(step.value as T);
        if (turns.isDue) await turns.take();
      }
      // oxlint-enable no-await-in-loop
      channel.end();
    } catch (error) {
      channel.end(error);
      // An item that finds no room ends it, although the source has more.
      this.#held?.close().catch(() => undefined);
    }
  }
}
