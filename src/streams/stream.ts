/** The operators of a stream. @module */

import { argumentError } from '../base/errors.ts';
import { show } from '../base/options.ts';
import { checkedCount, checkedFunction, checkedTime } from './arguments/checks.ts';
import { EndingStream } from './ending-stream.ts';
import type { Each } from './ending-stream.ts';
import type { StreamEvent } from './events/event.ts';
import type { ItemOf, KeyOf, ValueOf } from './events/item-types.ts';
import { checkedIterable } from './arguments/iterables.ts';
import type { AnyIterable } from './arguments/iterables.ts';
import { batchOptions, groupOptions } from './arguments/options.ts';
import type { BatchOptions, GroupOptions, StageOptions } from './arguments/options.ts';
import { Origin } from './sources/origin.ts';
import type { GroupKey } from './groups/partition-of.ts';
import { Group } from './groups/group.ts';
import type { GroupStats } from './groups/group.ts';
import { keyedStageOf, stageOf } from './stages/item-stage.ts';
import type { ItemKind } from './stages/item-stage.ts';
import { checkedSinks } from './run/sink.ts';
import type { Receiver } from './run/sink.ts';
import type { ItemFunction, Stage } from './stages/stage.ts';
import { Debounce } from './timed/debounce.ts';
import { Throttle } from './timed/throttle.ts';
import { TimedBatch } from './timed/timed-batch.ts';
import { Through } from './stages/through.ts';
import type { Channel } from './stages/through.ts';
import { Timeout } from './timed/timeout.ts';

/**
 * Items on their way: a source, and what becomes of its items. An operator gives a new stream, and does nothing yet; the
 * first `next()` opens the source. One item at a time goes through all operators, before the next one is asked for.
 *
 * A function may be a wrapped one: then it runs off the loop, and up to `concurrency` items are handed in; their results come
 * in order. What a function throws comes after the items before it, and ends the stream, unless `onError` says otherwise.
 *
 * However it ends, every source is closed once: by `break`, an error, an aborted signal, `close()` or `await using`. Streams
 * that were made of the same one share its items, as iterators do that stand on one iterator.
 */
export class Stream<T, K = unknown> extends EndingStream<T> {
  #isThrough = false;

  /** The results of `fn`, called for each item. */
  map<U>(fn: Each<T, U>, options?: StageOptions): Stream<U, K> {
    return this.add(stageOf('map', fn, options));
  }

  /** The items for which `fn` gives what is truthy. The others are acknowledged at once. */
  filter<S extends T>(fn: (value: T, index: number) => value is S, options?: StageOptions): Stream<S, K>;
  filter(fn: Each<T, unknown>, options?: StageOptions): Stream<T, K>;
  filter(fn: Each<T, unknown>, options?: StageOptions): Stream<T, K> {
    return this.add(stageOf('filter', fn, options));
  }

  /** Calls `fn` for each item, waits for it, and passes the item on. */
  tap(fn: Each<T, unknown>, options?: StageOptions): Stream<T, K> {
    return this.add(stageOf('tap', fn, options));
  }

  /**
   * The items of the iterables that `fn` gives, one after the other. An item is acknowledged after the last one that was made
   * of it.
   */
  flatMap<U>(fn: Each<T, AnyIterable<U>>, options?: StageOptions): Stream<Awaited<U>, K> {
    return this.add(stageOf('flatMap', fn, options));
  }

  /** The first `n` items; the source is closed after them. */
  take(n: number): Stream<T, K> {
    return this.add({ kind: 'take', count: checkedCount('take', n, 0) });
  }

  /** All but the first `n` items, which are acknowledged at once. */
  drop(n: number): Stream<T, K> {
    return this.add({ kind: 'drop', count: checkedCount('drop', n, 0) });
  }

  /**
   * For each item, the result of `fn`, called with its result before and the item. Without `initial`, the first item is what it
   * begins with. `fn` runs for one item at a time, wrapped or not.
   */
  scan(fn: (state: T, value: T, index: number) => T | PromiseLike<T>): Stream<T, K>;
  scan<U>(fn: (state: U, value: T, index: number) => U | PromiseLike<U>, initial: U): Stream<U, K>;
  scan(fn: (state: never, value: never, index: number) => unknown, ...initial: [] | [unknown]): Stream<never, K> {
    checkedFunction('scan', fn);
    return this.add({ kind: 'scan', fn, initial: initial.length > 0 ? { value: initial[0] } : undefined });
  }

  /** The items with their numbers, from `start` on. */
  enumerate(start = 0): Stream<[index: number, value: T], K> {
    if (!Number.isSafeInteger(start))
      throw argumentError(`Cannot enumerate: expected a whole number, received ${show(start)}`);
    return this.add({ kind: 'enumerate', start });
  }

  /** The items with the keys of their events; `undefined` for one that comes with no event, or with several. */
  items(): Stream<[key: K | undefined, value: T], K> {
    return this.add({ kind: 'items' });
  }

  /** The events of the items, with the items as their values. An item that comes with no event is left out. */
  events(): Stream<StreamEvent<T, K>, K> {
    return this.add({ kind: 'events' });
  }

  /**
   * Arrays of `n` items; the last one may have fewer, and none is empty. With `within` a batch is given that time after its
   * first item, however few it has. Nothing is asked for that the batch does not take. The events of a batch are acknowledged
   * together.
   */
  batch(n: number, options: BatchOptions = {}): Stream<T[], K> {
    const size = checkedCount('batch', n, 1);
    const { within = Infinity } = batchOptions('batch', options);
    if (within === Infinity) return this.add({ kind: 'batch', count: size });
    return this.add({ kind: 'open', open: (source, run) => new TimedBatch(source, run, { size, within }) });
  }

  /** As {@link batch}, of events; items that come with none are left out. */
  batchEvents(n: number, options: BatchOptions = {}): Stream<StreamEvent<T, K>[], K> {
    return this.events().batch(n, options);
  }

  /**
   * Leaves out the items that come within `interval` milliseconds after one that was given, which are acknowledged at once.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `interval` is not above 0; so do `debounce` and `timeout`.
   */
  throttle(interval: number): Stream<T, K> {
    checkedTime('throttle', interval);
    return this.add({ kind: 'open', open: (source) => new Throttle(source, interval) });
  }

  /**
   * The items that no other one has followed for `quiet` milliseconds; the others are acknowledged at once. The operator asks for the
   * next item while one waits. At the end the last item is given at once.
   */
  debounce(quiet: number): Stream<T, K> {
    checkedTime('debounce', quiet);
    return this.add({ kind: 'open', open: (source, run) => new Debounce(source, run, quiet) });
  }

  /** Ends the stream with `ERR_OFFLOOP_TIMEOUT` where an item that is asked for takes longer than `limit` milliseconds. */
  timeout(limit: number): Stream<T, K> {
    checkedTime('timeout', limit);
    return this.add({ kind: 'open', open: (source, run) => new Timeout(source, run, limit) });
  }

  /**
   * Sends each item to all `channels` as well, with the key and the headers of its event, and passes it on once all have
   * taken it. A channel that refuses an item is treated as a function that has failed. A text is the name of a topic.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` for what is neither a channel nor a function, nor the name of one topic.
   */
  echo(...channels: readonly (Receiver<T> | ((value: T) => unknown) | string)[]): Stream<T, K> {
    return this.add({ kind: 'echo', sinks: checkedSinks('echo', channels) });
  }

  /**
   * Sends the items to `channel`, with the keys and headers of their events, and gives what comes out of it. An item is
   * acknowledged once it was sent. The result ends with this stream, if the channel is one in process; others do not end. A text
   * is the name of a topic.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` for what is no channel, nor the name of one topic; if the stream was sent through
   * one already; or in an agent of several bodies, of which each would get what the others have sent.
   */
  through<U = T>(channel: (Receiver<T> & AsyncIterable<U | StreamEvent<U>>) | string): Stream<U, K> {
    const [target] = checkedSinks('send through', [channel]);
    checkedIterable('send through', target);
    if (this.origin.options.isOneOfSeveral)
      throw argumentError('Cannot send through: the agent has several bodies, which would get the items of each other');
    if (this.#isThrough)
      throw argumentError('Cannot send through: the items of this stream go through a channel already');
    this.#isThrough = true;
    return this.add({ kind: 'open', open: (source, run) => new Through(source, run, target as unknown as Channel) });
  }

  /** The items of this stream and of the others, as they come; see {@link merge}. */
  combine<S extends readonly AnyIterable<unknown>[]>(
    ...others: S
  ): Stream<T | ValueOf<ItemOf<S[number]>>, K | KeyOf<ItemOf<S[number]>>> {
    for (const other of others) checkedIterable('combine', other);
    return new Stream(new Origin([this, ...others] as AnyIterable<unknown>[], this.origin.options), []);
  }

  /**
   * The items by their keys: those of one key stay in order, those of different keys go side by side. The operators after it
   * that are given a function for each item work on as many partitions at once; each key belongs to one of them. A key is
   * what a function gives, plain, `async` or wrapped, or the property of that name.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. A key that is no text, number or the
   * like is as a function that has failed.
   *
   * @example
   * ```ts
   * const balances = stream(transfers).groupBy('account').map(book); // one account's transfers are booked one by one
   * ```
   */
  groupBy<P extends keyof T>(key: P, options?: GroupOptions): KeyedStream<T, T[P]>;
  groupBy<G extends GroupKey>(key: Each<T, G>, options?: GroupOptions): KeyedStream<T, G>;
  groupBy(key: PropertyKey | Each<T, unknown>, options: GroupOptions = {}): KeyedStream<T, unknown> {
    const { partitions = 8, maxSize } = groupOptions('groupBy', options);
    if (!isName(key) && typeof key !== 'function')
      throw argumentError(`Cannot group: expected the name of a property or a function, received ${show(key)}`);
    const fn = typeof key === 'function' ? key : (value: T) => (value as Record<PropertyKey, unknown>)[key];
    const begun = this.add<T>(stageOf('pair', fn));
    return new KeyedStream<T, unknown>(begun, { partitions, maxSize, live: undefined }, []);
  }

  /**
   * Adds stages.
   *
   * @internal
   */
  protected override add<U>(...stages: readonly Stage[]): Stream<U, K> {
    // Of what has begun, the rest is a source like any other.
    if (this.hasBegun) return new Stream<U, K>(new Origin([this], this.origin.options), stages);
    return new Stream<U, K>(this.origin, [...this.stages, ...stages]);
  }
}

/** The grouping of a keyed stream and of those that were made of it. */
interface Groups {
  readonly partitions: number;
  readonly maxSize: number | undefined;

  /** The group of the present run. */
  live: Group | undefined;
}

/**
 * A stream whose items are grouped by keys: `map`, `filter`, `tap` and `flatMap` keep the items of one key in order, and give
 * results as they come. A wrapped function runs in one thread for a partition, while that thread lives; a plain or `async`
 * one is called for one item of a partition at a time. The first operator of any other name works on the results of all
 * partitions, and what it gives is a {@link Stream} like any other.
 *
 * Up to `maxSize` items are inside. A slow key holds up the keys of its partition, and the others when that many wait;
 * {@link stats} tells which.
 */
export class KeyedStream<T, K> extends Stream<T, K> {
  readonly #before: Stream<unknown>;
  readonly #groups: Groups;
  readonly #inner: readonly Stage[];

  /** @internal */
  constructor(before: Stream<unknown>, groups: Groups, inner: readonly Stage[]) {
    super(before.origin, [...before.stages, groupStage(groups, inner, false)]);
    this.#before = before;
    this.#groups = groups;
    this.#inner = inner;
  }

  override map<U>(fn: Each<T, U>, options?: undefined): KeyedStream<U, K> {
    return this.#keyed('map', fn, options);
  }

  override filter<S extends T>(fn: (value: T, index: number) => value is S, options?: undefined): KeyedStream<S, K>;
  override filter(fn: Each<T, unknown>, options?: undefined): KeyedStream<T, K>;
  override filter(fn: Each<T, unknown>, options?: undefined): KeyedStream<T, K> {
    return this.#keyed('filter', fn, options);
  }

  override tap(fn: Each<T, unknown>, options?: undefined): KeyedStream<T, K> {
    return this.#keyed('tap', fn, options);
  }

  override flatMap<U>(fn: Each<T, AnyIterable<U>>, options?: undefined): KeyedStream<Awaited<U>, K> {
    return this.#keyed('flatMap', fn, options);
  }

  /** The items with the keys that they are grouped by. */
  override items(): Stream<[key: K, value: T], K> {
    const { origin, stages } = this.#before;
    return new Stream<[K, T], K>(origin, [...stages, groupStage(this.#groups, this.#inner, true)]);
  }

  /** The work of the partitions; all zero before the first `next()`. */
  stats(): GroupStats {
    const { live, partitions } = this.#groups;
    if (live) return live.stats;
    const idle = { waiting: 0, done: 0, key: undefined, time: 0 };
    return { size: 0, partitions: Array.from({ length: partitions }, () => idle) };
  }

  #keyed<U>(kind: ItemKind, fn: ItemFunction, options: unknown): KeyedStream<U, K> {
    checkedFunction(kind, fn);
    if (options !== undefined)
      throw argumentError(`Cannot use options of ${kind}: of a key, one item is worked on at a time`);
    if (this.hasBegun) throw argumentError(`Cannot use ${kind}: the grouped stream has begun`);
    return new KeyedStream<U, K>(this.#before, this.#groups, [...this.#inner, keyedStageOf(kind, fn)]);
  }
}

function groupStage(groups: Groups, stages: readonly Stage[], withKeys: boolean): Stage {
  return {
    kind: 'open',
    open(source, run) {
      const { partitions, maxSize = run.maxSize } = groups;
      groups.live = new Group(source, run, { partitions, maxSize, stages, withKeys });
      return groups.live;
    },
  };
}

function isName(key: unknown): key is PropertyKey {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'symbol';
}
