/** The calls that wait for a thread. @module */

import type { Call } from '../lane/call.ts';

/** Calls of one priority, first come, first served. */
class Line {
  readonly priority: number;
  #items: (Call | undefined)[] = [];
  #head = 0;

  constructor(priority: number) {
    this.priority = priority;
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
 * Strict first in, first out within a priority; higher priorities first. A call that has settled is passed over.
 *
 * Invariant: `size` counts the calls that wait, without those that {@link CallQueue.forget} was told of.
 */
export class CallQueue {
  #lines: Line[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(call: Call): void {
    this.#line(call.plan.priority).push(call);
    this.#size += 1;
  }

  /** Puts `call` before all others of its priority. */
  unshift(call: Call): void {
    this.#line(call.plan.priority).unshift(call);
    this.#size += 1;
  }

  /** The call that is next; with `other`, unless that queue's next one goes before it. */
  peek(other?: CallQueue): Call | undefined {
    return this.#before(other).#first()?.peek();
  }

  /** Takes the call that is next. */
  take(other?: CallQueue): Call | undefined {
    const queue = this.#before(other);
    const taken = queue.#first()?.shift();
    if (taken) queue.#size -= 1;
    return taken;
  }

  /** A call of this queue has settled while it waited. */
  forget(): void {
    this.#size -= 1;
  }

  /** All that wait, by priority. */
  *calls(): Iterable<Call> {
    for (const line of this.#lines) yield* line.calls();
  }

  /** Which of the two has the call that goes first. */
  #before(other: CallQueue | undefined): CallQueue {
    const rival = other?.peek();
    const own = this.#first()?.peek();
    return other && rival && (!own || goesBefore(rival, own)) ? other : this;
  }

  #first(): Line | undefined {
    return this.#lines.find((line) => line.peek());
  }

  #line(priority: number): Line {
    const at = this.#lines.findIndex((line) => line.priority <= priority);
    const found = this.#lines[at];
    if (found?.priority === priority) return found;
    const line = new Line(priority);
    this.#lines.splice(at < 0 ? this.#lines.length : at, 0, line);
    return line;
  }
}

function goesBefore(a: Call, b: Call): boolean {
  return a.plan.priority === b.plan.priority ? a.order < b.order : a.plan.priority > b.plan.priority;
}
