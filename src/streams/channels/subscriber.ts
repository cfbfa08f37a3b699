/** A subscriber of a channel. @module */

import { Promise } from '../../base/intrinsics.ts';
import { LocalChannel } from '../../channel/local-channel.ts';
import type { LocalChannelOptions } from '../../channel/local-channel.ts';
import type { Overflow } from '../../channel/ring/ring.ts';
import { isEvent } from '../events/event.ts';
import { settled } from '../run/scope.ts';

/**
 * Items for one consumer. An event that has no room counts as dealt with for this one; those that wait when it leaves are
 * handed back.
 */
export class Subscriber<T> extends LocalChannel<T> {
  readonly #options: LocalChannelOptions;
  #onClose: (() => void) | undefined;

  /** Resolves with what the sources of the events that were handed back have failed with. */
  #handedBack: Promise<readonly ({ readonly error: unknown } | undefined)[]> | undefined;

  constructor(options: LocalChannelOptions, onClose?: () => void) {
    super(options);
    this.#options = options;
    this.#onClose = onClose;
  }

  override async put(item: T): Promise<void> {
    const { overflow } = this.#options;
    const isFull = overflow !== 'block' && this.size >= this.maxSize && !this.closed;
    const dropped = isFull ? this.#dropsOf(item, overflow) : undefined;
    // Nothing may come between: what is acknowledged is what is dropped.
    const put = super.put(item);
    await put;
    await acknowledge(dropped);
  }

  /** The item that has to go if `item` comes while there is no room. */
  #dropsOf(item: T, overflow: Overflow): unknown {
    if (overflow === 'drop-oldest') return this.first;
    return overflow === 'drop-newest' ? item : undefined;
  }

  /** Gets nothing more: what it has got comes, and what waits for room, and then the end. */
  leave(): void {
    this.#onClose?.();
    this.#onClose = undefined;
    this.end();
  }

  override close(): void {
    const left = this.snapshot();
    super.close();
    // If the signal was aborted before, the subscriber is closed from the start.
    if (#onClose in this) {
      this.#onClose?.();
      this.#onClose = undefined;
    }
    const events = left.filter((item) => isEvent(item));
    if (events.length > 0)
      this.#handedBack = Promise.all(events.map(async (event) => settled(async () => event.conclude('nack'))));
  }

  /** Leaves, and rejects with the first error of a source that does not take its event back. */
  override async return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    const failure = (await this.#handedBack)?.find((it) => it !== undefined);
    if (failure) throw failure.error;
    return { value: undefined, done: true };
  }
}

async function acknowledge(item: unknown): Promise<void> {
  if (isEvent(item)) await item.conclude('ack');
}
