/** The calls that wait for a thread. @module */

import type { Call } from '../lane/call.ts';

/** A place in the line. */
interface Waiting {
  readonly call: Call;
  readonly order: number;
}

/** Calls of one priority, first come, first served. */
class Line {
  readonly priority: number;
  #items: (Waiting | undefined)[] = [];
  #head = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  push(waiting: Waiting): void {
    this.#items.push(waiting);
  }

  unshift(waiting: Waiting): void {
    if (this.#head > 0) this.#items[(this.#head -= 1)] = waiting;
    else this.#items.unshift(waiting);
  }

  /** The first call that still waits; those that have settled meanwhile are dropped. */
  peek(): Waiting | undefined {
    while (this.#head < this.#items.length) {
      const first = this.#items[this.#head];
      if (first && !first.call.settled) return first;
      this.#drop();
    }
    return undefined;
  }

  shift(): Waiting | undefined {
    const first = this.peek();
    if (first) this.#drop();
    return first;
  }

  *calls(): Iterable<Call> {
    for (const waiting of this.#items) if (waiting && !waiting.call.settled) yield waiting.call;
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

  push(call: Call, order: number): void {
    this.#line(call.plan.priority).push({ call, order });
    this.#size += 1;
  }

  /** Puts `call` before all others of its priority. */
  unshift(call: Call): void {
    this.#line(call.plan.priority).unshift({ call, order: -1 });
    this.#size += 1;
  }

  /** The call that is next; with `other`, unless that queue's next one goes before it. */
  take(other?: CallQueue): Call | undefined {
    const line = this.#first();
    const rival = other ? other.#first() : undefined;
    if (other && rival && (!line || goesBefore(rival, line))) return other.take();
    const taken = line?.shift();
    if (taken) this.#size -= 1;
    return taken?.call;
  }

  /** A call of this queue has settled while it waited. */
  forget(): void {
    this.#size -= 1;
  }

  /** All that wait, by priority. */
  *calls(): Iterable<Call> {
    for (const line of this.#lines) yield* line.calls();
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

function goesBefore(a: Line, b: Line): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return (a.peek()?.order ?? Infinity) < (b.peek()?.order ?? Infinity);
}
