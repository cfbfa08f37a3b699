/** The consumer's side of every stream: an async iterator that runs when it is asked, and is closed once. @module */

import type { AsyncItems } from '../base/async-items.ts';
import { compile } from './stages/compile.ts';
import { opens } from './sources/origin.ts';
import type { Origin } from './sources/origin.ts';
import type { Pull } from './run/pull.ts';
import { Reading } from './run/reading.ts';
import type { Run } from './run/run.ts';
import { settled } from './run/scope.ts';
import { Signalled } from './sources/signalled.ts';
import type { Stage } from './stages/stage.ts';

/**
 * A source and its stages. Nothing happens before the first `next()`, which makes one run of all stages, in the context in
 * which it is called.
 *
 * Invariant: there is one run at the most; what comes after its end is that it is over.
 */
export abstract class BaseStream<T> implements AsyncItems<T, undefined>, AsyncDisposable {
  /** @internal */
  readonly origin: Origin;

  /** @internal */
  readonly stages: readonly Stage[];
  #reading: Reading | undefined;

  /** Whether the items go to another stream. */
  #isPart = false;

  /** @internal */
  constructor(origin: Origin, stages: readonly Stage[]) {
    this.origin = origin;
    this.stages = stages;
  }

  /**
   * The next item. Calls that overlap are served in order. To ask for an item is to have done with the one before, which is
   * acknowledged then.
   */
  next(): Promise<IteratorResult<T, undefined>> {
    const reading = this.#reading ?? this.run();
    return reading.next() as Promise<IteratorResult<T, undefined>>;
  }

  /** Ends the stream, as leaving a loop does. The item that the consumer has is not acknowledged, and no other one is. */
  async return(): Promise<IteratorResult<T, undefined>> {
    await this.close();
    return { value: undefined, done: true };
  }

  /**
   * Ends the stream: pending `next()` are done, calls of wrapped functions are aborted, events that were not acknowledged are
   * handed back in order, and every source is closed, once. Resolves when all of that is done, but does not wait for a
   * generator that awaits an item itself. May be called again, and on a stream that this one was made of.
   *
   * @throws What closing the sources throws: the first error, after all were closed.
   */
  async close(): Promise<void> {
    if (!this.#isPart) this.run();
    await this.origin.close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Gives its items to `run`, which closes its sources; nothing, if it has begun by itself.
   *
   * @internal
   */
  asPart(run: Run): Pull | undefined {
    if (this.#reading) return undefined;
    this.#isPart = true;
    const { policy, maxSize, signal } = this.origin.options;
    const { scope, deliveries } = run;
    const part: Run = {
      scope,
      deliveries,
      policy,
      maxSize,
      close: async () => run.close(),
      get signal() {
        return run.signal;
      },
    };
    // It is not waited for: the run closes this stream in its turn.
    scope.add(this.origin.join(async () => void settled(part.close)));
    const pull = compile(this.origin.open(part), this.stages, part);
    return signal ? new Signalled(pull, part, signal) : pull;
  }

  /**
   * Whether it was asked for an item, or closed.
   *
   * @internal
   */
  get hasBegun(): boolean {
    return this.#reading !== undefined;
  }

  /**
   * The run, which begins with this; with `isHeld` events are acknowledged at its end only, all together.
   *
   * @internal
   */
  run(isHeld = false): Reading {
    const reading = (this.#reading ??= this.#begin());
    if (isHeld) reading.deliveries.isHeld = true;
    return reading;
  }

  #begin(): Reading {
    const { origin, stages } = this;
    const reading = new Reading({
      ...origin.options,
      open: (run) => {
        const source = origin.open(run);
        run.scope.add(async () => run.deliveries.close());
        return compile(source, stages, run);
      },
    });
    reading.scope.add(origin.join(async () => reading.close()));
    return reading;
  }

  static {
    Object.defineProperty(this.prototype, opens, {
      value(this: BaseStream<unknown>, run: Run) {
        return this.asPart(run);
      },
    });
  }
}
