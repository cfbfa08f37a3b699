/**
 * Holds iterables that are iterated over later, or never: keeps their errors, and closes them in either case. @module
 */

import { types } from 'node:util';
import { Promise } from '../../base/intrinsics.ts';
import { adaptDirectory, isDirectory } from './directory.ts';
import { adaptIterable } from './iterable.ts';
import { isLineReader, adaptLines } from './lines.ts';
import { isNodeStream, adaptStream } from './stream.ts';
import type { Failure, Items, IterableAdapter } from './adapter.ts';
import { isFreeWebStream, adaptWebStream } from './web-stream.ts';

/**
 * An iterable, from the moment it is passed to a call.
 *
 * Invariant: no error of the iterable is an uncaught one; the iterable is closed once at the most.
 */
export class HeldIterable {
  /** The error with which the iterable has failed by itself, if it has. */
  failure: Failure | undefined;
  readonly #adapter: IterableAdapter;
  #items: Items | undefined;
  #closing: Promise<void> | undefined;

  constructor(adapter: IterableAdapter, onFailure: (error: unknown) => void) {
    this.#adapter = adapter;
    adapter.listen?.((error) => {
      if (this.failure) return;
      this.failure = { error };
      onFailure(error);
    });
  }

  /** See {@link IterableAdapter.isPrompt}. */
  get isPrompt(): boolean {
    return this.#adapter.isPrompt;
  }

  /** Begins to iterate; called once at the most. */
  open(): Items {
    return (this.#items = this.failure ? failing(this.failure) : this.#adapter.open());
  }

  /**
   * Closes the iterable, opened or not, even while a `next()` is pending. Rejects with an error that occurs meanwhile.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const before = this.failure;
    await this.#adapter.close(this.#items);
    if (this.failure && this.failure !== before) throw this.failure.error;
  }
}

/** Holds `iterable`. If it fails by itself, calls `onFailure`, once and never synchronously. */
export function holdIterable(iterable: object, onFailure: (error: unknown) => void = () => undefined): HeldIterable {
  return new HeldIterable(adapterFor(iterable), onFailure);
}

function adapterFor(iterable: object): IterableAdapter {
  // Most are generators, which cannot fail before the first `next()`.
  if (types.isGeneratorObject(iterable)) return adaptIterable(iterable);
  if (isNodeStream(iterable)) return adaptStream(iterable);
  if (isFreeWebStream(iterable)) return adaptWebStream(iterable);
  if (isLineReader(iterable)) return adaptLines(iterable);
  return isDirectory(iterable) ? adaptDirectory(iterable) : adaptIterable(iterable);
}

/** An iterator whose `next()` rejects with `failure`. */
function failing({ error }: Failure): Items {
  return { next: async () => Promise.reject(error) };
}
