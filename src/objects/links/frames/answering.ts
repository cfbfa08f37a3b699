/** The answers to the calls of the other side. @module */

import { frameOf, Kind } from './frame.ts';
import type { Sending } from './sending.ts';
import type { Answers } from './serving.ts';
import type { Values } from './values.ts';

/** The bytes of a frame that are not its body. */
const room = 16;

/** Invariant: each call with an id is answered once, whatever its result is. */
export class Answering implements Answers {
  readonly #values: Values;
  readonly #sending: Sending;

  constructor(values: Values, sending: Sending) {
    this.#values = values;
    this.#sending = sending;
  }

  result(id: number, value: unknown): void {
    if (id === 0) return;
    let body: Uint8Array;
    try {
      body = this.#values.encode(value, 'result');
      const length = body.length + room;
      if (length > this.#sending.mostMessage) this.#sending.assertFits(length);
    } catch (error) {
      return this.failure(id, error);
    }
    this.#sending.send(frameOf(Kind.result, id, body));
  }

  failure(id: number, thrown: unknown): void {
    if (id !== 0) this.#sending.send(frameOf(Kind.failure, id, this.#thrownBody(thrown)));
  }

  /** Gives up the call `id` of this side. */
  readonly cancel = (id: number, reason: unknown): void => {
    this.#sending.send(frameOf(Kind.cancel, id, this.#thrownBody(reason)));
  };

  /** The bytes of a thrown value, or of the error that it is too long. */
  #thrownBody(thrown: unknown): Uint8Array {
    const body = this.#values.encodeThrown(thrown);
    try {
      this.#sending.assertFits(body.length + room);
      return body;
    } catch (error) {
      return this.#values.encodeThrown(Object.assign(error as Error, { stack: '' }));
    }
  }
}
