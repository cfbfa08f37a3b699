/** Travels beside an item of a running stream: its events, until they are acknowledged or handed back. @module */

import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import { StreamEvent } from '../events/event.ts';
import type { Outcome } from '../events/receipt.ts';
import { settled } from './scope.ts';

type AnyEvent = StreamEvent<unknown>;

/** The events that an item was made of, until they are settled. */
export interface Delivery {
  /** The events, in the order in which they came. */
  readonly events: readonly AnyEvent[];

  /** One more item was made of the events. */
  hold(): void;

  /** The consumer has been given the item. */
  give(): void;

  /** An item is done with: after the last one the events are acknowledged. */
  release(): void;

  /** Counts the events as dealt with, whatever else is made of them. */
  accept(): void;

  /** Hands the events back: they were not dealt with. */
  handBack(): void;

  /** A function has failed for the item, which ends the run: for a watcher the item counts as one that was in hand. */
  blame(): void;
}

/** Told of the events of a run. */
export interface DeliveryWatcher {
  /** The consumer was given an item of it. */
  given(event: AnyEvent): void;

  /** The run is over, and it was not dealt with: it is this one's to settle. */
  left(event: AnyEvent, isGiven: boolean): void;
}

/** Says who settles the events that a consumer is given. */
export interface DeliveriesOptions {
  readonly watcher?: DeliveryWatcher | undefined;
  readonly handsOver?: boolean | undefined;
}

/**
 * The events of one run, in the order in which they came.
 *
 * Invariant: an event is in `#open` until it is settled, or given to a consumer who acknowledges by hand.
 */
export class Deliveries {
  readonly #open = new Set<Claim>();

  readonly watcher: DeliveryWatcher | undefined;

  /** Whether the consumer settles what it is given, whatever it is. */
  readonly handsOver: boolean;

  /** Sources that take their time to note how an event ended. */
  readonly #noting = new Set<PromiseLike<unknown>>();

  /** Whether the run is over: what comes in too late is handed back at once. */
  #isClosed = false;

  /** The error with which a source has refused an outcome. */
  failure: { readonly error: unknown } | undefined;

  /** Whether what is done with is acknowledged at the end only, all together. */
  isHeld = false;

  constructor({ watcher, handsOver = false }: DeliveriesOptions = {}) {
    this.watcher = watcher;
    this.handsOver = handsOver;
  }

  /** An event has come in; `isManual` says that its consumer acknowledges by hand. */
  take(event: AnyEvent, isManual: boolean): Delivery {
    const claim = new Claim(this, event, isManual);
    if (this.#isClosed) claim.leave();
    else this.#open.add(claim);
    return claim;
  }

  /** An event is through. */
  forget(claim: Claim): void {
    this.#open.delete(claim);
  }

  /** Tells the source of an event how that ended. */
  tell(event: AnyEvent, outcome: Outcome): void {
    try {
      const noted = event.settle(outcome);
      // A source may give several events the same promise, which says the same of all of them.
      if (isThenable(noted) && !this.#noting.has(noted)) void this.#await(event, noted);
    } catch (error) {
      if (!event.isVoid) this.failure ??= { error };
    }
  }

  async #await(event: AnyEvent, noted: PromiseLike<unknown>): Promise<void> {
    this.#noting.add(noted);
    const failure = await settled(() => noted);
    if (!event.isVoid) this.failure ??= failure;
    this.#noting.delete(noted);
  }

  /** Everything went well that was held until the end: acknowledges all, in order. */
  acceptAll(): void {
    for (const claim of this.#open) claim.accept();
  }

  /** The run is over: what was not dealt with is handed back in order. Resolves once the sources have noted all. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const claim of this.#open) claim.leave();
    while (this.#noting.size > 0) await Promise.allSettled(this.#noting);
    if (this.failure) throw this.failure.error;
  }
}

/** One event. */
class Claim implements Delivery {
  readonly events: readonly AnyEvent[];
  readonly #deliveries: Deliveries;
  readonly #isManual: boolean;
  #holds = 1;
  #isGiven = false;

  constructor(deliveries: Deliveries, event: AnyEvent, isManual: boolean) {
    this.#deliveries = deliveries;
    this.events = [event];
    this.#isManual = isManual;
  }

  /** Whether the consumer settles it. */
  get #isTheirs(): boolean {
    return this.#isGiven && (this.#isManual || this.#deliveries.handsOver);
  }

  get #event(): AnyEvent {
    return this.events[0] as AnyEvent;
  }

  hold(): void {
    this.#holds += 1;
  }

  give(): void {
    this.#isGiven = true;
    this.#deliveries.watcher?.given(this.#event);
  }

  release(): void {
    this.#holds -= 1;
    // If all is held until the end, an event that was given is held too, unless it is acknowledged by hand.
    const isHeld = this.#deliveries.isHeld && this.#isGiven && !this.#isTheirs;
    if (this.#holds === 0 && !isHeld) this.#finish();
  }

  accept(): void {
    this.#deliveries.forget(this);
    if (!this.#event.settled) this.#deliveries.tell(this.#event, 'ack');
  }

  blame(): void {
    if (this.#deliveries.watcher) this.give();
  }

  handBack(): void {
    this.#deliveries.forget(this);
    if (!this.#event.settled) this.#deliveries.tell(this.#event, 'nack');
  }

  /** The run is over. What its consumer acknowledges by hand stays that one's. */
  leave(): void {
    const { watcher } = this.#deliveries;
    if (watcher) {
      this.#deliveries.forget(this);
      if (!this.#event.settled) watcher.left(this.#event, this.#isGiven);
      return;
    }
    if (this.#isTheirs) this.#deliveries.forget(this);
    else this.handBack();
  }

  /** A filtered event was given to nobody who could acknowledge it. */
  #finish(): void {
    if (this.#isTheirs) this.#deliveries.forget(this);
    else this.accept();
  }
}

/** Several events that one item was made of. */
class Joint implements Delivery {
  readonly #parts: readonly Delivery[];
  #holds = 1;

  constructor(parts: readonly Delivery[]) {
    this.#parts = parts;
  }

  get events(): readonly AnyEvent[] {
    return this.#parts.flatMap(({ events }) => events);
  }

  hold(): void {
    this.#holds += 1;
  }

  give(): void {
    for (const part of this.#parts) part.give();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) for (const part of this.#parts) part.release();
  }

  accept(): void {
    for (const part of this.#parts) part.accept();
  }

  blame(): void {
    for (const part of this.#parts) part.blame();
  }

  handBack(): void {
    for (const part of this.#parts) part.handBack();
  }
}

/** The delivery of an item that was made of several. */
export function jointly(deliveries: readonly (Delivery | undefined)[]): Delivery | undefined {
  const parts = deliveries.filter((delivery) => delivery !== undefined);
  return parts.length > 1 ? new Joint(parts) : parts[0];
}

/** The event that `value` travels with; of several, one that settles all of them. */
export function eventOf({ events }: Delivery, value: unknown): AnyEvent {
  const [first] = events;
  if (events.length === 1 && first) return first.with(value);
  return new StreamEvent(value, {
    settle: (outcome) => Promise.all(events.map(async (event) => event.settle(outcome))),
  });
}

/** The key of the event that an item travels with; none if there are several. */
export function keyOf(delivery: Delivery | undefined): unknown {
  return delivery?.events.length === 1 ? delivery.events[0]?.key : undefined;
}
