/** Where the items of a stream, and of all streams that were made of it, come from. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { AnyIterable } from '../arguments/iterables.ts';
import type { DeliveriesOptions } from '../run/delivery.ts';
import { Merge } from './merge.ts';
import type { Policy } from '../run/policy.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import { settled } from '../run/scope.ts';
import { Source, SourcePull } from './source-pull.ts';
import { Unwrapped } from './unwrapped.ts';

/** The method by which a stream is known that another one is made of, whichever copy of the library has made it. */
export const opens: unique symbol = Symbol.for('offloop.stream@1') as never;

/** A stream as part of another one's run. */
export interface Opening {
  /** Its items, with their events; `undefined` if it has begun by itself, and is an iterable like any other. */
  [opens](run: Run): Pull | undefined;
}

/** The options of a stream, checked. */
export interface OriginOptions {
  readonly policy: Policy;
  readonly maxSize: number;
  readonly signal: AbortSignal | undefined;

  /** Says who settles the events that are given. */
  readonly events?: DeliveriesOptions;

  /** Whether others get items of the same source, by turns or by key. */
  readonly isOneOfSeveral?: boolean;
}

/**
 * The sources of a stream, which are opened once, whoever asks: streams that were made of the same one share its items.
 *
 * Invariant: once it is closed every run over it is over, and every source is closed.
 */
export class Origin {
  readonly options: OriginOptions;
  readonly #sources: readonly Source[];
  readonly #iterables: readonly AnyIterable<unknown>[];

  /** Ends the runs over it. */
  readonly #runs = new Set<() => Promise<void>>();

  constructor(iterables: readonly AnyIterable<unknown>[], options: OriginOptions) {
    this.#iterables = iterables;
    this.#sources = iterables.map((iterable) => new Source(iterable));
    this.options = options;
  }

  /** Gives the items to `run`, which closes the sources when it is over. */
  open(run: Run): Pull {
    const pulls = this.#iterables.map((iterable, i) => this.#openOne(iterable, this.#sources[i] as Source, run));
    // Sources that belong together are closed in their order.
    run.scope.add(async () => this.#closeSources());
    return pulls.length === 1 ? (pulls[0] as Pull) : new Merge(pulls);
  }

  #openOne(iterable: AnyIterable<unknown>, source: Source, run: Run): Pull {
    const part = (iterable as Partial<Opening>)[opens]?.(run);
    return part ? new Unwrapped(part, run) : new SourcePull(source, run);
  }

  /** A run over it has begun; gives what is to be called when that is over. */
  join(end: () => Promise<void>): () => void {
    this.#runs.add(end);
    return () => void this.#runs.delete(end);
  }

  /** Ends every run over it, and closes the sources. Rejects with the first error. */
  async close(): Promise<void> {
    const failures = [];
    for (const end of this.#runs) failures.push(await settled(end));
    failures.push(await settled(async () => this.#closeSources()));
    const first = failures.find((failure) => failure !== undefined);
    if (first) throw first.error;
  }

  async #closeSources(): Promise<void> {
    // None waits for another one, which may never be closed.
    const failures = await Promise.all(this.#sources.map(async (source) => settled(async () => source.close())));
    const first = failures.find((failure) => failure !== undefined);
    if (first) throw first.error;
  }
}
