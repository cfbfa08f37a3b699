/** The types of what streams give. @module */

import type { StreamEvent } from './event.ts';

/** The items of an iterable. */
export type ItemOf<S> = S extends AsyncIterable<infer T> ? T : S extends Iterable<infer T> ? T : never;

/** The items that a stream of `T` gives: of events their values. */
export type ValueOf<T> = T extends StreamEvent<infer V> ? V : Awaited<T>;

/** The keys of the events among the items `T`. */
export type KeyOf<T> = Extract<T, StreamEvent<unknown>> extends StreamEvent<unknown, infer K> ? K : unknown;
