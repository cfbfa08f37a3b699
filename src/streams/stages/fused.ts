/** Stages in a row as one loop: an item goes through all of them before the next one is asked for. @module */

import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import { StreamEvent } from '../events/event.ts';
import { eventOf, jointly, keyOf } from '../run/delivery.ts';
import type { Delivery } from '../run/delivery.ts';
import { FusedState } from './fused-state.ts';
import { Source, SourcePull } from '../sources/source-pull.ts';
import { checkedIterable } from '../arguments/iterables.ts';
import { treat } from '../run/policy.ts';
import { over, waits } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import type { FusedStage } from './stage.ts';

/** Instead of an item: a stage has dropped it. */
const dropped: unique symbol = Symbol('dropped');

/** What is waited for is an item of the innermost source, or the treatment of an error, and not what a stage gives. */
const atSource = -1;
const atTreatment = -2;

/** Items that enter the stages at `at`: those of the source, or of what a `flatMap` has given. */
interface Feed {
  readonly pull: Pull;
  readonly at: number;

  /** The item that they are made of, and what that owes. */
  readonly value: unknown;
  readonly delivery: Delivery | undefined;

  /** It is over, or is to be closed before its end. */
  readonly forget: (() => void) | undefined;
  readonly close: (() => Promise<void>) | undefined;
}

/**
 * Stages in a row. Nothing is asked for that is not needed for the next item.
 *
 * Invariant: one item is inside; `#at` is the stage whose promise is awaited, with `#value` and `#owed` of the item.
 */
export class Fused implements Pull {
  awaited: Promise<unknown> | undefined;
  delivery: Delivery | undefined;
  readonly #run: Run;
  readonly #stages: readonly FusedState[];

  /** The innermost feed, and those around it. */
  #feed: Feed;
  readonly #outer: Feed[] = [];

  /** The last `take` that has given all it gives: what stands before it is not asked any more. */
  #spent: number;

  /** From which stage on what waits for a full batch is to be given; `undefined` before the end. */
  #flushing: number | undefined;

  /** What is thrown once they are given. */
  #failure: { readonly error: unknown; readonly from: number } | undefined;

  /** The stage whose failure was treated last. */
  #treatedAt = 0;
  #at = atSource;
  #value: unknown;
  #owed: Delivery | undefined;

  constructor(source: Pull, stages: readonly FusedStage[], run: Run) {
    this.#run = run;
    this.#stages = stages.map((stage) => new FusedState(stage, run));
    this.#feed = { pull: source, at: 0, value: undefined, delivery: undefined, forget: undefined, close: undefined };
    this.#spent = this.#stages.findLastIndex(({ kind, left }) => kind === 'take' && left === 0);
  }

  next(): unknown {
    for (;;) {
      if (this.#flushing !== undefined && this.#outer.length === 0) {
        const flushed = this.#flush(this.#flushing);
        if (flushed !== dropped) return flushed;
        continue;
      }
      const out = this.#ask(this.#feed);
      if (out !== dropped) return out;
    }
  }

  take(settled: unknown): unknown {
    const at = this.#at;
    if (this.#run.scope.isClosed) {
      // An event that comes too late is handed back by whoever gives it.
      if (at === atSource) this.#feed.pull.take(settled);
      return over;
    }
    let out: unknown;
    if (at === atSource) out = this.#settle(settled, false);
    else if (at === atTreatment) out = dropped;
    else out = this.#resume(at, settled);
    return out === dropped ? this.next() : out;
  }

  fail(error: unknown): unknown {
    const at = this.#at;
    if (this.#run.scope.isClosed) return over;
    const out = at === atSource ? this.#settle(error, true) : this.#failed(error, at);
    return out === dropped ? this.next() : out;
  }

  #ask({ at, pull }: Feed): unknown {
    let raw: unknown;
    try {
      raw = at <= this.#spent ? over : pull.next();
    } catch (error) {
      return this.#broken(error);
    }
    return raw === waits ? this.#waitFor(pull) : this.#arrived(raw);
  }

  /** What the innermost feed waits for has settled. */
  #settle(settled: unknown, isError: boolean): unknown {
    const { pull } = this.#feed;
    let raw: unknown;
    try {
      raw = isError ? pull.fail(settled) : pull.take(settled);
    } catch (error) {
      return this.#broken(error);
    }
    return raw === waits ? this.#waitFor(pull) : this.#arrived(raw);
  }

  /** The innermost feed has failed: what `flatMap` has given fails for the item that it was made of. */
  #broken(error: unknown): unknown {
    const outer = this.#outer.pop();
    if (!outer) return this.#stop(error, 0);
    const { at, value, delivery, forget } = this.#feed;
    forget?.();
    this.#feed = outer;
    this.#value = value;
    this.#owed = delivery;
    return this.#failed(error, at - 1);
  }

  #await(promise: PromiseLike<unknown>, at: number): typeof waits {
    // What is not a promise of the language's may answer at once, or twice.
    this.awaited = Promise.resolve(promise);
    this.#at = at;
    return waits;
  }

  #waitFor({ awaited }: Pull): typeof waits {
    this.awaited = awaited;
    this.#at = atSource;
    return waits;
  }

  /** The innermost feed has given `raw`. */
  #arrived(raw: unknown): unknown {
    if (raw !== over) {
      const { at, pull, delivery } = this.#feed;
      if (!delivery) return this.#through(raw, at, pull.delivery);
      delivery.hold();
      return this.#through(raw, at, delivery);
    }
    const outer = this.#outer.pop();
    if (outer) return this.#leave(outer);
    // What waits for a full batch behind a spent `take` is given; before it nobody wants it.
    this.#flushing = this.#spent + 1;
    return dropped;
  }

  /** The innermost feed is over: `outer` goes on. */
  #leave(outer: Feed): unknown {
    const { at, delivery, forget, close } = this.#feed;
    this.#feed = outer;
    forget?.();
    delivery?.release();
    return at <= this.#spent && close ? this.#await(close(), atTreatment) : dropped;
  }

  /** Gives what the batches from stage `from` on have left; then it is over. */
  #flush(from: number): unknown {
    for (let i = from; i < this.#stages.length; i += 1) {
      const stage = this.#stages[i] as FusedState;
      if (stage.waiting.length === 0) continue;
      this.#flushing = i;
      return this.#through(stage.takeBatch(), i + 1, jointly(stage.takeOwed()));
    }
    const failure = this.#failure;
    // A `take` behind it may have been given all it wants.
    if (failure && failure.from > this.#spent) throw failure.error;
    return over;
  }

  /** Passes an item through the stages from `at` on. */
  #through(item: unknown, at: number, owed: Delivery | undefined): unknown {
    const stages = this.#stages;
    let value = item;
    let i = at;
    try {
      for (; i < stages.length; i += 1) {
        const stage = stages[i] as FusedState;
        switch (stage.kind) {
          case 'map': {
            const result = stage.fn(value, stage.index++);
            if (isThenable(result)) return this.#suspend(result, i, value, owed);
            value = result;
            break;
          }
          case 'filter': {
            const keeps = stage.fn(value, stage.index++);
            if (isThenable(keeps)) return this.#suspend(keeps, i, value, owed);
            if (!keeps) return this.#drop(owed);
            break;
          }
          case 'tap': {
            const done = stage.fn(value, stage.index++);
            if (isThenable(done)) return this.#suspend(done, i, value, owed);
            break;
          }
          case 'scan': {
            if (stage.isEmpty) {
              stage.isEmpty = false;
              stage.index += 1;
              stage.state = value;
              break;
            }
            const state = stage.fn(stage.state, value, stage.index++);
            if (isThenable(state)) return this.#suspend(state, i, value, owed);
            value = stage.state = state;
            break;
          }
          case 'flatMap': {
            const items = stage.fn(value, stage.index++);
            if (isThenable(items)) return this.#suspend(items, i, value, owed);
            return this.#enter(items, i + 1, value, owed);
          }
          case 'take':
            if ((stage.left -= 1) === 0) this.#spent = Math.max(this.#spent, i);
            break;
          case 'drop':
            if (stage.left > 0) {
              stage.left -= 1;
              return this.#drop(owed);
            }
            break;
          case 'batch':
            stage.keep(value, owed);
            if (stage.waiting.length < stage.left) return dropped;
            value = stage.takeBatch();
            owed = jointly(stage.takeOwed());
            break;
          case 'echo': {
            const sent = stage.fn(value, owed && eventOf(owed, value));
            if (isThenable(sent)) return this.#suspend(sent, i, value, owed);
            break;
          }
          case 'pair': {
            const key = stage.fn(value, stage.index++);
            if (isThenable(key)) return this.#suspend(key, i, value, owed);
            value = { key, value };
            break;
          }
          case 'enumerate':
            value = [stage.index++, value];
            break;
          case 'items':
            value = [keyOf(owed), value];
            break;
          case 'whole':
            value = owed && owed.events.length > 0 ? eventOf(owed, value) : new StreamEvent(value);
            break;
          case 'events':
            if (!owed || owed.events.length === 0) return this.#drop(owed);
            value = eventOf(owed, value);
        }
      }
    } catch (error) {
      this.#value = value;
      this.#owed = owed;
      return this.#failed(error, i);
    }
    this.delivery = owed;
    return value;
  }

  #suspend(promise: PromiseLike<unknown>, at: number, value: unknown, owed: Delivery | undefined): typeof waits {
    this.#value = value;
    this.#owed = owed;
    return this.#await(promise, at);
  }

  /** The function of stage `at` has given `settled` for the item that is inside. */
  #resume(at: number, settled: unknown): unknown {
    const stage = this.#stages[at] as FusedState;
    const value = this.#value;
    const owed = this.#owed;
    this.#value = undefined;
    switch (stage.kind) {
      case 'filter':
        return settled ? this.#through(value, at + 1, owed) : this.#drop(owed);
      case 'tap':
      case 'echo':
        return this.#through(value, at + 1, owed);
      case 'flatMap':
        try {
          return this.#enter(settled, at + 1, value, owed);
        } catch (error) {
          this.#value = value;
          return this.#failed(error, at);
        }
      case 'pair':
        return this.#through({ key: settled, value }, at + 1, owed);
      case 'scan':
        stage.state = settled;
        return this.#through(settled, at + 1, owed);
      default:
        return this.#through(settled, at + 1, owed);
    }
  }

  /** The items of `items` go through the stages from `at` on. */
  #enter(items: unknown, at: number, value: unknown, delivery: Delivery | undefined): typeof dropped {
    const source = new Source(checkedIterable('flatten what flatMap gives', items));
    const close = (): Promise<void> => source.close();
    const forget = this.#run.scope.add(close);
    this.#outer.push(this.#feed);
    this.#feed = { pull: new SourcePull(source, this.#run, true), at, value, delivery, forget, close };
    return dropped;
  }

  #drop(owed: Delivery | undefined): typeof dropped {
    owed?.release();
    return dropped;
  }

  /** The function of stage `at` has failed for the item that is inside, or its treatment has, if `at` is none. */
  #failed(error: unknown, at: number): unknown {
    const value = this.#value;
    this.#value = undefined;
    if (at === atTreatment) return this.#stop(error, this.#treatedAt + 1);
    this.#treatedAt = at;
    let treated: unknown;
    try {
      treated = treat(this.#run, error, value, this.#owed);
    } catch (reason) {
      return this.#stop(reason, at + 1);
    }
    return isThenable(treated) ? this.#await(treated, atTreatment) : dropped;
  }

  /** Ends with `error`, after what the batches from stage `from` on have: that came before it. */
  #stop(error: unknown, from: number): typeof dropped {
    this.#failure = { error, from };
    this.#flushing = Math.max(from, this.#spent + 1);
    // What is left in the feeds comes after it.
    this.#outer.length = 0;
    return dropped;
  }
}
