/** Sends the messages away that nobody can deal with. @module */

import { after } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { settled } from '../streams/run/scope.ts';
import { decode } from './message.ts';
import type { Decoded } from './message.ts';
import type { SubscriptionOwner } from './subscription-owner.ts';
import type { Consumption, IncomingMessage } from './transport.ts';

/** How long to wait before a message is sent away again that the dead letters did not take, in milliseconds, at the least. */
const breath = 1000;

/**
 * A message that was sent away is dealt with; one that cannot be sent comes again.
 *
 * Invariant: none is acknowledged that was not sent away, unless there is no place for it, which `errors` tells.
 */
export class Burials {
  readonly #owner: SubscriptionOwner<never>;
  readonly #consumption: () => Consumption;
  readonly #open = new Set<Promise<unknown>>();

  /** Called when it is over. */
  readonly #onOver = new Set<() => void>();
  #isOver = false;

  constructor(owner: SubscriptionOwner<never>, consumption: () => Consumption) {
    this.#owner = owner;
    this.#consumption = consumption;
  }

  /** Sends away a message that was delivered. */
  async bury(message: IncomingMessage, decoded: Decoded): Promise<void> {
    try {
      await this.#send(message, decoded);
      await this.#consumption().ack(message.delivery);
    } catch (error) {
      this.#owner.trouble(error);
      if (message.isLast) return this.#insist(message, decoded);
      this.#consumption().nack(message.delivery, Math.max(breath, this.delayOf(message.attempt)));
    }
  }

  /** Sends away a message that the broker has given up. */
  undelivered(message: IncomingMessage): void {
    const burying = this.#buryUndelivered(message);
    this.#open.add(burying);
    void burying.finally(() => this.#open.delete(burying));
  }

  /** Tries once more what was not taken, and resolves when all is done. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const go of this.#onOver) go();
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /** How long a message waits that is handed back, in milliseconds. */
  delayOf(attempt: number): number {
    try {
      const delay = this.#owner.retryDelay(attempt);
      if (delay >= 0 && delay < Infinity) return delay;
      throw new RangeError(`retryDelay gave ${delay}, expected milliseconds from 0`);
    } catch (error) {
      this.#owner.trouble(error);
      return breath;
    }
  }

  async #buryUndelivered(message: IncomingMessage): Promise<void> {
    let decoded: Decoded = { value: message.value, key: undefined };
    const failure = await settled(async () => (decoded = await decode(this.#owner.writing, message)));
    if (failure) this.#owner.trouble(failure.error);
    await this.#insist(message, decoded);
  }

  /** The broker would not deliver it again. */
  async #insist(message: IncomingMessage, decoded: Decoded): Promise<void> {
    for (;;) {
      const wasOver = this.#isOver;
      const failure = await settled(async () => this.#send(message, decoded));
      if (!failure) break;
      this.#owner.trouble(failure.error);
      if (wasOver) return this.#owner.trouble(this.#lost(message));
      await this.#wait();
    }
    await this.#consumption().ack(message.delivery);
  }

  async #wait(): Promise<void> {
    let go: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      const later = after(breath, () => go());
      later.hold();
      this.#onOver.add(
        (go = () => {
          later.letGo();
          later.cancel();
          resolve();
        }),
      );
    });
    this.#onOver.delete(go);
  }

  async #send(message: IncomingMessage, { key, value }: Decoded): Promise<void> {
    const { sendAway, counts } = this.#owner;
    await sendAway?.(value, key, message);
    counts.deadLettered += 1;
    if (!sendAway) this.#owner.trouble(this.#lost(message));
  }

  #lost({ partition, position, attempt }: IncomingMessage): OffloopError {
    const why = this.#owner.sendAway ? 'deadLetter did not take it' : 'there is no deadLetter';
    const text = `Left out message ${position} of partition ${partition} of the topic ${this.#owner.writing.name}: it was delivered ${attempt} times, and ${why}`;
    return new OffloopError('ERR_OFFLOOP_UNDELIVERED', text);
  }
}
