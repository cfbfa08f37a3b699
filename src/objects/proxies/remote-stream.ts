/** An entity stream, as it is consumed from here. @module */

import { argumentError } from '../../base/errors.ts';
import type { ThreadedIterator } from '../../channel/threaded-iterator.ts';
import type { EntityStream } from '../entity-stream.ts';
import type { RemoteObject } from './remote-object.ts';

/** The stream; its values come when it is iterated over. */
export class RemoteStream implements EntityStream<unknown> {
  readonly window: number;
  readonly #object: RemoteObject;
  #items: ThreadedIterator<unknown> | undefined;
  #closing: Promise<void> | undefined;

  constructor(object: RemoteObject, window: number) {
    this.window = window;
    this.#object = object;
  }

  /** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` the second time: a stream has one consumer. */
  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    if (this.#items || this.#closing)
      throw argumentError('Cannot iterate over an entity stream twice: it is closed, or has its consumer');
    this.#items = this.#object.generator('entityStream', { maxSize: this.window })([], this[Symbol.asyncIterator]);
    return this.#items;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#items?.close();
    await this.#object.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
