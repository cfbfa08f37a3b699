/** The calls that wait for a thread. @module */

import { Keeper } from '../base/clock.ts';
import type { Call, CallHolder } from '../call/call.ts';

/** Receives the events of a queue. */
export interface QueueListener {
  /** Called before a waiting call is given up. */
  onSeek?(call: Call): void;

  /** Called when a waiting call was given up. */
  onForgotten(): void;
}

/** The calls with one depth and priority, first come, first served. */
class Line {
  readonly depth: number;
  readonly priority: number;
  #items: (Call | undefined)[] = [];
  #head = 0;

  constructor({ depth, plan }: Call) {
    this.depth = depth;
    this.priority = plan.priority;
  }

  push(call: Call): void {
    this.#items.push(call);
  }

  unshift(call: Call): void {
    if (this.#head > 0) this.#items[(this.#head -= 1)] = call;
    else this.#items.unshift(call);
  }

  /** The first call that still waits; those that have settled meanwhile are dropped. */
  peek(): Call | undefined {
    while (this.#head < this.#items.length) {
      const first = this.#items[this.#head];
      if (first && !first.settled) return first;
      this.#drop();
    }
    return undefined;
  }

  shift(): Call | undefined {
    const first = this.peek();
    if (first) this.#drop();
    return first;
  }

  remove(call: Call): void {
    if (this.peek() === call) return this.#drop();
    const at = this.#items.indexOf(call);
    if (at >= 0) this.#items[at] = undefined;
  }

  *calls(): Iterable<Call> {
    // By index: an iterator would begin with the calls that have left, of which there may be a thousand.
    const items = this.#items;
    for (let at = this.#head; at < items.length; at += 1) {
      const call = items[at];
      if (call && !call.settled) yield call;
    }
  }

  #drop(): void {
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head < 1024 || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

/**
 * A queue: higher priorities first, and strictly first in, first out within a priority. Nested calls, for which another
 * call waits, go before all others, the deepest first. Calls that have settled are skipped.
 *
 * Invariant: `size` counts the calls that wait.
 */
export class CallQueue implements CallHolder {
  /** How many calls wait. A field, not an accessor, because each call reads it; only this class writes it. */
  size = 0;

  /** How many of them are not offered to threads. A field as `size` is. */
  unoffered = 0;

  #lines: Line[] = [];

  /** How many of the calls have to keep the process alive, and the timer that does so. */
  #held = 0;
  readonly #keeper = new Keeper();
  #isHopeless = false;
  readonly #listener: QueueListener;

  constructor(listener: QueueListener) {
    this.#listener = listener;
  }

  /**
   * Whether all threads for these calls wait without a timeout: then the calls do not keep the process alive either.
   */
  set isHopeless(isHopeless: boolean) {
    if (this.#isHopeless === isHopeless) return;
    this.#isHopeless = isHopeless;
    this.#hold();
  }

  push(call: Call): void {
    this.#line(call).push(call);
    this.#add(call);
  }

  /** Puts `call` before all others of its depth and priority. */
  unshift(call: Call): void {
    this.#line(call).unshift(call);
    this.#add(call);
  }

  /** The next call; with `other`, the next call of both queues. */
  peek(other?: CallQueue): Call | undefined {
    return this.#before(other).#first()?.peek();
  }

  /** Whether `call`, which is not in the queue, would go before all calls in it. */
  isFirst(call: Call): boolean {
    const next = this.size > 0 ? this.peek() : undefined;
    return !next || goesBefore(call, next);
  }

  /** Takes the next call; with `other`, the next call of both queues. */
  take(other?: CallQueue): Call | undefined {
    const queue = this.#before(other);
    const taken = queue.#first()?.shift();
    if (taken) queue.#remove(taken);
    return taken;
  }

  /** Removes `call`, which waits. */
  remove(call: Call): void {
    this.#line(call).remove(call);
    this.#remove(call);
  }

  /** Takes all nested calls. */
  takeNested(): Call[] {
    const nested = this.#lines.filter(({ depth }) => depth > 0).flatMap((line) => [...line.calls()]);
    this.#lines = this.#lines.filter(({ depth }) => depth === 0);
    for (const call of nested) this.#remove(call);
    return nested;
  }

  /** Called before a call of this queue is given up. */
  seek(call: Call): void {
    this.#listener.onSeek?.(call);
  }

  /** Called when a call of this queue was given up. */
  gone(call: Call): void {
    this.#remove(call);
    this.#listener.onForgotten();
  }

  /** All calls, in the order in which they will be taken. */
  *calls(): Iterable<Call> {
    for (const line of this.#lines) yield* line.calls();
  }

  #add(call: Call): void {
    this.size += 1;
    if (!call.isOffered) this.unoffered += 1;
    call.holder = this;
    call.limits?.waiting();
    if (call.stream) return;
    // All threads may be occupied by generators that wait for their consumers and do not keep the process alive.
    this.#held += 1;
    if (this.#held === 1) this.#hold();
  }

  #remove(call: Call): void {
    this.size -= 1;
    if (!call.isOffered) this.unoffered -= 1;
    if (call.stream) return;
    this.#held -= 1;
    if (this.#held === 0) this.#hold();
  }

  #hold(): void {
    if (this.#held > 0 && !this.#isHopeless) this.#keeper.hold();
    else this.#keeper.letGo();
  }

  /** The queue, of this one and `other`, whose next call goes first. */
  #before(other: CallQueue | undefined): CallQueue {
    if (!other || other.size === 0) return this;
    const rival = other.peek();
    const own = this.#first()?.peek();
    return rival && (!own || goesBefore(rival, own)) ? other : this;
  }

  #first(): Line | undefined {
    for (const line of this.#lines) if (line.peek()) return line;
    return undefined;
  }

  #line(call: Call): Line {
    const at = this.#lines.findIndex((line) => rank(line, call) <= 0);
    const found = this.#lines[at];
    if (found && rank(found, call) === 0) return found;
    const line = new Line(call);
    this.#lines.splice(at < 0 ? this.#lines.length : at, 0, line);
    return line;
  }
}

/** Above zero if `line` goes before the line of `call`; zero if it is the line of `call`. */
function rank(line: Line, call: Call): number {
  return line.depth - call.depth || line.priority - call.plan.priority;
}

/** Whether `a` has to start before `b`. */
export function goesBefore(a: Call, b: Call): boolean {
  return (b.depth - a.depth || b.plan.priority - a.plan.priority || a.order - b.order) < 0;
}
