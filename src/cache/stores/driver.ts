/** A store, as a cache sees it: tables of bytes in the order of their keys. @module */

/**
 * The tables of a store: the entries of users; the keys of entries that expire, by that time; and for a cache with a
 * bound the keys by the order in which they were written, and that order and the size of each by its key.
 */
export type Table = 'entries' | 'due' | 'order' | 'place';

export const tables: readonly Table[] = ['entries', 'due', 'order', 'place'];

/** One write: without a `value`, the entry is removed. */
export interface Change {
  readonly table: Table;
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;

  /** When the entry expires, in milliseconds since the epoch; 0 for never. */
  readonly expires: number;

  /** Removes the entry only if it expires at this time. */
  readonly ifExpires?: number | undefined;
}

/** One entry that was read. */
export interface Row {
  readonly key: Uint8Array;

  /** Empty if only keys were asked for. */
  readonly value: Uint8Array;
  readonly expires: number;
}

/** Which entries to read: those whose keys are from `start` on and before `end`. */
export interface Page {
  readonly start: Uint8Array | undefined;
  readonly end: Uint8Array | undefined;
  readonly reverse: boolean;
  readonly limit: number;

  /** Whether to read the values. */
  readonly values: boolean;
}

/** An open store. No code of the user's runs inside any of these. */
export interface Driver {
  /** When the entry that `get` gave last expires; 0 for never. */
  readonly expires: number;

  /** The value of an entry, valid until the next call. */
  get(table: Table, key: Uint8Array): Uint8Array | undefined;
  page(table: Table, page: Page): Row[];

  /** How many entries there are. */
  count(table: Table): number;

  /** Lets the reads that follow see everything that was written before. */
  refresh(): void;

  /**
   * Writes `changes`, after all that were written before, all of them at once or none. Resolves once they are on the disk;
   * writes that are committed together may give the same promise.
   */
  write(changes: readonly Change[]): Promise<unknown>;
  close(): Promise<void>;
}
