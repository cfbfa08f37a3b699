/** The items of a generator in a thread of the node, for the frames to its caller. @module */

import type { Consumer } from '../../channel/consumer/consumer.ts';
import { ReadyItems } from '../../channel/adapters/adapter.ts';

type Source = Pick<Consumer<unknown, unknown, unknown>, 'next' | 'throw' | 'close' | 'takeNow'>;

/** An iterator over `source`, which gives what is there without a promise for each item. */
export class ThreadItems extends ReadyItems implements AsyncIterableIterator<unknown, unknown, unknown> {
  readonly #source: Source;

  constructor(source: Source) {
    super();
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  override takeNow(): unknown {
    return this.#source.takeNow();
  }

  next(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    return this.#source.next(value);
  }

  throw(error: unknown): Promise<IteratorResult<unknown, unknown>> {
    return this.#source.throw(error);
  }

  async return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    await this.#source.close();
    return { done: true, value };
  }
}
