/** One store for all threads. @module */

export { openCache } from './open-cache.ts';
export type { Cache } from './cache.ts';
export type { CacheOptions, SetOptions } from './cache-options.ts';
export type { CacheKey, KeyPart } from './key.ts';
export type { RangeOptions } from './range.ts';
export type { Transaction } from './transactions/transaction.ts';
export type { Updates, UpdatesOptions } from './updates/updates.ts';
