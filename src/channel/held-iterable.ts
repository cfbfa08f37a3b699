/** How any iterable is held: a generator, an iterator of the user's, an object that makes one. @module */

import type { EventEmitter } from 'node:events';
import { types } from 'node:util';
import type { Items, Way } from './held-way.ts';

type AnyIterable = Partial<Iterable<unknown> & AsyncIterable<unknown> & Iterator<unknown> & EventEmitter>;

/** Closes by `return()`, as leaving a loop does. What is no iterator itself has nothing to close before it is opened. */
export function iterableWay(iterable: object): Way {
  const { on, off } = iterable as AnyIterable;
  let stopListening: (() => void) | undefined;
  let source: object | undefined;
  const way: Way = {
    isPrompt: false,
    open() {
      const { [Symbol.asyncIterator]: own } = iterable as AnyIterable;
      if (typeof own === 'function') return (source = own.call(iterable)) as Items;
      const items = (iterable as Iterable<unknown>)[Symbol.iterator]();
      source = items;
      return awaited(items);
    },
    async close(items) {
      try {
        if (items) await end(items, source);
        else if (isIterator(iterable)) await end(iterable);
      } finally {
        // It is its owner's again.
        stopListening?.();
      }
    },
  };
  if (typeof on !== 'function' || typeof off !== 'function') return way;
  return {
    ...way,
    listen(fail) {
      on.call(iterable, 'error', fail);
      stopListening = () => void off.call(iterable, 'error', fail);
    },
  };
}

/**
 * Lets `items` end, which give what `source` gives. What a generator yields while it ends is for nobody; a second `return()`
 * would cut its `finally` short. Of any other iterator the `return()` is all, as it is for a loop that is left: it need not
 * say that there is no more, nor does `next()` after it.
 */
export async function end(items: Items | Iterator<unknown>, source: object = items): Promise<void> {
  let step = await items.return?.();
  if (!types.isGeneratorObject(source)) return;
  while (step && !step.done) step = await items.next();
}

function isIterator(iterable: object): iterable is Iterator<unknown> {
  return typeof (iterable as AnyIterable).next === 'function';
}

/** What `items` give, awaited. */
async function* awaited(items: Iterator<unknown>): AsyncGenerator {
  yield* { [Symbol.iterator]: () => items };
}
