/** What waits in a channel, for who does not take it. @module */

import { numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { ChannelHead } from './channel-head.ts';
import { endOfItem, readItem } from './item.ts';

/**
 * The items that wait, oldest first, which have to be revived. Others may take and put items meanwhile: what is given
 * waited all at once, at a moment during the call.
 *
 * The memory of an item is used again only after it was taken. So what was read of one is right if it was not taken then;
 * if it was, all that was read before it was taken too, and the walk begins anew, at a later item.
 */
export function pictureOf(arena: Arena): unknown[] {
  const head = new ChannelHead(arena);
  const end = Atomics.load(arena.words, Word.produced) >>> 1;
  for (;;) {
    const items = walk(arena, head, end);
    if (items) return items;
  }
}

/** `undefined` if others have taken what the walk was at. */
function walk(arena: Arena, head: ChannelHead, end: number): unknown[] | undefined {
  const { taken } = head;
  if (isPassed(end, taken)) return [];
  if (!head.tryFind(taken)) return undefined;
  const items: unknown[] = [];
  for (let number = taken; number !== end; number = (number + 1) & numberMask) {
    head.enter();
    const next = endOfItem(arena, head.cell);
    if (isGone(arena, number)) return undefined;
    const read = readItem(arena, head.cell);
    if (isGone(arena, number)) return undefined;
    items.push(read);
    head.cell = next;
  }
  return items;
}

/** Whether the item `number` was taken. Not a load alone: what was read before it might be read after it. */
function isGone({ words }: Arena, number: number): boolean {
  return isPassed(number, Atomics.add(words, Word.taken, 0));
}

/** Whether `taken`, which is near, is beyond the item `number`. */
function isPassed(number: number, taken: number): boolean {
  return number !== taken && ((taken - number) & numberMask) < numberMask / 2;
}
