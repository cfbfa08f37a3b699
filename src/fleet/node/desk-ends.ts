/** What the desk of a node stands on. @module */

import type { ThreadPool } from '../../pool/thread-pool.ts';

/** What the desk stands on. */
export interface DeskEnds {
  readonly pool: ThreadPool;
  readonly threads: number;
  send(
    caller: string,
    op: number,
    call: number,
    facts: readonly unknown[],
    body?: Uint8Array,
    taken?: () => void,
  ): void;

  /** Watches whether the caller lives. */
  hold(caller: string): void;
  release(caller: string): void;

  /** Tells the queue of a call. */
  say(reply: string, word: Uint8Array): void;

  /** Whether the caller knows this node: then it counts it among those that may have a call. */
  isKnown(caller: string): boolean;

  /** How many lines the caller had given up when it was heard last; that to this node was none of them. */
  lossesOf(caller: string): number;

  /** Whether somebody hears what is sent to the caller. */
  isThere(caller: string): Promise<boolean>;
  refused(caller: string, error: unknown): void;

  /** There are more or fewer free threads than before. */
  changed(): void;
}
