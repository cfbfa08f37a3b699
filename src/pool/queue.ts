/** The calls that wait for a thread. @module */

import { Keeper } from '../base/clock.ts';
import type { Call, CallHolder } from '../call/call.ts';

/** Told of calls that wait. */
export interface QueueListener {
  /** One was given up. */
  onForgotten(): void;
}

/** Calls of one rank, first come, first served. */
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

  *calls(): Iterable<Call> {
    for (const call of this.#items) if (call && !call.settled) yield call;
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
 * Strict first in, first out within a priority; higher priorities first. Calls that another call waits for go before all
 * others, the innermost first. A call that has settled is passed over.
 *
 * Invariant: `size` counts the calls that wait.
 */
export class CallQueue implements CallHolder {
  #lines: Line[] = [];
  #size = 0;

  /** How many of them nothing else keeps the process alive for, and what does. */
  #held = 0;
  readonly #keeper = new Keeper();
  #isHopeless = false;
  readonly #listener: QueueListener;

  constructor(listener: QueueListener) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether the threads that its calls wait for wait without end: then they keep the process alive no more than those. */
  set isHopeless(isHopeless: boolean) {
    if (this.#isHopeless === isHopeless) return;
    this.#isHopeless = isHopeless;
    this.#hold();
  }

  push(call: Call): void {
    this.#line(call).push(call);
    this.#add(call);
  }

  /** Puts `call` before all others of its rank. */
  unshift(call: Call): void {
    this.#line(call).unshift(call);
    this.#add(call);
  }

  /** The call that is next; with `other`, unless that queue's next one goes before it. */
  peek(other?: CallQueue): Call | undefined {
    return this.#before(other).#first()?.peek();
  }

  /** Whether `call`, which does not wait here yet, goes before all that do. */
  isFirst(call: Call): boolean {
    const next = this.#size > 0 ? this.peek() : undefined;
    return !next || goesBefore(call, next);
  }

  /** Takes the call that is next. */
  take(other?: CallQueue): Call | undefined {
    const queue = this.#before(other);
    const taken = queue.#first()?.shift();
    if (taken) queue.#remove(taken);
    return taken;
  }

  /** Takes all calls that another call waits for. */
  takeNested(): Call[] {
    const nested = this.#lines.filter(({ depth }) => depth > 0).flatMap((line) => [...line.calls()]);
    this.#lines = this.#lines.filter(({ depth }) => depth === 0);
    for (const call of nested) this.#remove(call);
    return nested;
  }

  /** A call of this queue was given up. */
  gone(call: Call): void {
    this.#remove(call);
    this.#listener.onForgotten();
  }

  /** All that wait, by rank. */
  *calls(): Iterable<Call> {
    for (const line of this.#lines) yield* line.calls();
  }

  #add(call: Call): void {
    this.#size += 1;
    call.holder = this;
    call.limits?.waiting();
    if (call.stream) return;
    // The threads may all be held by generators that wait for their consumers, and keep no process alive.
    this.#held += 1;
    if (this.#held === 1) this.#hold();
  }

  #remove(call: Call): void {
    this.#size -= 1;
    if (call.stream) return;
    this.#held -= 1;
    if (this.#held === 0) this.#hold();
  }

  #hold(): void {
    if (this.#held > 0 && !this.#isHopeless) this.#keeper.hold();
    else this.#keeper.letGo();
  }

  /** Which of the two has the call that goes first. */
  #before(other: CallQueue | undefined): CallQueue {
    if (!other || other.#size === 0) return this;
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

/** Above zero if `line` goes before the line of `call`, zero if it is that. */
function rank(line: Line, call: Call): number {
  return line.depth - call.depth || line.priority - call.plan.priority;
}

/** Whether `a` is to start before `b`. */
export function goesBefore(a: Call, b: Call): boolean {
  return (b.depth - a.depth || b.plan.priority - a.plan.priority || a.order - b.order) < 0;
}
