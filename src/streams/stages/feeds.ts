/** The sources of stages in a row: the stream's own, and the iterables that a `flatMap` among them gives. @module */

import { checkedIterable } from '../arguments/iterables.ts';
import type { Delivery } from '../run/delivery.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import { Source, SourcePull } from '../sources/source-pull.ts';

/** Items that enter the stages at `at`. */
export interface Feed {
  readonly pull: Pull;
  readonly at: number;

  /** The item that they are made of, and what that owes. */
  readonly value: unknown;
  readonly delivery: Delivery | undefined;

  /** The feed is over. */
  forget(): void;

  /** Closes it before its end. */
  close(): unknown;
}

/**
 * Feeds inside each other.
 *
 * Invariant: items are taken from the innermost one until that is over.
 */
export class Feeds {
  readonly #run: Run;
  readonly #outer: Feed[] = [];
  innermost: Feed;

  constructor(source: Pull, run: Run) {
    this.#run = run;
    this.innermost = { pull: source, at: 0, value: undefined, delivery: undefined, forget: nothing, close: nothing };
  }

  /** Whether items come from the source itself. */
  get isOutermost(): boolean {
    return this.#outer.length === 0;
  }

  /**
   * The items of `items`, which were made of `value`, come next.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it is no iterable.
   */
  enter(items: unknown, at: number, value: unknown, delivery: Delivery | undefined): void {
    const source = new Source(checkedIterable('flatten what flatMap gives', items));
    const close = async (): Promise<void> => source.close();
    const forget = this.#run.scope.add(close);
    this.#outer.push(this.innermost);
    this.innermost = { pull: new SourcePull(source, this.#run, true), at, value, delivery, forget, close };
  }

  /** The innermost feed has ended, and the one around it goes on. Gives what has ended; nothing if that is the source. */
  leave(): Feed | undefined {
    const outer = this.#outer.pop();
    if (!outer) return undefined;
    const left = this.innermost;
    this.innermost = outer;
    left.forget();
    return left;
  }

  /** No more is taken from any of them. */
  clear(): void {
    this.#outer.length = 0;
  }
}

const nothing = (): undefined => undefined;
