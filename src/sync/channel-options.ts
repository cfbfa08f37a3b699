/** The options of a channel. @module */

import { count, oneOf, ownOptions, timeLimit } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import type { Overflow } from '../channel/ring/ring.ts';
import { leastBytes, mostBytes } from './arena.ts';
import type { ChannelBounds } from './arena.ts';

/** Options of {@link Channel}. */
export interface ChannelOptions {
  /** How many items may wait before producers have to; a whole number from 1, or `Infinity`. @defaultValue `1024` */
  maxSize?: number | undefined;

  /**
   * How many bytes the items that wait may take; when there is no room, producers wait. An item of up to a quarter of
   * `maxBytes` finds room at the latest when the channel is empty. The channel reserves so much address space, and
   * takes memory as it is used; where the system has less address space, `maxBytes` is less. A whole number from 65,536
   * to 1 GiB.
   * @defaultValue 64 KiB for each of `maxSize` items, but at least 64 MiB, and less where the address space is limited
   * (`ulimit -v`)
   */
  maxBytes?: number | undefined;

  /**
   * The policy for an item that finds no room, because of `maxSize` or of `maxBytes`: `'block'` makes its producer
   * wait, `'error'` throws `ERR_OFFLOOP_OVERFLOW`, `'drop-newest'` drops the item, and `'drop-oldest'` drops as many of
   * the items that wait as necessary, the oldest first. An item that is too large even for an empty channel is refused
   * by `ERR_OFFLOOP_OVERFLOW`, and nothing is dropped for it. @defaultValue `'block'`
   */
  overflow?: Overflow | undefined;

  /**
   * The default `timeout` of waits for an item or for room, in milliseconds from 0; after it, `ERR_OFFLOOP_TIMEOUT` is
   * thrown. An iteration applies it to each item. @defaultValue `Infinity`
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
 * Checks `options`, and gives them with their defaults.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option.
 */
export function boundsOf(options: ChannelOptions): ChannelBounds {
  const { maxSize = 1024, maxBytes, timeout = Infinity, overflow = 'block' } = ownOptions('a channel', options, checks);
  return { maxSize, maxBytes, timeout, overflow };
}
