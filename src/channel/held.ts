/** Iterables that somebody asks later, or never: what they fail with meanwhile is kept, and they are closed either way. @module */

import { types } from 'node:util';
import { Promise } from '../base/intrinsics.ts';
import { directoryWay, isDirectory } from './held-directory.ts';
import { iterableWay } from './held-iterable.ts';
import { isLineReader, linesWay } from './held-lines.ts';
import { isNodeStream, streamWay } from './held-stream.ts';
import type { Failure, Items, Way } from './held-way.ts';
import { isFreeWebStream, webStreamWay } from './held-web-stream.ts';

/**
 * An iterable, from the moment it is given away.
 *
 * Invariant: while it is held, no failure of it is an uncaught one; it is closed once at the most.
 */
export class Held {
  /** What it has failed with by itself. */
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

  /** Begins to iterate; once at the most. */
  open(): Items {
    return (this.#items = this.failure ? failing(this.failure) : this.#way.open());
  }

  /** Closes it, be it opened or not, and also while an item is awaited. Rejects with what it fails with meanwhile. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const before = this.failure;
    await this.#way.close(this.#items);
    if (this.failure && this.failure !== before) throw this.failure.error;
  }
}

/** Holds `iterable`; `onFailure` is told if it fails by itself, once and never at once. */
export function holdIterable(iterable: object, onFailure: (error: unknown) => void = () => undefined): Held {
  return new Held(wayOf(iterable), onFailure);
}

function wayOf(iterable: object): Way {
  // Most are generators, which have nothing to fail with before they are asked.
  if (types.isGeneratorObject(iterable)) return iterableWay(iterable);
  if (isNodeStream(iterable)) return streamWay(iterable);
  if (isFreeWebStream(iterable)) return webStreamWay(iterable);
  if (isLineReader(iterable)) return linesWay(iterable);
  return isDirectory(iterable) ? directoryWay(iterable) : iterableWay(iterable);
}

/** An iterator that gives nothing but `failure`. */
function failing({ error }: Failure): Items {
  return { next: async () => Promise.reject(error) };
}
