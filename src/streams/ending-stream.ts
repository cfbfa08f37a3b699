/** The operators that make one value of a stream, and end it. @module */

import { argumentError } from '../base/errors.ts';
import { BaseStream } from './base-stream.ts';
import { checkedFunction } from './arguments/checks.ts';
import { stageOf } from './stages/item-stage.ts';
import type { StageOptions } from './arguments/options.ts';
import type { Stage } from './stages/stage.ts';

/** A function of an operator: plain, `async`, or wrapped; `index` counts the items from 0. */
export type Each<T, R> = (value: T, index: number) => R | PromiseLike<R>;

/** The operators that give a promise. */
export abstract class EndingStream<T> extends BaseStream<T> {
  /**
   * Adds stages.
   *
   * @internal
   */
  protected abstract add<U>(...stages: readonly Stage[]): EndingStream<U>;

  /** Calls `fn` for each item until the stream is over. */
  async forEach(fn: Each<T, unknown>, options?: StageOptions): Promise<void> {
    const reading = this.add(stageOf('tap', fn, options)).run();
    while (!(await reading.next()).done);
  }

  /** All items. Their events are acknowledged at the end, all together. */
  async toArray(): Promise<T[]> {
    const items: T[] = [];
    const reading = this.run(true);
    for (let step = await reading.next(); !step.done; step = await reading.next()) items.push(step.value as T);
    return items;
  }

  /**
   * The last result of `fn`, called for one item after the other; see `scan`. Events are acknowledged at the end, all together.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if there is no item and no `initial`.
   */
  reduce(fn: (state: T, value: T, index: number) => T | PromiseLike<T>): Promise<T>;
  reduce<U>(fn: (state: U, value: T, index: number) => U | PromiseLike<U>, initial: U): Promise<U>;
  async reduce(
    fn: (state: never, value: never, index: number) => unknown,
    ...initial: [] | [unknown]
  ): Promise<unknown> {
    checkedFunction('reduce', fn);
    const start = initial.length > 0 ? { value: initial[0] } : undefined;
    const reading = this.add({ kind: 'scan', fn, initial: start }).run(true);
    let last: { readonly value: unknown } | undefined = start;
    for (let step = await reading.next(); !step.done; step = await reading.next()) last = step;
    if (!last) throw argumentError('Cannot reduce: there is no item, and nothing to begin with');
    return last.value;
  }

  /** The first item, after which the stream is closed; `undefined` if there is none. */
  async first(): Promise<T | undefined> {
    const reading = this.run();
    const { value } = await reading.next();
    await reading.finish();
    return value as T | undefined;
  }

  /** The first item for which `fn` gives what is truthy; one item at a time, wrapped or not. */
  find<S extends T>(fn: (value: T, index: number) => value is S): Promise<S | undefined>;
  find(fn: Each<T, unknown>): Promise<T | undefined>;
  async find(fn: Each<T, unknown>): Promise<T | undefined> {
    return this.add<T>({ kind: 'filter', fn: checkedFunction('find', fn) }).first();
  }

  /** Whether `fn` gives what is truthy for some item, after which the stream is closed; one item at a time. */
  async some(fn: Each<T, unknown>): Promise<boolean> {
    const found = this.add<true>({ kind: 'filter', fn: checkedFunction('some', fn) }, { kind: 'map', fn: () => true });
    return (await found.first()) ?? false;
  }

  /** Whether `fn` gives what is truthy for all items; the first one for which it does not closes the stream. */
  async every(fn: Each<T, unknown>): Promise<boolean> {
    checkedFunction('every', fn);
    const verdicts = this.add<unknown>({ kind: 'map', fn });
    return !(await verdicts.some((verdict) => !verdict));
  }
}
