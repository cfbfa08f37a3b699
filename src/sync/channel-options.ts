/** The options of a channel. @module */

import { count, oneOf, ownOptions, timeLimit } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import type { Overflow } from '../channel/ring.ts';
import { leastBytes, mostBytes } from './arena.ts';
import type { ChannelBounds } from './arena.ts';

/** Options of {@link Channel}. */
export interface ChannelOptions {
  /** How many items may wait before producers do; a whole number from 1, or `Infinity`. @defaultValue `1024` */
  maxSize?: number | undefined;

  /**
   * How many bytes the items that wait may take: while they do, producers wait. An item of up to a quarter of that finds
   * room at the latest when no other waits. So many addresses are reserved, but memory is taken as it is used; where the
   * system has no room for so many, it is less. A whole number from 65,536 to 1 GiB. @defaultValue 64 KiB for each of
   * `maxSize` items, but at least 64 MiB, and less where the address space is limited (`ulimit -v`)
   */
  maxBytes?: number | undefined;

  /**
   * What happens to an item for which there is no room, be it by `maxSize` or by `maxBytes`: `'block'` has its producer
   * wait, `'error'` throws `ERR_OFFLOOP_OVERFLOW`, `'drop-newest'` drops it, and `'drop-oldest'` drops as many of the items
   * that wait as it needs, the oldest first. An item that would not even have room alone is refused by
   * `ERR_OFFLOOP_OVERFLOW`, and nothing is dropped for it. @defaultValue `'block'`
   */
  overflow?: Overflow | undefined;

  /**
   * How long a wait for an item or for room may take that says nothing of it, in milliseconds from 0; then
   * `ERR_OFFLOOP_TIMEOUT` is thrown. Iterating waits so long for each item. @defaultValue `Infinity`
   */
  timeout?: number | undefined;
}

const checks: Readonly<Record<keyof ChannelOptions, Check>> = {
  maxSize: count(1, { unbounded: true }),
  maxBytes: (value) => count(leastBytes)(value) ?? ((value as number) > mostBytes ? `at most ${mostBytes}` : undefined),
  timeout: timeLimit,
  overflow: oneOf('block', 'error', 'drop-oldest', 'drop-newest'),
};

/**
 * What a channel with these options is made for.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option.
 */
export function boundsOf(options: ChannelOptions): ChannelBounds {
  const { maxSize = 1024, maxBytes, timeout = Infinity, overflow = 'block' } = ownOptions('a channel', options, checks);
  return { maxSize, maxBytes, timeout, overflow };
}
