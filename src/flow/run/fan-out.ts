/** One source for several handlers: it is iterated once, and each gets every item. @module */

import { Promise } from '../../base/intrinsics.ts';
import { isEvent } from '../../streams/events/event.ts';
import type { AnyIterable } from '../../streams/index.ts';
import { Origin } from '../../streams/sources/origin.ts';
import { policyOf } from '../../streams/arguments/options.ts';
import type { Reading } from '../../streams/run/reading.ts';
import { settled } from '../../streams/run/scope.ts';
import { Stream } from '../../streams/stream.ts';
import { Gate } from './gate.ts';
import { KeptEvents } from './kept-events.ts';
import { Member } from './member.ts';
import { Split } from './split.ts';
import { Passage } from './passage.ts';
import type { RunScope } from './run-scope.ts';

/**
 * Sends the items of a source on to those who have subscribed. The slowest of them bounds the source.
 *
 * Invariant: an event is settled once each of them has settled its part.
 */
export class FanOut {
  readonly passage: Passage = new Passage();
  readonly #members = new Set<Member>();
  readonly #scope: RunScope;
  readonly #reading: Reading;
  #items: KeptEvents | undefined;
  #closing: Promise<void> | undefined;

  /** Sources that take their time to note how an event ended that no handler has taken. */
  readonly #noting = new Set<Promise<unknown>>();

  /** The first error of such a source. */
  #refused: { readonly error: unknown } | undefined;

  constructor(source: AnyIterable<unknown>, scope: RunScope) {
    this.#scope = scope;
    const interrupt = (): void => void settled(async () => this.close());
    const policy = policyOf('handle', {});
    const origin = new Origin([source], { policy, maxSize: 1, signal: undefined, events: { handsOver: true } });
    const items = new Stream<unknown>(origin, [
      { kind: 'open', open: (pull) => new Gate(pull, this.passage, interrupt) },
      { kind: 'open', open: (pull) => (this.#items = new KeptEvents(pull)) },
    ]);
    this.#reading = items.filter(this.#send).run();
  }

  /** The items of one handler, of which `maxSize` may wait. */
  subscribe(maxSize: number): Member {
    const member: Member = new Member(
      maxSize,
      () => {
        // Nobody is left who wants the items.
        if ([...this.#members].every(({ closed }) => closed)) this.passage.shut();
      },
      this.#note,
    );
    this.#members.add(member);
    return member;
  }

  /** The handler of `member` has ended; see {@link Member.ended}. */
  leave(member: Member, isDone: boolean): void {
    member.ended(isDone);
    this.#members.delete(member);
  }

  /**
   * Resolves once there are no more items, or nobody wants any. An error of the source comes to the handlers after the items
   * before it; it rejects here if none of them is left.
   */
  async run(): Promise<void> {
    const failure = await settled(async () => this.#reading.next());
    const listening = [...this.#members].filter(({ closed }) => !closed);
    for (const member of listening) {
      if (failure) member.end(failure.error);
      else member.end();
    }
    if (failure && listening.length === 0) throw failure.error;
    await this.#closing;
  }

  readonly #note = (settle: () => unknown): void => void this.#await(settle);

  async #await(settle: () => unknown): Promise<void> {
    const noting = settled(settle);
    this.#noting.add(noting);
    const failure = await noting;
    this.#refused ??= failure;
    this.#noting.delete(noting);
  }

  /** Resolves once every source has noted what no handler has taken; rejects with the first error of one. */
  async noted(): Promise<void> {
    await Promise.all(this.#noting);
    if (this.#refused) throw this.#refused.error;
  }

  /** Ends it: what was sent before goes through. */
  close(): Promise<void> {
    return (this.#closing ??= this.#reading.close());
  }

  /** Sends one item to all; gives what is to be awaited before the next one. */
  readonly #send = (item: unknown): Promise<void> | undefined => {
    // From here on the handlers settle it.
    this.#items?.delivery?.give();
    let full: Promise<void>[] | undefined;
    const { size } = this.#members;
    if (isEvent(item) && size === 0) return item.nack();
    const split = isEvent(item) ? new Split(item, size, this.#scope.ending) : undefined;
    for (const member of this.#members) {
      const wait = member.send(item, split);
      if (wait) (full ??= []).push(wait);
    }
    const turn = this.#scope.turns.due();
    return full ? this.#wait(full, turn) : turn;
  };

  /** Resolves with `undefined`, which leaves the item out here: it was sent. */
  async #wait(full: readonly Promise<unknown>[], turn: Promise<void> | undefined): Promise<void> {
    await Promise.all(full);
    await turn;
  }
}
