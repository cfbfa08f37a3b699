/** The items of an iterable, whatever it is, as a running stream asks for them. @module */

import { types } from 'node:util';
import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import { end } from '../../channel/adapters/iterable.ts';
import { holdIterable } from '../../channel/adapters/held.ts';
import type { HeldIterable } from '../../channel/adapters/held.ts';
import { checkedIterator, checkedStep } from '../../channel/protocol.ts';
import type { Delivery } from '../run/delivery.ts';
import { isEvent } from '../events/event.ts';
import type { AnyIterable } from '../arguments/iterables.ts';
import { over, waits } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';

type Items = Iterator<unknown> | AsyncIterator<unknown>;

/**
 * An iterable from the moment it is given to a stream: opened by the first item that is asked for, closed once.
 *
 * Invariant: what has ended, or has thrown, is not closed any more; after `close` it gives nothing.
 */
export class Source {
  readonly #iterable: AnyIterable<unknown>;

  /** Of what gives its items later: it may fail before it is asked. */
  readonly #held: HeldIterable | undefined;
  #items: Items | undefined;
  #closing: Promise<void> | undefined;

  /** Whether an item was asked for that has not come. */
  isAsked = false;

  /** Whether it has ended by itself, or was closed. */
  isOver = false;

  /** Whether its steps are sure to be promises of the language's. */
  readonly isAsyncGenerator: boolean;

  constructor(iterable: AnyIterable<unknown>) {
    this.#iterable = iterable;
    if (isAsync(iterable)) this.#held = holdIterable(iterable);
    this.isAsyncGenerator = this.#held !== undefined && types.isGeneratorObject(iterable);
  }

  /** The next step, or a promise of it. */
  step(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    this.#items ??= this.#held?.open() ?? checkedIterator((this.#iterable as Iterable<unknown>)[Symbol.iterator]());
    return this.#items.next();
  }

  /** Closes it, unless it is over. What awaits an item and cannot be told before is not waited for. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    if (!this.#held) {
      const items = this.#items ?? this.#iterable;
      if (isIterator(items)) await end(items);
      return;
    }
    const closing = this.#held.close();
    // A generator hears of its end at its next yield.
    if (!this.isAsked || !this.isAsyncGenerator) return closing;
    closing.catch(() => undefined);
  }
}

/** A source as one run sees it: the values, and the events beside them. */
export class SourcePull implements Pull {
  awaited: Promise<unknown> | undefined;
  delivery: Delivery | undefined;
  readonly #source: Source;
  readonly #run: Run;

  /** Whether what is awaited is a value, not a step. */
  #isValue = false;

  /** Whether events among the items are items like any other. */
  readonly #isPlain: boolean;

  constructor(source: Source, run: Run, isPlain = false) {
    this.#isPlain = isPlain;
    this.#source = source;
    this.#run = run;
  }

  next(): unknown {
    const source = this.#source;
    if (source.isOver) return over;
    let step: IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
    try {
      step = source.step();
    } catch (error) {
      source.isOver = true;
      throw error;
    }
    if (source.isAsyncGenerator) this.awaited = step as Promise<unknown>;
    else if (isThenable(step)) this.awaited = Promise.resolve(step);
    else return this.#arrived(step);
    source.isAsked = true;
    return waits;
  }

  take(settled: unknown): unknown {
    const source = this.#source;
    source.isAsked = false;
    if (!this.#isValue) return this.#arrived(settled as IteratorResult<unknown>);
    this.#isValue = false;
    return this.#value(settled);
  }

  fail(error: unknown): unknown {
    const source = this.#source;
    source.isAsked = false;
    // A step that was rejected is the source's own failure; a value that was, is one of its items.
    if (!this.#isValue) source.isOver = true;
    throw error;
  }

  #arrived(step: IteratorResult<unknown>): unknown {
    // After a close nothing comes, whatever was on its way.
    if (this.#source.isOver) {
      // An event that was on its way is handed back: the run is over.
      if (!step.done && !this.#isPlain && isEvent(step.value)) this.#value(step.value);
      return over;
    }
    if (checkedStep(step).done) {
      this.#source.isOver = true;
      return over;
    }
    const { value } = step;
    if (typeof value !== 'object' || value === null) {
      this.delivery = undefined;
      return value;
    }
    if (!isThenable(value)) return this.#value(value);
    this.#isValue = true;
    this.awaited = Promise.resolve(value);
    return waits;
  }

  #value(value: unknown): unknown {
    if (this.#isPlain || !isEvent(value)) {
      this.delivery = undefined;
      return value;
    }
    const { deliveries, policy } = this.#run;
    this.delivery = deliveries.take(value, policy.isManual);
    return value.value;
  }
}

function isAsync(iterable: AnyIterable<unknown>): iterable is AsyncIterable<unknown> {
  return Symbol.asyncIterator in Object(iterable);
}

function isIterator(value: unknown): value is Iterator<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<Iterator<unknown>>).next === 'function'
  );
}
