/** The stages of a stream, as data: what an operator adds. @module */

import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import type { Sink } from '../run/sink.ts';

/** A function of an operator, given an item and how many there were before it. */
export type ItemFunction = (value: never, index: number) => unknown;

/** A stage that passes items through one by one, in the loop of its run. */
export type FusedStage =
  | { readonly kind: 'map' | 'filter' | 'tap' | 'flatMap' | 'pair'; readonly fn: ItemFunction }
  | {
      readonly kind: 'scan';
      readonly fn: (state: never, value: never, index: number) => unknown;
      readonly initial: Initial;
    }
  | { readonly kind: 'take' | 'drop' | 'batch'; readonly count: number }
  | { readonly kind: 'enumerate'; readonly start: number }
  | { readonly kind: 'items' | 'events' | 'whole' }
  | { readonly kind: 'echo'; readonly sinks: readonly Sink<never>[] };

/** The state that `scan` starts with; nothing, if that is the first item. */
export type Initial = { readonly value: unknown } | undefined;

/** A stage that asks for items by itself: it is ahead, waits for time, or has several sources. */
export interface OpenStage {
  readonly kind: 'open';

  /** Gives the pull of what comes out of this stage; what it opens belongs to `run`. */
  open(source: Pull, run: Run): Pull;
}

export type Stage = FusedStage | OpenStage;
