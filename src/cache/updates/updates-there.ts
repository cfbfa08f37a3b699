/** Updates for an iterator of another thread than the one that has the hub: over a channel in shared memory. @module */

import { OffloopError } from '../../base/errors.ts';
import { reasonOf } from '../../base/signal.ts';
import { overflowError } from '../../channel/overflow.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { Channel } from '../../sync/channel.ts';
import type { Update } from '../main/hub.ts';
import type { UpdatesPlan, UpdatesSource } from './updates.ts';

/** An update as an item of the channel. */
export type UpdateItem = readonly [key: Uint8Array, value: Uint8Array];

const done: IteratorResult<never, undefined> = { value: undefined, done: true };

/** The consumer's end. */
export class UpdatesThere implements UpdatesSource {
  readonly channel: Channel<UpdateItem>;
  #aborted: { readonly reason: unknown } | undefined;
  #isOverTold = false;
  #isClosed = false;
  readonly #signal: AbortSignal | undefined;
  readonly #stop: (() => void) | undefined;

  constructor({ maxSize, overflow, signal }: UpdatesPlan) {
    this.channel = new Channel({ maxSize, overflow });
    this.#signal = signal;
    if (signal?.aborted) this.#abort(signal);
    else if (signal) this.#stop = onAbort(signal, () => this.#abort(signal));
  }

  get size(): number {
    return this.#isClosed ? 0 : this.channel.size;
  }

  get dropped(): number {
    return this.channel.dropped;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  async next(): Promise<IteratorResult<Update, undefined>> {
    if (this.#isClosed) return this.#end();
    try {
      const item = await this.channel.get(this.#signal ? { signal: this.#signal } : undefined);
      return this.#isClosed ? this.#end() : { value: updateOf(item), done: false };
    } catch (error) {
      if (this.#signal?.aborted) this.#aborted ??= { reason: reasonOf(this.#signal) };
      if (this.#isClosed || this.#aborted) return this.#end();
      if (!(error instanceof OffloopError) || error.code !== 'ERR_OFFLOOP_CLOSED') throw error;
      // The hub closes the channel of an iterator that it could not give an update: there must be no gap in silence.
      if (this.#isOverTold) return this.#end();
      this.#isOverTold = true;
      const { dropped, overflow, maxSize } = this.channel;
      throw overflow === 'error' && dropped > 0 ? overflowError('put', maxSize) : tooLarge();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stop?.();
    this.channel.close();
  }

  snapshot(): Update[] {
    return this.#isClosed ? [] : this.channel.snapshot().map((item) => updateOf(item));
  }

  drain(): Update[] {
    return this.#isClosed ? [] : this.channel.drain().map((item) => updateOf(item));
  }

  #abort(signal: AbortSignal): void {
    this.#aborted ??= { reason: reasonOf(signal) };
    this.close();
  }

  #end(): IteratorResult<Update, undefined> {
    const aborted = this.#aborted;
    this.#aborted = undefined;
    if (aborted) throw aborted.reason;
    return done;
  }
}

const tooLarge = (): OffloopError =>
  new OffloopError(
    'ERR_OFFLOOP_OVERFLOW',
    'Cannot give the next update to the iterator: it is larger than the memory for updates between threads',
  );

const updateOf = ([key, value]: UpdateItem): Update => ({ key, value });
