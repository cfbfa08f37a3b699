/** The steps of a generator, and what it is told before each. @module */

import { types } from 'node:util';
import type { Held } from './held.ts';
import type { Items } from './held-way.ts';

/** What the generator is to do next. */
export type Order =
  | { readonly does: 'next'; readonly value: unknown }
  | { readonly does: 'throw'; readonly error: unknown }
  | { readonly does: 'return' };

/** Nothing was said: its `yield` gives nothing. */
export const goOn: Order = { does: 'next', value: undefined };
/** The consumer wants no more. */
export const end: Order = { does: 'return' };

/** One step of a generator. */
export interface Step {
  readonly isOver: boolean;
  readonly value: unknown;
}

/** Takes the next step. */
export type Take = (order: Order) => Step | Promise<Step>;

/** Lets `iterator` do what `order` says. One that cannot be told of an error is closed, and the error thrown. */
export function advance(iterator: Iterator<unknown, unknown, unknown>, order: Order): Step {
  if (order.does === 'next') return stepOf(iterator.next(order.value));
  if (order.does === 'throw') {
    if (typeof iterator.throw === 'function') return stepOf(iterator.throw(order.error));
    iterator.return?.();
    throw order.error;
  }
  let step = iterator.return?.();
  // What a generator yields while it ends is for nobody; a second return() would cut its finally short. Any other iterator
  // is closed by then, whatever it gives.
  if (types.isGeneratorObject(iterator)) while (step && !step.done) step = iterator.next();
  return { isOver: true, value: undefined };
}

/** Gives what takes the steps of `held`. One that cannot be told of an error is closed, and the error thrown. */
export function takerOf(held: Held): Take {
  let items: Items | undefined;
  return async (order) => {
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
}

/** Throws `error`. */
export function raise(error: unknown): never {
  throw error;
}

function stepOf({ done, value }: IteratorResult<unknown, unknown>): Step {
  return { isOver: done === true, value };
}
