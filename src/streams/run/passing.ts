/** A stage that looks at what its source gives, and asks for nothing by itself. @module */

import type { Delivery } from './delivery.ts';
import type { Pull } from './pull.ts';

/** Waits for what its source waits for. */
export abstract class Passing implements Pull {
  protected readonly source: Pull;

  constructor(source: Pull) {
    this.source = source;
  }

  /** Gives what becomes of `given`: an item, the end, or what says that the source waits. */
  protected abstract pass(given: unknown): unknown;

  get awaited(): Promise<unknown> | undefined {
    return this.source.awaited;
  }

  get delivery(): Delivery | undefined {
    return this.source.delivery;
  }

  next(): unknown {
    return this.pass(this.source.next());
  }

  take(settled: unknown): unknown {
    return this.pass(this.source.take(settled));
  }

  fail(error: unknown): unknown {
    return this.pass(this.source.fail(error));
  }
}
