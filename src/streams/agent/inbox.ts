/** The items that are sent to an agent itself, and the calls that wait for an answer. @module */

import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { StreamChannel } from '../channels/channel.ts';
import { eventOptions, StreamEvent } from '../events/event.ts';
import { Receipt } from '../events/receipt.ts';
import type { Outcome } from '../events/receipt.ts';
import type { StreamEventOptions } from '../events/event.ts';

/** A call of `ask` that waits. */
interface Asker {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Names one item that was sent, in each delivery of it. */
interface Ticket {
  readonly asker: Asker | undefined;
}

/**
 * Items that were sent, as events: those that are handed back are delivered again.
 *
 * Invariant: `#waiting` has those who have asked and were not answered.
 */
export class Inbox<T> {
  readonly items: StreamChannel<T>;
  readonly #waiting = new Set<Asker>();

  constructor(maxSize: number) {
    this.items = new StreamChannel<T>({ maxSize });
  }

  /** How many wait for an answer. */
  get asks(): number {
    return this.#waiting.size;
  }

  async send(value: T, options: StreamEventOptions): Promise<void> {
    const isTaken = await this.#post(value, eventOptions(options), { asker: undefined }, 1);
    if (!isTaken) throw overError();
  }

  async ask(value: T, options: StreamEventOptions): Promise<unknown> {
    const own = eventOptions(options);
    return new Promise((resolve, reject) => {
      const asker: Asker = { resolve, reject };
      this.#waiting.add(asker);
      this.#post(value, own, { asker }, 1).catch((error: unknown) => this.#reject(asker, error));
    });
  }

  /** A result for `event`. */
  answer({ message }: StreamEvent<unknown>, value: unknown): void {
    const { asker } = (message ?? {}) as Partial<Ticket>;
    if (!asker || !this.#waiting.delete(asker)) return;
    asker.resolve(value);
  }

  /** Rejects the call that waits for `event`: no result will come. */
  fail({ message }: StreamEvent<unknown>, error: unknown): void {
    const { asker } = (message ?? {}) as Partial<Ticket>;
    if (asker) this.#reject(asker, error);
  }

  /** Nothing more can be sent. */
  end(): void {
    this.items.end();
  }

  /** Nothing more is answered: all who wait are told `reason`. What nobody has taken is handed back. */
  close(reason: unknown): void {
    for (const asker of this.#waiting) this.#reject(asker, reason);
    this.items.subscribe().close();
  }

  /** Resolves once there is room for it; says whether it was not handed back before, as the agent is over. */
  async #post(value: T, options: StreamEventOptions, ticket: Ticket, attempt: number): Promise<boolean> {
    if (this.items.closed) throw overError();
    let isTaken = true;
    const settle = (outcome: Outcome): void => {
      if (outcome === 'ack') return this.#answered(ticket);
      if (this.items.closed) {
        isTaken = false;
        return undefined;
      }
      // To hand an event back does not wait for room: the body that does so may be the one that has to make room.
      this.#post(value, options, ticket, attempt + 1).catch(() => undefined);
    };
    const receipt = new Receipt(settle, () => !this.items.closed);
    const event = new StreamEvent<T>(value, eventOptions({ ...options, message: ticket, attempt }), receipt.part());
    await this.items.receive(event);
    return isTaken;
  }

  /** Its body has moved on without a result. */
  #answered({ asker }: Ticket): void {
    if (asker && this.#waiting.delete(asker)) asker.resolve(undefined);
  }

  #reject(asker: Asker, error: unknown): void {
    if (this.#waiting.delete(asker)) asker.reject(error);
  }
}

function overError(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot send an item: the agent is over, or its source is');
}
