/** The way of a handler's results to its sinks. @module */

import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import { sendsTo } from '../sinks.ts';
import type { SendResult, Target } from '../sinks.ts';
import type { RunScope } from './run-scope.ts';

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** Passes results on: to each sink in turn, one result after the other, with turns of the event loop between them. */
export class Outputs {
  readonly #sends: readonly SendResult[];
  readonly #scope: RunScope;

  constructor(sinks: readonly Target[], scope: RunScope) {
    this.#sends = sinks.map((sink) => sendsTo(sink, scope.ending));
    this.#scope = scope;
  }

  /** Takes what a handler has given; gives a promise if there is something to wait for. */
  take(made: unknown): Promise<unknown> | undefined {
    if (made === undefined) return undefined;
    if (isThenable(made)) return this.#later(made);
    return isIterator(made) ? this.#each(made) : this.#send(made, 0);
  }

  async #later(made: PromiseLike<unknown>): Promise<void> {
    const value = await made;
    if (value === undefined) return;
    await (isIterator(value) ? this.#each(value) : this.#send(value, 0));
  }

  /** Leaving the loop, by an error too, closes the iterator. */
  async #each(items: AnyIterator): Promise<void> {
    if (Symbol.asyncIterator in items) {
      const all = { [Symbol.asyncIterator]: () => items as AsyncIterator<unknown> };
      for await (const value of all) {
        const wait = this.#pass(value);
        if (wait) await wait;
      }
      return;
    }
    const all = { [Symbol.iterator]: () => items as Iterator<unknown> };
    for (const value of all) {
      // `for await` would not close a generator that has yielded a promise which is rejected.
      const wait = this.#pass(isThenable(value) ? await value : value);
      if (wait) await wait;
    }
  }

  /** Passes on one of several results; the next one is asked for once what this gives has settled. */
  #pass(value: unknown): Promise<unknown> | undefined {
    const sent = value === undefined ? undefined : this.#send(value, 0);
    const turn = this.#scope.turns.due();
    if (sent || turn) return this.#passed(sent, turn);
    this.#check();
    return undefined;
  }

  async #passed(sent: Promise<unknown> | undefined, turn: Promise<void> | undefined): Promise<void> {
    await sent;
    await turn;
    this.#check();
  }

  /** After the run has failed, no result is asked for. */
  #check(): void {
    const { failure } = this.#scope.ending;
    if (failure) throw failure.error;
  }

  /** Sends to the sinks from number `at` on. */
  #send(result: unknown, at: number): Promise<unknown> | undefined {
    for (let i = at; i < this.#sends.length; i += 1) {
      const send = this.#sends[i] as SendResult;
      const sent = send(result);
      if (!isThenable(sent)) continue;
      return i + 1 < this.#sends.length ? this.#sendOn(sent, result, i + 1) : Promise.resolve(sent);
    }
    return undefined;
  }

  async #sendOn(sent: PromiseLike<unknown>, result: unknown, at: number): Promise<void> {
    await sent;
    await this.#send(result, at);
  }
}

/** Whether `value` is an iterator, as a generator function returns it, and not a collection, which is one value. */
function isIterator(value: unknown): value is AnyIterator {
  if (typeof value !== 'object' || value === null) return false;
  if (typeof (value as Partial<AnyIterator>).next !== 'function') return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}
