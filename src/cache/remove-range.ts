/** Removes the entries of a range. @module */

import { rangeOf, rows } from './range.ts';
import type { RangeOptions } from './range.ts';
import type { Store } from './store.ts';
import type { Write } from './threads/writes.ts';

/** How many entries are removed at once. */
const removedAtOnce = 256;

/** Resolves with how many there were; `open` gives the store, unless the cache was closed. */
export async function removeRange(open: () => Store, range: RangeOptions): Promise<number> {
  const store = open();
  let removed = 0;
  let writes: Write[] = [];
  const remove = async (): Promise<void> => {
    await store.commit(writes);
    removed += writes.length;
    writes = [];
  };
  for (const { key } of rows(open, rangeOf(range), false)) {
    writes.push({ table: 'entries', key, value: undefined, expires: 0, isPublished: false });
    if (writes.length === removedAtOnce) await remove();
  }
  if (writes.length > 0) await remove();
  return removed;
}
