/** The way of a handler's results to its sinks. @module */

import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import type { Ended } from '../../streams/run/calls.ts';
import { sendsTo } from '../sinks.ts';
import type { FlowSink, SendResult } from '../sinks.ts';

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** Passes results on: to each sink in turn, one result after the other. */
export class Outputs {
  readonly #sends: readonly SendResult[];
  readonly #ended: Ended;

  constructor(sinks: readonly FlowSink[], ended: Ended) {
    this.#sends = sinks.map((sink) => sendsTo(sink, ended));
    this.#ended = ended;
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
    for await (const value of iterable(items)) {
      if (value !== undefined) await this.#send(value, 0);
      const { signal } = this.#ended;
      if (signal.aborted) throw signal.reason;
    }
  }

  /** Sends to the sinks from number `at` on. */
  #send(result: unknown, at: number): Promise<unknown> | undefined {
    for (let i = at; i < this.#sends.length; i += 1) {
      const sent = this.#sends[i]?.(result);
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

function iterable(items: AnyIterator): AsyncIterable<unknown> | Iterable<unknown> {
  if (Symbol.asyncIterator in items) return { [Symbol.asyncIterator]: () => items as AsyncIterator<unknown> };
  return { [Symbol.iterator]: () => items as Iterator<unknown> };
}
