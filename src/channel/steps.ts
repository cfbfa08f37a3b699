/** The steps of a generator, and the orders that it is given for them. @module */

import { types } from 'node:util';
import type { HeldIterable } from './adapters/held.ts';
import { ReadyItems } from './adapters/adapter.ts';
import type { Items } from './adapters/adapter.ts';
import { checkedStep } from './protocol.ts';
import { NONE } from './ring/reader.ts';

/** An order for a generator: which of `next`, `throw` and `return` to call, and with which value. */
export type Order =
  | { readonly does: 'next'; readonly value: unknown }
  | { readonly does: 'throw'; readonly error: unknown }
  | { readonly does: 'return' };

/** Resumes the generator; its `yield` gives `undefined`. */
export const goOn: Order = { does: 'next', value: undefined };

/** Ends the generator: the consumer has closed. */
export const end: Order = { does: 'return' };

/** One step of a generator. */
export interface Step {
  readonly isOver: boolean;
  readonly value: unknown;
}

/** Takes the next step. */
export type Take = (order: Order) => Step | Promise<Step>;

/** Applies `order` to `iterator`. An iterator without `throw()` is closed instead, and the error is thrown here. */
export function advance(iterator: Iterator<unknown, unknown, unknown>, order: Order): Step {
  if (order.does === 'next') return stepOf(iterator.next(order.value));
  if (order.does === 'throw') {
    if (typeof iterator.throw === 'function') return stepOf(iterator.throw(order.error));
    iterator.return?.();
    throw order.error;
  }
  let step = iterator.return?.();
  // A generator may yield in its `finally`: these items are dropped, and `next()` runs the `finally` to its end, which
  // a second `return()` would cut short. Any other iterator is closed after one `return()`, whatever it gives.
  if (types.isGeneratorObject(iterator)) while (step && !step.done) step = iterator.next();
  return { isOver: true, value: undefined };
}

/**
 * Makes the function that takes the steps of `held`. An iterator without `throw()` is treated as in {@link advance}.
 */
export function takerOf(held: HeldIterable): Take {
  let items: Items | undefined;
  const take = async (order: Order): Promise<Step> => {
    if (order.does === 'return') {
      await held.close();
      return { isOver: true, value: undefined };
    }
    items ??= held.open();
    if (order.does === 'next') return stepOf(await items.next(order.value));
    if (typeof items.throw === 'function') return stepOf(await items.throw(order.error));
    await held.close();
    throw order.error;
  };
  return (order) => {
    const item = order === goOn && items instanceof ReadyItems ? items.takeNow() : NONE;
    return item === NONE ? take(order) : { isOver: false, value: item };
  };
}

export function raise(error: unknown): never {
  throw error;
}

function stepOf(step: IteratorResult<unknown, unknown>): Step {
  const { done, value } = checkedStep(step);
  return { isOver: Boolean(done), value };
}
