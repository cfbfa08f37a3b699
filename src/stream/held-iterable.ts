/** How any iterable is held: a generator, an iterator of the user's, an object that makes one. @module */

import type { EventEmitter } from 'node:events';
import type { Items, Way } from './held.ts';

type AnyIterable = Partial<Iterable<unknown> & AsyncIterable<unknown> & Iterator<unknown> & EventEmitter>;

/** Closes by `return()`, as leaving a loop does. What is no iterator itself has nothing to close before it is opened. */
export function iterableWay(iterable: object): Way {
  const { on, off } = iterable as AnyIterable;
  let stopListening: (() => void) | undefined;
  const way: Way = {
    isPrompt: false,
    open: () => itemsOf(iterable),
    async close(items) {
      try {
        if (items) await end(items);
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

/** Lets `items` end. What they yield while they do is for nobody; a second `return()` would cut their `finally` short. */
export async function end(items: Items | Iterator<unknown>): Promise<void> {
  for (let step = await items.return?.(); step && !step.done; step = await items.next());
}

function isIterator(iterable: object): iterable is Iterator<unknown> {
  return typeof (iterable as AnyIterable).next === 'function';
}

function itemsOf(iterable: object): Items {
  const { [Symbol.asyncIterator]: own } = iterable as AnyIterable;
  return typeof own === 'function' ? (own.call(iterable) as Items) : awaited(iterable as Iterable<unknown>);
}

/** The items of `iterable`, awaited. */
async function* awaited(iterable: Iterable<unknown>): AsyncGenerator {
  yield* iterable;
}
