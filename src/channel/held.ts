/**
 * Holds iterables that are iterated over later, or never: keeps their errors, and closes them in either case. @module
 */

import { types } from 'node:util';
import { Promise } from '../base/intrinsics.ts';
import { directoryWay, isDirectory } from './held-directory.ts';
import { iterableWay } from './held-iterable.ts';
import { isLineReader, linesWay } from './held-lines.ts';
import { isNodeStream, streamWay } from './held-stream.ts';
import type { Failure, Items, Way } from './held-way.ts';
import { isFreeWebStream, webStreamWay } from './held-web-stream.ts';

/**
 * An iterable, from the moment it is passed to a call.
 *
 * Invariant: no error of the iterable is an uncaught one; the iterable is closed once at the most.
 */
export class Held {
  /** The error with which the iterable has failed by itself, if it has. */
  failure: Failure | undefined;
  readonly #way: Way;
  #items: Items | undefined;
  #closing: Promise<void> | undefined;

  constructor(way: Way, onFailure: (error: unknown) => void) {
    this.#way = way;
    way.listen?.((error) => {
      if (this.failure) return;
      this.failure = { error };
      onFailure(error);
    });
  }

  /** See {@link Way.isPrompt}. */
  get isPrompt(): boolean {
    return this.#way.isPrompt;
  }

  /** Begins to iterate; called once at the most. */
  open(): Items {
    return (this.#items = this.failure ? failing(this.failure) : this.#way.open());
  }

  /**
   * Closes the iterable, opened or not, even while a `next()` is pending. Rejects with an error that occurs meanwhile.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const before = this.failure;
    await this.#way.close(this.#items);
    if (this.failure && this.failure !== before) throw this.failure.error;
  }
}

/** Holds `iterable`. If it fails by itself, calls `onFailure`, once and never synchronously. */
export function holdIterable(iterable: object, onFailure: (error: unknown) => void = () => undefined): Held {
  return new Held(wayOf(iterable), onFailure);
}

function wayOf(iterable: object): Way {
  // Most are generators, which cannot fail before the first `next()`.
  if (types.isGeneratorObject(iterable)) return iterableWay(iterable);
  if (isNodeStream(iterable)) return streamWay(iterable);
  if (isFreeWebStream(iterable)) return webStreamWay(iterable);
  if (isLineReader(iterable)) return linesWay(iterable);
  return isDirectory(iterable) ? directoryWay(iterable) : iterableWay(iterable);
}

/** An iterator whose `next()` rejects with `failure`. */
function failing({ error }: Failure): Items {
  return { next: async () => Promise.reject(error) };
}
