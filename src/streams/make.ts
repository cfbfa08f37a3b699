/** Makes streams of what gives items. @module */

import { argumentError } from '../base/errors.ts';
import type { ItemOf, KeyOf, ValueOf } from './events/item-types.ts';
import { checkedIterable } from './arguments/iterables.ts';
import type { AnyIterable } from './arguments/iterables.ts';
import { policyOf, sizeOf, streamOptions } from './arguments/options.ts';
import type { StreamOptions } from './arguments/options.ts';
import { Origin } from './sources/origin.ts';
import { Stream } from './stream.ts';

type Processors = readonly ((value: never) => unknown)[];

/** The result of the last processor; of an array whose length is not known, that of any of them. */
type Processed<T, P extends Processors> = P extends readonly []
  ? T
  : P extends readonly [...unknown[], (value: never) => infer R]
    ? Awaited<R>
    : T | Awaited<ReturnType<P[number]>>;

/**
 * A stream of the items of `source`: an array, a generator, a Node or web stream, an iterator of a thread, a channel, another
 * stream. Promises among the items are awaited. Of events it gives the values, and acknowledges an event when its consumer
 * asks for the next item; an event that a function has failed for, or that a loop was left at, is not acknowledged.
 *
 * Nothing is asked of the source before the first `next()`; it is closed once, however the stream ends.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `source` is not iterable, or an option is unknown or out of range.
 *
 * @example
 * ```ts
 * const lengths = stream(['a', 'bcd']).map((text) => text.length);
 * for await (const length of lengths) console.log(length); // 1, 3
 * ```
 */
export function stream<T, const P extends Processors>(
  source: AnyIterable<T>,
  options: StreamOptions & { readonly processors: P },
): Stream<Processed<ValueOf<T>, P>, KeyOf<T>>;
export function stream<T>(source: AnyIterable<T>, options?: StreamOptions): Stream<ValueOf<T>, KeyOf<T>>;
export function stream<T>(source: AnyIterable<T>, options: StreamOptions = {}): Stream<unknown, KeyOf<T>> {
  const checked = typeof source === 'string' ? source : checkedIterable('make a stream', source);
  return make('stream', [checked], options);
}

/**
 * The items of all `sources`, as they come; those that have items ready take turns. Of each source one item may have been
 * asked for ahead. The stream is over when all sources are; the first error ends it and closes the others.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if a source is not iterable, or there is none.
 *
 * @example
 * ```ts
 * for await (const line of merge(readLines('a.log'), readLines('b.log'))) console.log(line);
 * ```
 */
export function merge<S extends readonly AnyIterable<unknown>[]>(
  ...sources: S
): Stream<ValueOf<ItemOf<S[number]>>, KeyOf<ItemOf<S[number]>>> {
  if (sources.length === 0) throw argumentError('Cannot merge: there is no source');
  const checked = sources.map((source) => checkedIterable('merge', source));
  return make('merge', checked, {}) as Stream<ValueOf<ItemOf<S[number]>>, KeyOf<ItemOf<S[number]>>>;
}

function make(of: string, sources: readonly AnyIterable<unknown>[], given: StreamOptions): Stream<unknown> {
  const options = streamOptions(of, given);
  const origin = new Origin(sources, {
    policy: policyOf(of, options),
    maxSize: sizeOf(options),
    signal: options.signal,
  });
  const made = new Stream<unknown>(origin, []);
  const { processors = [] } = options;
  return processors.reduce<Stream<unknown>>(
    (before, process) => before.map(process as (value: unknown) => unknown),
    made,
  );
}
