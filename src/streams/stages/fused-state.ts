/** One stage in one run, as the loop over stages in a row uses it. @module */

import { callsOf } from '../run/calls.ts';
import type { Calling } from '../run/calls.ts';
import { eventOf, jointly, keyOf } from '../run/delivery.ts';
import type { Delivery } from '../run/delivery.ts';
import type { Run } from '../run/run.ts';
import { sendAll } from '../run/sink.ts';
import { StreamEvent } from '../events/event.ts';
import type { FusedStage } from './stage.ts';

/** Instead of an item: the stage has dropped it. */
export const dropped: unique symbol = Symbol('dropped');

const notCalled: Calling = () => undefined;

/**
 * A stage first calls its function, if it has one, with {@link call}; what that gives, or what its promise settles with,
 * goes to {@link give}. All stages have the same fields, so that the loop over them stays fast.
 */
export class FusedState {
  readonly kind: FusedStage['kind'];
  readonly #fn: Calling;

  /** Whether there is a function to call. */
  readonly isCalled: boolean;

  /** Whether the function is called with the item and its number. */
  readonly #isPlain: boolean;

  /** How many items came before. */
  #index = 0;

  /** How many items a `take` or `drop` has yet to count, or are a full batch. */
  left = 0;

  /** The state of `scan`; `#isEmpty` while there is none. */
  #state: unknown;
  #isEmpty = false;

  /** The items of a batch that is not full, and what they owe. */
  #waiting: unknown[] = [];
  #owed: (Delivery | undefined)[] = [];

  /** The deliveries of the batch that was given last, as one. */
  delivery: Delivery | undefined;

  constructor(stage: FusedStage, run: Run) {
    this.kind = stage.kind;
    this.#fn = functionOf(stage, run);
    this.isCalled = this.#fn !== notCalled;
    this.#isPlain = stage.kind !== 'echo' && stage.kind !== 'scan';
    if ('count' in stage) this.left = stage.count;
    if (stage.kind === 'enumerate') this.#index = stage.start;
    if (stage.kind !== 'scan') return;
    this.#state = stage.initial?.value;
    this.#isEmpty = stage.initial === undefined;
  }

  /** Calls the function for an item. */
  call(value: unknown, owed: Delivery | undefined): unknown {
    const index = this.#index++;
    if (this.#isPlain) return this.#fn(value, index);
    if (this.kind === 'echo') return this.#fn(value, owed && eventOf(owed, value));
    if (!this.#isEmpty) return this.#fn(this.#state, value, index);
    this.#isEmpty = false;
    return value;
  }

  /** Gives the item that goes on, after the function has given `result`; or {@link dropped}. */
  give(result: unknown, value: unknown, owed: Delivery | undefined): unknown {
    // The loop over the stages is compiled with this function inside as long as it is short.
    if (this.kind === 'map') return result;
    if (this.kind === 'filter') return result ? value : this.#drop(owed);
    return this.#make(result, value, owed);
  }

  #make(result: unknown, value: unknown, owed: Delivery | undefined): unknown {
    switch (this.kind) {
      case 'scan':
        return (this.#state = result);
      case 'pair':
        return { key: result, value };
      case 'take':
        this.left -= 1;
        return value;
      case 'drop':
        if (this.left === 0) return value;
        this.left -= 1;
        return this.#drop(owed);
      case 'batch':
        this.#waiting.push(value);
        this.#owed.push(owed);
        return this.#waiting.length < this.left ? dropped : this.flush();
      case 'enumerate':
        return [this.#index++, value];
      case 'items':
        return [keyOf(owed), value];
      case 'whole':
        return hasEvents(owed) ? eventOf(owed, value) : new StreamEvent(value);
      case 'events':
        return hasEvents(owed) ? eventOf(owed, value) : this.#drop(owed);
      default:
        return value;
    }
  }

  /** Gives the items that wait for a full batch; {@link dropped} if there are none. */
  flush(): unknown {
    const batch = this.#waiting;
    if (batch.length === 0) return dropped;
    this.delivery = jointly(this.#owed);
    this.#waiting = [];
    this.#owed = [];
    return batch;
  }

  #drop(owed: Delivery | undefined): typeof dropped {
    owed?.release();
    return dropped;
  }
}

function hasEvents(owed: Delivery | undefined): owed is Delivery {
  return owed !== undefined && owed.events.length > 0;
}

function functionOf(stage: FusedStage, run: Run): Calling {
  if ('fn' in stage) return callsOf(stage.fn, run, run.partition);
  return stage.kind === 'echo' ? sendAll(stage.sinks, run) : notCalled;
}
