/** Which entries to read, and the reading, one page after the other. @module */

import { argumentError } from '../base/errors.ts';
import { epochTime } from '../base/intrinsics.ts';
import { anything, count, kind, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import type { Driver, Page, Row } from './stores/driver.ts';
import { isThere } from './entry.ts';
import { after, isArrayKey, keyBytesCopy, prefixRange } from './key.ts';
import type { CacheKey, KeyPart } from './key.ts';
import type { Store } from './store.ts';
import { readError } from './stores/store-error.ts';

/** Which entries, and in which order. Bounds and prefix may be given together: then all of them apply. */
export interface RangeOptions {
  /** The keys that begin with it: strings with these first characters, or arrays with these first elements. */
  prefix?: string | readonly KeyPart[] | undefined;

  /** The keys from this one on. */
  gte?: CacheKey | undefined;

  /** The keys after this one. */
  gt?: CacheKey | undefined;

  /** The keys up to this one. */
  lte?: CacheKey | undefined;

  /** The keys before this one. */
  lt?: CacheKey | undefined;

  /** From the last key to the first. @defaultValue `false` */
  reverse?: boolean | undefined;

  /** How many entries at the most; a whole number from 0. @defaultValue `Infinity` */
  limit?: number | undefined;
}

const checks: Readonly<Record<keyof RangeOptions, Check>> = {
  prefix: anything,
  gte: anything,
  gt: anything,
  lte: anything,
  lt: anything,
  reverse: kind('boolean'),
  limit: count(0, { unbounded: true }),
};

/** A range of keys as bytes, from `start` on and before `end`. */
export interface Range {
  readonly start: Uint8Array | undefined;
  readonly end: Uint8Array | undefined;
  readonly reverse: boolean;
  readonly limit: number;

  /** Whether the keys that are arrays do not belong to it: they stand between the strings. */
  readonly isText: boolean;
}

/** How many entries are read at a time: few at first, for those who want no more. */
const firstPage = 16;
const longestPage = 256;

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value. */
export function rangeOf(given: RangeOptions): Range {
  const { prefix, gte, gt, lte, lt, reverse = false, limit = Infinity } = ownOptions('a range', given, checks);
  if (gte !== undefined && gt !== undefined) throw both('gte', 'gt');
  if (lte !== undefined && lt !== undefined) throw both('lte', 'lt');
  let start = gte === undefined ? undefined : keyBytesCopy(gte);
  if (gt !== undefined) start = after(keyBytesCopy(gt));
  let end = lt === undefined ? undefined : keyBytesCopy(lt);
  if (lte !== undefined) end = after(keyBytesCopy(lte));
  if (prefix !== undefined) {
    const [first, last] = prefixRange(prefix);
    if (!start || Buffer.compare(first, start) > 0) start = first;
    if (!end || Buffer.compare(last, end) < 0) end = last;
  }
  return { start, end, reverse, limit, isText: typeof prefix === 'string' };
}

/**
 * Reads the entries of `range`. Each page is as the store is when it is read; entries that are written meanwhile may be
 * missed. Nothing is held between two pages. `open` gives the store, before each entry, unless the cache was closed.
 */
export function* rows(open: () => Store, range: Range, values: boolean): Generator<Row, undefined> {
  let { start, end } = range;
  let left = range.limit;
  for (let size = firstPage; left > 0; size = Math.min(longestPage, size * 4)) {
    const limit = Math.min(size, left);
    const page = pageOf(open(), { start, end, reverse: range.reverse, limit, values });
    const now = epochTime();
    for (const row of page) {
      if (!isThere(row.expires, now) || (range.isText && isArrayKey(row.key))) continue;
      open();
      yield row;
      left -= 1;
    }
    const last = page.at(-1);
    if (!last || page.length < limit) return undefined;
    if (range.reverse) end = last.key;
    else start = after(last.key);
  }
  return undefined;
}

function pageOf(store: Store, page: Page): Row[] {
  const driver: Driver = store.enter();
  try {
    return driver.page('entries', page);
  } catch (error) {
    throw readError(error, store.path);
  } finally {
    store.leave();
  }
}

const both = (one: string, other: string): Error =>
  argumentError(`Cannot use the options of a range: there are both ${one} and ${other}`);
