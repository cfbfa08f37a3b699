/**
 * Claims calls in shared memory: either the thread claims a call, and starts it, or the main side takes it back.
 * @module
 */

import type { Job } from './job.ts';
import { LaneWord } from '../wire/control.ts';
import type { UpRecord } from '../wire/messages.ts';
import { takeTicket } from '../wire/tickets.ts';
import type { TicketBoard } from '../wire/tickets.ts';
import * as up from '../wire/up.ts';
import type { Outbox } from '../wire/outbox.ts';

/**
 * A thread's claims. The thread claims a call when it has the function: until then the main side may give the call to a
 * thread that has the function sooner.
 *
 * Invariant: the function of at most one call is being looked up, and of no call but the running one while one runs.
 */
export class Claims {
  /** The call whose function is being looked up. */
  preparing: Job | undefined;

  readonly #control: Int32Array;
  readonly #outbox: Outbox<UpRecord>;
  readonly #tickets: TicketBoard | undefined;

  /** Whether the module that is being loaded has asked for its call after the call was taken back. */
  #isSpoilt = false;

  constructor(control: Int32Array, outbox: Outbox<UpRecord>, tickets: TicketBoard | undefined) {
    this.#tickets = tickets;
    this.#control = control;
    this.#outbox = outbox;
  }

  /**
   * Claims a call; gives `false` if the main side has taken it back, or if it was offered to other threads, too, and one of
   * these has it.
   */
  claim({ id, ticket }: Job): boolean {
    if (Atomics.compareExchange(this.#control, LaneWord.next, id, (id + 1) | 0) !== id) return false;
    // In this order: so the main side cannot take a call back for which the ticket was taken.
    if (ticket !== 0 && this.#tickets && !takeTicket(this.#tickets, ticket)) return false;
    this.#outbox.sender = id;
    return true;
  }

  /** Begins the look-up of the function of `job`; gives `false` if the main side has taken the call back. */
  prepare(job: Job): boolean {
    Atomics.store(this.#control, LaneWord.preparing, job.id);
    this.#isSpoilt = false;
    // The order of this store and this load matters: if the main side takes the call back now, one side sees the
    // other's.
    if (Atomics.load(this.#control, LaneWord.next) === job.id) this.preparing = job;
    else this.#release(job);
    return this.preparing === job;
  }

  /** Called when the module that is being loaded asks for its call: claims the call now, unless it was taken back. */
  demand(): Job | undefined {
    const { preparing } = this;
    if (!preparing || this.claim(preparing)) return preparing;
    this.#isSpoilt = true;
    return undefined;
  }

  /** Ends the look-up of the function of `job`, found or not; gives whether the call is claimed and starts here. */
  prepared(job: Job, isClaimed: boolean): boolean {
    this.preparing = undefined;
    const starts = isClaimed || this.claim(job);
    if (starts) Atomics.store(this.#control, LaneWord.preparing, 0);
    else this.#release(job);
    return starts;
  }

  /** Gives up the call whose function is being looked up, so that another thread can run it; gives that call. */
  giveUp(): Job | undefined {
    const { preparing } = this;
    if (preparing) Atomics.store(this.#control, LaneWord.next, preparing.id);
    Atomics.store(this.#control, LaneWord.preparing, 0);
    return preparing;
  }

  /** Tells the main side that the look-up for `job`, which was taken back, is over. */
  #release(job: Job): void {
    Atomics.store(this.#control, LaneWord.preparing, 0);
    this.#outbox.add(up.prepared(job.id, this.#isSpoilt));
    job.end();
  }
}
