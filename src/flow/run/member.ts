/** The items that wait for one of several handlers of a source. @module */

import { LocalChannel } from '../../channel/local-channel.ts';
import type { StreamEvent } from '../../streams/events/event.ts';
import type { Split } from './split.ts';

/** An event that a handler has not taken. */
interface Untaken {
  readonly event: StreamEvent<unknown>;
  readonly split: Split;
}

/**
 * Items for one handler. What it has not taken when it leaves, and what comes afterwards, is settled once it is known why: if
 * it wants no more, the other handlers decide; if it has failed, or was ended, that is handed back.
 */
export class Member extends LocalChannel<unknown> {
  readonly #onClose: () => void;

  /** Awaits that a source has noted an outcome. */
  readonly #note: (settle: () => unknown) => void;

  /** The events that wait, or were taken, with what they are parts of. */
  readonly #splits = new WeakMap<object, Split>();
  readonly #untaken: Untaken[] = [];
  #isDone: boolean | undefined;

  constructor(maxSize: number, onClose: () => void, note: (settle: () => unknown) => void) {
    super({ maxSize, overflow: 'block' });
    this.#onClose = onClose;
    this.#note = note;
  }

  /** Sends `item`, or its part of an event; gives what is to be awaited before the next item, if there is something. */
  send(item: unknown, split: Split | undefined): Promise<void> | undefined {
    const own = split ? split.share() : item;
    if (split) this.#splits.set(own as object, split);
    if (this.closed) {
      this.#keep(own);
      return undefined;
    }
    return this.tryPut(own) ? undefined : this.put(own).catch(() => this.#keep(own));
  }

  /** Gives an item that waits as it is, not by a promise: the stream of the handler takes both. */
  override next(): Promise<IteratorResult<unknown, undefined>> {
    return (this.tryNext() as never) ?? super.next();
  }

  override close(): void {
    const waiting = this.snapshot();
    super.close();
    for (const item of waiting) this.#keep(item);
    this.#onClose();
  }

  /** The handler has ended: with `isDone` because it wants no more. */
  ended(isDone: boolean): void {
    this.#isDone = isDone;
    this.close();
    for (const untaken of this.#untaken.splice(0)) this.#note(() => settle(untaken, isDone));
  }

  #keep(item: unknown): void {
    const split = typeof item === 'object' && item !== null ? this.#splits.get(item) : undefined;
    if (!split) return;
    const untaken = { event: item as StreamEvent<unknown>, split };
    if (this.#isDone === undefined) this.#untaken.push(untaken);
    else this.#note(() => settle(untaken, this.#isDone === true));
  }
}

async function settle({ event, split }: Untaken, isDone: boolean): Promise<void> {
  try {
    await (isDone ? split.abstain() : event.settle('nack'));
  } catch (error) {
    if (!event.isVoid) throw error;
  }
}
