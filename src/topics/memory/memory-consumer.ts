/** One consumer of a topic in memory. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { ConsumeListener, Consumption, StartPosition } from '../transport.ts';
import type { Flight, Group, Member } from './group.ts';

/** Where a consumer takes its messages from. */
export interface MemberOptions {
  readonly group: Group;
  readonly listener: ConsumeListener;

  /** It has left. */
  readonly onLeave: () => void;
}

/**
 * Takes a message when it is asked for one, and not before: what comes again goes before what is new.
 *
 * Invariant: what is in `#flights` was delivered and not settled.
 */
export class MemoryConsumer implements Consumption, Member {
  readonly ready = undefined;
  readonly #group: Group;
  readonly #listener: ConsumeListener;
  readonly #onLeave: () => void;
  readonly #flights = new Map<number, Flight>();
  #wanted = 0;
  #delivery = 0;
  #isStopped = false;

  constructor({ group, listener, onLeave }: MemberOptions) {
    this.#group = group;
    this.#listener = listener;
    this.#onLeave = onLeave;
    group.join(this);
  }

  request(count: number): void {
    this.#wanted += count;
    this.pump();
  }

  /** Delivers what there is and is wanted. */
  pump(): void {
    while (this.#wanted > 0 && !this.#isStopped) {
      const flight = this.#group.take(this);
      if (!flight) return;
      this.#wanted -= 1;
      const delivery = this.#delivery++;
      this.#flights.set(delivery, flight);
      this.#listener.deliver([{ ...flight.entry, delivery, attempt: flight.attempt }]);
    }
  }

  ack(delivery: number): undefined {
    const flight = this.#flights.get(delivery);
    if (flight && this.#flights.delete(delivery)) this.#group.ack(flight);
  }

  nack(delivery: number, delay: number): void {
    const flight = this.#flights.get(delivery);
    if (flight && this.#flights.delete(delivery)) this.#group.nack(flight, flight.attempt + 1, delay);
  }

  seek(start: StartPosition): Promise<void> {
    this.#flights.clear();
    this.#listener.restarted();
    this.#group.seek(start);
    return Promise.resolve();
  }

  stop(untaken: readonly number[]): Promise<void> {
    this.#isStopped = true;
    // Nobody has seen them: they are as they were.
    for (const delivery of untaken) this.#handBack(delivery);
    this.#group.leave(this);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isStopped = true;
    for (const delivery of this.#flights.keys()) this.nack(delivery, 0);
    this.#group.leave(this);
    this.#onLeave();
    return Promise.resolve();
  }

  #handBack(delivery: number): void {
    const flight = this.#flights.get(delivery);
    if (flight && this.#flights.delete(delivery)) this.#group.nack(flight, flight.attempt, 0);
  }
}
