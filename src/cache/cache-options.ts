/** The options of a cache. @module */

import { count, duration, oneOf, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';

/** Options of `openCache`. All that open the same path at a time have to give the same. */
export interface CacheOptions {
  /**
   * The store: `'lmdb'` needs the package of this name; `'sqlite'` is part of Node.js from 22.13 on. A path keeps the store
   * that it was made with. @defaultValue `'lmdb'`
   */
  driver?: 'lmdb' | 'sqlite' | undefined;

  /**
   * How long entries live after they were set, in milliseconds above 0, unless `set` says otherwise. An entry that has
   * expired is not there any more; it is removed from the store a little later. @defaultValue `Infinity`
   */
  ttl?: number | undefined;

  /** How many entries there may be; a whole number from 1. @defaultValue `Infinity` */
  maxEntries?: number | undefined;

  /** How many bytes the keys and values may take; a whole number from 1. @defaultValue `Infinity` */
  maxBytes?: number | undefined;

  /**
   * How a write is treated where `maxEntries` or `maxBytes` would be exceeded: `'drop-oldest'` removes the entries that
   * were written longest ago, and `'error'` refuses the write with `ERR_OFFLOOP_OVERFLOW`. @defaultValue
   * `'drop-oldest'`
   */
  overflow?: 'drop-oldest' | 'error' | undefined;
}

/** The options with their defaults, as they cross to threads. */
export interface CachePlan {
  readonly driver: 'lmdb' | 'sqlite';
  readonly ttl: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly overflow: 'drop-oldest' | 'error';
}

const checks: Readonly<Record<keyof CacheOptions, Check>> = {
  driver: oneOf('lmdb', 'sqlite'),
  ttl: duration,
  maxEntries: count(1, { unbounded: true }),
  maxBytes: count(1, { unbounded: true }),
  overflow: oneOf('drop-oldest', 'error'),
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
export function cachePlan(given: CacheOptions): CachePlan {
  const options = ownOptions('openCache', given, checks);
  const { driver = 'lmdb', ttl = Infinity, maxEntries = Infinity, maxBytes = Infinity } = options;
  return { driver, ttl, maxEntries, maxBytes, overflow: options.overflow ?? 'drop-oldest' };
}

/** Whether the plans are the same. */
export function isSamePlan(a: CachePlan, b: CachePlan): boolean {
  return (Object.keys(a) as (keyof CachePlan)[]).every((name) => a[name] === b[name]);
}

/** Options of one write. */
export interface SetOptions {
  /** How long the entry lives, in milliseconds above 0; `Infinity` for ever. @defaultValue the `ttl` of the cache */
  ttl?: number | undefined;
}

const setChecks: Readonly<Record<keyof SetOptions, Check>> = { ttl: duration };

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
export function setOptions(given: SetOptions): SetOptions {
  return ownOptions('set', given, setChecks);
}
