/** An actor: a body of an agent, with items of its own. @module */

import type { DeliveryWatcher } from '../run/delivery.ts';
import type { StreamEvent } from '../events/event.ts';
import { Origin } from '../sources/origin.ts';
import { howToTreat } from '../run/policy.ts';
import type { OnError, Policy } from '../run/policy.ts';
import { settled } from '../run/scope.ts';
import type { Send } from '../run/sink.ts';
import { Stream } from '../stream.ts';
import type { ActorLine, RunBody } from './body.ts';
import type { Lane } from './lane.ts';

type AnyEvent = StreamEvent<unknown>;

/** An agent, as its actors see it. */
export interface ActorOwner {
  readonly policy: Policy;
  readonly sinks: readonly Send[];
  readonly deadLetter: Send | undefined;
  readonly maxSize: number;

  /** Whether the agent has several bodies. */
  readonly isOneOfSeveral: boolean;

  /** A result for `event`, which went to all sinks. */
  answered(event: AnyEvent | undefined, value: unknown): void;

  /** Nothing comes for `event` any more: it has failed, and is not delivered again. */
  failedFor(event: AnyEvent, error: unknown): void;

  /** A body has failed for an item. */
  failed(): void;

  /** The body is to be run anew: throws `error` if that is once too often. */
  restarts(error: unknown): void;
}

/**
 * Runs the body over the events of its lane, anew after a failure that does not stop the agent.
 *
 * Invariant: every event that it has taken is settled, put back or handed back when a run of the body is over.
 */
export class Actor implements ActorLine, DeliveryWatcher {
  readonly lane: Lane;
  readonly #owner: ActorOwner;
  readonly #body: RunBody;
  current: AnyEvent | undefined;
  #stream: Stream<unknown> | undefined;

  /** Whether an event was put back for the next run of the body, which may have nothing else to do. */
  #isLeft = false;

  /** Of the run that is over. */
  #given: AnyEvent[] = [];
  #others: AnyEvent[] = [];

  constructor(lane: Lane, body: RunBody, owner: ActorOwner) {
    this.lane = lane;
    this.#body = body;
    this.#owner = owner;
  }

  get isManual(): boolean {
    return this.#owner.policy.isManual;
  }

  /** Resolves when the body has ended by itself; rejects with what stops the agent. */
  async run(): Promise<void> {
    for (;;) {
      this.#isLeft = false;
      const failure = await settled(async () => this.#body(this));
      // An error of closing comes from the source of an event: it stops the agent.
      const closing = await settled(async () => this.#stream?.close());
      this.#stream = undefined;
      this.current = undefined;
      const [given, others] = [this.#given, this.#others];
      this.#given = [];
      this.#others = [];
      const ended = failure ?? closing;
      if (!ended) {
        for (const event of given) if (!this.isManual) await event.conclude('ack');
        this.lane.putBack(others);
        if (!this.#isLeft || this.lane.isStopped) return;
      } else {
        await this.#treat(ended.error, given, others, failure === undefined);
      }
    }
  }

  open(): Stream<unknown> {
    const { maxSize, policy, isOneOfSeveral } = this.#owner;
    this.#stream = new Stream<unknown>(
      new Origin([this.lane.view()], {
        policy: { ...policy, ...stops },
        maxSize,
        signal: undefined,
        events: { watcher: this },
        isOneOfSeveral,
      }),
      [],
    );
    return this.#stream;
  }

  given(event: AnyEvent): void {
    this.current = event;
  }

  left(event: AnyEvent, isGiven: boolean): void {
    (isGiven ? this.#given : this.#others).push(event);
  }

  leftOver(given: readonly AnyEvent[], others: readonly AnyEvent[]): void {
    this.#given.push(...given);
    this.#others.push(...others);
  }

  async result(value: unknown, event: AnyEvent | undefined): Promise<void> {
    for (const send of this.#owner.sinks) await send(value, event);
    this.#owner.answered(event, value);
  }

  async failedFor(event: AnyEvent, error: unknown): Promise<void> {
    const { deadLetter } = this.#owner;
    this.#owner.failed();
    const how = this.#howToTreat(event);
    if (how === 'stop') throw error;
    if (how === 'nack') return this.#deliverAgain(event);
    if (how === 'skip') await deadLetter?.(event.value, event);
    this.#owner.failedFor(event, error);
    return event.conclude('ack');
  }

  /** A source that is over delivers nothing again: then the lane does. */
  async #deliverAgain(event: AnyEvent): Promise<void> {
    if (event.comesBack) return event.conclude('nack');
    this.lane.putBack([event.again()]);
    this.#isLeft = true;
  }

  #howToTreat(event: AnyEvent): OnError {
    return howToTreat(this.#owner.policy, { events: [event] });
  }

  /** Treats the item that the body had in hand, and gives those that it had not begun to the next run. */
  async #treat(
    error: unknown,
    given: readonly AnyEvent[],
    others: readonly AnyEvent[],
    isFinal: boolean,
  ): Promise<void> {
    this.lane.putBack(others);
    // A body in a thread waits for items that nobody is left to send: the process may end, which is no failure.
    if (given.length === 0 && waitsInVain(error)) return this.lane.ready();
    try {
      // A body that fails without an item would fail again and again.
      if (isFinal || given.length === 0) throw error;
      if (given.some((event) => this.#howToTreat(event) === 'stop')) throw error;
      this.#owner.restarts(error);
      for (const event of given) await this.failedFor(event, error);
    } catch (reason) {
      this.lane.putBack(given.filter((event) => !event.settled));
      throw reason;
    }
  }
}

function waitsInVain(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 'ERR_OFFLOOP_NEVER_SETTLES';
}

/** An error of a function in the stream is thrown in the body. */
const stops = { onError: 'stop', deadLetter: undefined } as const;
