/** Adapts any iterable: a generator, an iterator of the user's, an object that makes iterators. @module */

import type { EventEmitter } from 'node:events';
import { types } from 'node:util';
import type { Items, IterableAdapter } from './adapter.ts';
import { checkedIterator } from '../protocol.ts';

type AnyIterable = Partial<Iterable<unknown> & AsyncIterable<unknown> & Iterator<unknown> & EventEmitter>;

/**
 * Closes by `return()`, as `break` in a loop does. An iterable that is not an iterator itself has nothing to close
 * before it is opened.
 */
export function adaptIterable(iterable: object): IterableAdapter {
  const { on, off } = iterable as AnyIterable;
  let stopListening: (() => void) | undefined;
  let source: object | undefined;
  const adapter: IterableAdapter = {
    isPrompt: false,
    open() {
      const { [Symbol.asyncIterator]: own } = iterable as AnyIterable;
      if (typeof own === 'function') return (source = checkedIterator(own.call(iterable))) as Items;
      const items = checkedIterator((iterable as Iterable<unknown>)[Symbol.iterator]());
      source = items;
      return awaited(items);
    },
    async close(items) {
      try {
        if (items) await end(items, source);
        else if (isIterator(iterable)) await end(iterable);
      } finally {
        // From now on the owner of the iterable handles its errors.
        stopListening?.();
      }
    },
  };
  if (typeof on !== 'function' || typeof off !== 'function') return adapter;
  return {
    ...adapter,
    listen(fail) {
      on.call(iterable, 'error', fail);
      stopListening = () => void off.call(iterable, 'error', fail);
    },
  };
}

/**
 * Ends `items`, an iterator over `source`. A generator may yield in its `finally`: these items are dropped, and
 * `next()` runs the `finally` to its end, which a second `return()` would cut short. Any other iterator gets one
 * `return()`, as from a `break`: its result need not be `done`, and neither need that of a following `next()`.
 */
export async function end(items: Items | Iterator<unknown>, source: object = items): Promise<void> {
  let step = await items.return?.();
  if (!types.isGeneratorObject(source)) return;
  while (step && !step.done) step = await items.next();
}

function isIterator(iterable: object): iterable is Iterator<unknown> {
  return typeof (iterable as AnyIterable).next === 'function';
}

/** The items of a synchronous iterator as an asynchronous one; promises among them are awaited. */
async function* awaited(items: Iterator<unknown>): AsyncGenerator {
  yield* { [Symbol.iterator]: () => items };
}
