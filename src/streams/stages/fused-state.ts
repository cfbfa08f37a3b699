/** What one run keeps of a stage that passes items through. @module */

import { callsOf } from '../run/calls.ts';
import type { Calling } from '../run/calls.ts';
import type { Delivery } from '../run/delivery.ts';
import type { Run } from '../run/run.ts';
import { sendAll } from '../run/sink.ts';
import type { FusedStage } from './stage.ts';

const notCalled: Calling = () => undefined;

/** One stage in one run. All have the same fields, so that the loop over them stays fast. */
export class FusedState {
  readonly kind: FusedStage['kind'];
  readonly fn: Calling;

  /** How many items came before. */
  index = 0;

  /** How many items a `take` or `drop` has yet to count, or are a full batch. */
  left = 0;

  /** What `scan` has come to; `isEmpty` while that is nothing. */
  state: unknown;
  isEmpty = false;

  /** The items of a batch that is not full, and what they owe. */
  waiting: unknown[] = [];
  #owed: (Delivery | undefined)[] = [];

  constructor(stage: FusedStage, run: Run) {
    this.kind = stage.kind;
    this.fn = functionOf(stage, run);
    if ('count' in stage) this.left = stage.count;
    if (stage.kind === 'enumerate') this.index = stage.start;
    if (stage.kind !== 'scan') return;
    this.state = stage.initial?.value;
    this.isEmpty = stage.initial === undefined;
  }

  keep(value: unknown, owed: Delivery | undefined): void {
    this.waiting.push(value);
    this.#owed.push(owed);
  }

  takeBatch(): unknown[] {
    const batch = this.waiting;
    this.waiting = [];
    return batch;
  }

  takeOwed(): readonly (Delivery | undefined)[] {
    const owed = this.#owed;
    this.#owed = [];
    return owed;
  }
}

function functionOf(stage: FusedStage, run: Run): Calling {
  if ('fn' in stage) return callsOf(stage.fn, run, run.partition);
  return stage.kind === 'echo' ? sendAll(stage.sinks, run) : notCalled;
}
