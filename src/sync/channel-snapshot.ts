/** Snapshots of the items that wait in a channel. @module */

import { numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { ChannelHead } from './channel-head.ts';
import { endOfItem, readItem } from './item.ts';

/**
 * Reads the items that wait, oldest first; they have to be revived. Other threads may take and put items meanwhile: all
 * of the given items waited together at one moment during the call.
 *
 * The memory of an item is reused only after the item was taken. So an item is read correctly if it was not taken when
 * the read was over. If it was taken, so were all items before it, and the walk begins again at the new head.
 */
export function snapshotOf(arena: Arena): unknown[] {
  const head = new ChannelHead(arena);
  const end = Atomics.load(arena.words, Word.produced) >>> 1;
  for (;;) {
    const items = walk(arena, head, end);
    if (items) return items;
  }
}

/** Reads the items up to the number `end`; gives `undefined` if another thread took the item that was being read. */
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

/** Whether the item `number` was taken. An `add` of 0, because the plain reads before it could move behind a load. */
function isGone({ words }: Arena, number: number): boolean {
  return isPassed(number, Atomics.add(words, Word.taken, 0));
}

/** Whether the item `number` is before `taken`; the two are less than half of the range of numbers apart. */
function isPassed(number: number, taken: number): boolean {
  return number !== taken && ((taken - number) & numberMask) < numberMask / 2;
}
