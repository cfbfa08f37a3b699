/** The stage of an operator that is given a function for each item. @module */

import { argumentError } from '../../base/errors.ts';
import { AbortController } from '../../base/intrinsics.ts';
import { callsOf, isOffLoop, runsInLine } from '../run/calls.ts';
import { Fused } from './fused.ts';
import { stageOptions } from '../arguments/options.ts';
import type { StageOptions } from '../arguments/options.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import type { ItemFunction, Stage } from './stage.ts';
import { Window } from './window.ts';

/** The operators of one function and one item; `pair` gives the item with what the function gives as its key. */
export type ItemKind = 'map' | 'filter' | 'tap' | 'flatMap' | 'pair';

/**
 * The stage of operator `kind` with the function `fn`: in the loop of its run, one call at a time, or with several handed in.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`.
 */
export function stageOf(kind: ItemKind, fn: ItemFunction, options: StageOptions = {}): Stage {
  if (typeof fn !== 'function') throw argumentError(`Cannot use ${kind}: expected a function, received ${typeof fn}`);
  const { concurrency, ordered = true } = stageOptions(kind, options);
  if (concurrency === 1 || (concurrency === undefined && !isOffLoop(fn))) return { kind, fn };
  return { kind: 'open', open: (source, run) => openWindow(source, run, { kind, fn, concurrency, ordered }) };
}

/**
 * The same in a partition of a grouped stream: several items are handed in only where they run one after the other in one
 * thread.
 */
export function keyedStageOf(kind: ItemKind, fn: ItemFunction): Stage {
  if (!runsInLine(fn)) return { kind, fn };
  return { kind: 'open', open: (source, run) => openWindow(source, run, { kind, fn, ...inLine }) };
}

const inLine = { concurrency: undefined, ordered: true } as const;

interface WindowStage {
  readonly kind: ItemKind;
  readonly fn: ItemFunction;
  readonly concurrency: number | undefined;
  readonly ordered: boolean;
}

function openWindow(source: Pull, run: Run, { kind, fn, concurrency = run.maxSize, ordered }: WindowStage): Pull {
  // Its calls end with the run, or earlier, once one has failed before them.
  const ended = new AbortController();
  const abort = (): void => ended.abort();
  run.scope.add(abort);
  const window = new Window(source, run, {
    kind: kind === 'flatMap' ? 'map' : kind,
    call: callsOf(fn, ended, run.partition),
    concurrency,
    refillAt: isOffLoop(fn) ? Math.floor(concurrency / 2) : concurrency - 1,
    ordered,
    abort,
  });
  return kind === 'flatMap' ? new Fused(window, [{ kind, fn: (items) => items }], run) : window;
}
