/** The items of one actor, which outlive the streams over them. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { StreamEvent } from '../events/event.ts';
import type { Subscriber } from '../channels/subscriber.ts';
import { settled } from '../run/scope.ts';

type AnyEvent = StreamEvent<unknown>;
type Step = IteratorResult<AnyEvent, undefined>;

const none = Promise.resolve(undefined);
const over: Step = { value: undefined, done: true };

/**
 * Gives the events of an actor to one stream after the other: what a stream has asked for and not got, and what is put back,
 * goes to the next one.
 *
 * Invariant: one event at the most was asked for that has not come.
 */
export class Lane {
  readonly #events: Subscriber<AnyEvent>;
  readonly #back: AnyEvent[] = [];
  #pending: Promise<Step> | undefined;
  #isStopped = false;

  /** Tells who waits that no more events are given. */
  #stop: (() => void) | undefined;

  constructor(events: Subscriber<AnyEvent>) {
    this.#events = events;
  }

  /** Whether no more events are given, whatever waits. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether an event was ever asked for. */
  wasAsked = false;

  /** Whether it has given all there was. */
  isOver = false;

  /** Events that come before the others again, in their order. */
  putBack(events: readonly AnyEvent[]): void {
    this.#back.unshift(...events);
  }

  /** No more events are given. */
  stop(): void {
    this.#isStopped = true;
    this.#stop?.();
  }

  /** Resolves once there is something to give, or to say that no more comes. */
  async ready(): Promise<void> {
    if (this.#isStopped || this.#back.length > 0) return;
    const pending = (this.#pending ??= this.#events.next());
    await new Promise<void>((resolve, reject) => {
      this.#stop = resolve;
      pending.then(() => resolve(), reject);
    });
  }

  /** Hands back what was not given, all of it, and rejects with the first error of a source that does not take it. */
  async close(): Promise<void> {
    this.stop();
    const failures = [];
    for (const event of this.#back.splice(0)) failures.push(await settled(async () => event.conclude('nack')));
    const last = await Promise.race([this.#pending ?? none, none]);
    if (last && !last.done) failures.push(await settled(async () => last.value.conclude('nack')));
    failures.push(await settled(async () => this.#events.return()));
    const first = failures.find((failure) => failure !== undefined);
    if (first) throw first.error;
  }

  /** The events for a stream; to leave it closes nothing. What comes after that is for the next one. */
  view(): AsyncIterable<AnyEvent> {
    let isLeft = false;
    const next = async (): Promise<Step> => this.#next(() => isLeft);
    const leave = async (): Promise<Step> => {
      isLeft = true;
      return over;
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
  }

  async #next(isLeft: () => boolean): Promise<Step> {
    this.wasAsked = true;
    if (this.#isStopped) return over;
    const back = this.#back.shift();
    if (back) return { value: back, done: false };
    const pending = (this.#pending ??= this.#events.next());
    return new Promise((resolve, reject) => {
      this.#stop = () => resolve(over);
      this.#give(pending, isLeft).then(resolve, reject);
    });
  }

  /** An event that nobody waits for any more stays where it is, for the next stream or to be handed back. */
  async #give(pending: Promise<Step>, isLeft: () => boolean): Promise<Step> {
    const step = await pending;
    if (this.#isStopped || isLeft()) return over;
    this.#pending = undefined;
    if (step.done) this.isOver = true;
    return step;
  }
}
