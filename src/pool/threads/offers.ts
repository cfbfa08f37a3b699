/** Offers waiting calls to all threads of a pool, so that a thread that has ended its call need not wait for main. @module */

import type { Call } from '../../call/call.ts';
import type { Lane } from '../../call/lane/lane.ts';
import type { SharedCalls } from '../../call/lane/offered-calls.ts';
import { isMovable, isQuick } from '../../call/travel.ts';
import { mostRows, mostTickets, openTicket, takerOf, ticketOf, withdrawTicket } from '../../wire/tickets.ts';
import type { TicketBoard } from '../../wire/tickets.ts';
import type { CallQueue } from '../queue.ts';
import type { PoolThread, Slot } from './pool-thread.ts';

/** How many milliseconds of work are offered to each thread: main may be kept from its processor for that long. */
const enough = 8;

/** A call is sent to each thread: how many milliseconds it has to take for each of them, for that to cost little. */
const leastCost = 0.25;

/** How many calls a thread may be offered that it has not come across yet, because it runs a long one. */
const mostUnseen = 32;

/** What one thread was sent of a call. */
interface Copy {
  readonly thread: PoolThread;

  /** The `id` of the call if this thread takes it. */
  readonly id: number;
}

interface Offer {
  readonly call: Call;
  readonly number: number;
  readonly ticket: number;

  /** By the rows of the threads. */
  readonly copies: (Copy | undefined)[];
}

/**
 * The first calls of a pool's queue, which its threads have as well: each thread that becomes idle takes the first of them
 * that is left. So calls start strictly in the order of the queue, and no thread is idle while one waits. They stay in the
 * queue until it is known which thread has taken them.
 *
 * Invariant: the offered calls are the first ones of the queue, in its order; a thread that was sent one of them was sent
 * all before it.
 */
export class Offers implements SharedCalls {
  /** How many calls are offered. A field, as each answer reads it; only this class writes it. */
  count = 0;

  readonly #slots: readonly Slot[];
  #queue: CallQueue | undefined;
  readonly #cells: Int32Array = new Int32Array(new SharedArrayBuffer(mostTickets * Int32Array.BYTES_PER_ELEMENT));
  #offers: Offer[] = [];
  #next = 0;

  constructor(slots: readonly Slot[]) {
    this.#slots = slots;
  }

  /** Sets the queue the first calls of which are offered. */
  of(queue: CallQueue): void {
    this.#queue = queue;
  }

  /** What the thread of `slot` takes calls with; `undefined` if none are offered to it. */
  boardFor({ number, isExtra, isOnly }: Slot): TicketBoard | undefined {
    const isOffered = !isExtra && !isOnly && this.#slots.length <= mostRows;
    return isOffered ? { cells: this.#cells, row: number - 1 } : undefined;
  }

  /**
   * Passes the calls that were taken from the queue to the lanes of their threads. To be called before anything is read
   * that depends on which calls a thread has.
   */
  settle(): void {
    if (this.count === 0) return;
    const taken = this.#offers.filter(({ ticket }) => takerOf(this.#cells, ticket) >= 0);
    if (taken.length === 0) return;
    this.#keep(this.#offers.filter((offer) => !taken.includes(offer)));
    for (const offer of taken) this.#taken(offer);
  }

  /** Withdraws all offers; gives whether a call was offered that no thread has taken. */
  recall(): boolean {
    if (this.count === 0) return false;
    // The last one first: so none starts before one that goes before it.
    const withdrawn = this.#offers.toReversed().filter(({ ticket }) => withdrawTicket(this.#cells, ticket));
    const taken = this.#offers.filter((offer) => !withdrawn.includes(offer));
    this.#keep([]);
    for (const offer of taken) this.#taken(offer);
    return withdrawn.length > 0;
  }

  /** Called before `call`, which waits in the queue, is given up: no thread takes it after that. */
  withdraw(call: Call): void {
    const offer = this.#offers.find((each) => each.call === call);
    if (offer && withdrawTicket(this.#cells, offer.ticket)) this.#keep(this.#offers.filter((each) => each !== offer));
    else this.settle();
  }

  /** Whether `call` is offered, as far as is known. */
  has(call: Call): boolean {
    return this.count > 0 && this.#offers.some((each) => each.call === call);
  }

  /** Whether the thread of `lane` will come across `call`, and take it unless another thread does. */
  reaches(call: Call, lane: Lane): boolean {
    const offer = this.#offers.find((each) => each.call === call);
    return offer?.copies.some((copy) => copy?.thread.lane === lane && lane.offered.mayTake(copy.id)) === true;
  }

  /**
   * Offers the next calls of the queue; none while one waits that cannot be offered. Main does not hear that a thread has passed
   * over what others have taken, and would leave that call alone with an idle thread.
   */
  fill(): void {
    const queue = this.#queue;
    if (!queue || queue.size <= this.count || queue.unoffered > 0 || !this.#mayOffer()) return;
    let before = this.count;
    for (const call of queue.calls()) {
      if (before > 0) before -= 1;
      else if (this.count >= this.#most(call)) return;
      else this.#offer(call);
    }
  }

  #offer(call: Call): void {
    const number = this.#next;
    const ticket = ticketOf(number);
    this.#next += 1;
    openTicket(this.#cells, ticket);
    this.#keep([...this.#offers, { call, number, ticket, copies: [] }]);
    for (const slot of this.#slots) this.#reach(slot);
  }

  /** Sends the thread of `slot` the offers that it does not have, as many as it can take. */
  #reach({ number, thread }: Slot): void {
    if (!thread?.isServing || thread.isStale) return;
    const { lane } = thread;
    const row = number - 1;
    for (const { call, ticket, copies } of this.#offers) {
      const copy = copies[row];
      if (copy?.thread === thread) {
        // Calls that were taken back from a thread do not reach it any more, and it must not have those behind them.
        if (!lane.offered.mayTake(copy.id)) return;
        continue;
      }
      if (lane.offered.unseen >= mostUnseen || !lane.loads.isReadyFor(call.definition.id)) return;
      const id = lane.offered.offer(call, ticket);
      if (id === undefined) return;
      copies[row] = { thread, id };
    }
  }

  /** Whether no thread is being started, and none may have to end after its next call. */
  #mayOffer(): boolean {
    const { length } = this.#slots;
    if (length < 2 || length > mostRows) return false;
    // A cell has one ticket at a time.
    if (this.#next - (this.#offers[0]?.number ?? this.#next) >= mostTickets) return false;
    return this.#slots.every(({ keyed, thread, successor }) => {
      return (
        keyed.size === 0 && thread?.isServing === true && thread.maxCalls === Infinity && successor?.isReady !== true
      );
    });
  }

  /** Whether threads may take `call` by themselves: it takes milliseconds, and nothing has to be done when it begins. */
  isOfferable(call: Call): boolean {
    const { definition, depth, place, plan } = call;
    if (depth > 0 || place !== undefined || plan.priority < 0 || !isMovable(call)) return false;
    const { cost } = definition.learnt;
    return !isQuick(call) && cost !== Infinity && cost >= leastCost * this.#slots.length && !definition.overlaps;
  }

  /** How many calls like `call` are offered at once: one for each thread, or more if they are short. */
  #most({ definition }: Call): number {
    const { length } = this.#slots;
    return Math.min(mostTickets, Math.max(length, Math.ceil((enough * length) / definition.learnt.cost)));
  }

  /** Called when a thread has taken the offered call. */
  #taken({ call, copies, ticket }: Offer): void {
    const copy = copies[takerOf(this.#cells, ticket)];
    if (!copy) return;
    this.#queue?.remove(call);
    call.holder = copy.thread;
    copy.thread.lane.offered.took(call, copy.id);
  }

  #keep(offers: Offer[]): void {
    this.#offers = offers;
    this.count = offers.length;
  }
}
