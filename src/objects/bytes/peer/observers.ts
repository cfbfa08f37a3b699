/** Functions that are told what happens to a stream. @module */

import { argumentError } from '../../../base/errors.ts';
import type { OffloopError } from '../../../base/errors.ts';
import { Promise } from '../../../base/intrinsics.ts';

/** Functions that are told of a stream; each is optional. */
export interface StreamObserver {
  /** There are bytes, or the end, where there was nothing to read. */
  canRecv?(): unknown;

  /** There is room for bytes, where there was none. */
  canSend?(): unknown;

  /** The position is gone, or a write was refused: `rseek` and `wseek` go on. */
  contextError?(error: OffloopError): unknown;

  /** The stream has failed, for good. */
  failed?(error: OffloopError): unknown;

  /** The stream is closed, and so is its source. */
  closed?(): unknown;
}

const names: readonly (keyof StreamObserver)[] = ['canRecv', 'canSend', 'contextError', 'failed', 'closed'];

/** The observers of one stream. */
export class Observers {
  readonly #all = new Set<StreamObserver>();

  /** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`. */
  add(observer: StreamObserver): () => void {
    for (const [name, value] of Object.entries(observer)) {
      if (!names.includes(name as keyof StreamObserver))
        throw argumentError(`Cannot observe a byte stream: there is no event "${name}"`);
      if (value !== undefined && typeof value !== 'function')
        throw argumentError(`Cannot observe a byte stream: ${name} is not a function`);
    }
    // The same object may observe twice; each is ended by itself.
    const entry = Object.assign(Object.create(null) as StreamObserver, observer);
    this.#all.add(entry);
    return () => void this.#all.delete(entry);
  }

  tell(name: keyof StreamObserver, error?: OffloopError): void {
    for (const observer of this.#all) void call(observer[name], error);
  }
}

/** An error of an observer is no matter of the stream: it is an unhandled rejection, as of an event listener. */
function call(listener: ((error: OffloopError) => unknown) | undefined, error: OffloopError | undefined): unknown {
  try {
    return listener?.(error as OffloopError);
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}
