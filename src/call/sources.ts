/** The iterables among the arguments of a call: they stay on the main side, and give their items to the thread. @module */

import { Promise } from '../base/intrinsics.ts';
import type { IterableTicket } from '../codec/iterables.ts';
import type { Failure } from '../channel/held-way.ts';
import { noteLent } from './refused.ts';
import { Source } from './source.ts';
import type { SourceLine } from './source.ts';

/** How what it is given is run: in the context of the call that lends. */
export type RunIn = (run: () => unknown) => unknown;

/** Whose arguments they are. */
export interface Lender {
  /** An iterable among them has failed by itself. */
  sourceFailed(error: unknown): void;
}

/**
 * The iterables that one call lent to its thread.
 *
 * Invariant: after `close` each is closed or being closed, and none is asked any more.
 */
export class Sources {
  readonly #sources = new Map<number, Source>();
  readonly #runIn: RunIn;
  readonly #lender: Lender;
  #closing: Promise<Failure | undefined> | undefined;

  constructor(runIn: RunIn, lender: Lender) {
    this.#runIn = runIn;
    this.#lender = lender;
  }

  /** What the thread is given for `iterable`. */
  exportIterable(iterable: object): IterableTicket {
    const id = this.#sources.size + 1;
    const source = new Source(id, iterable, (error) => {
      if (!this.#closing) this.#lender.sourceFailed(error);
    });
    noteLent(iterable);
    this.#sources.set(source.ticket.id, source);
    return source.ticket;
  }

  /** Whether the thread waits for an item, or will as soon as it wants one. */
  get isAwaited(): boolean {
    return [...this.#sources.values()].some((source) => source.isAwaited);
  }

  /** The thread wants items of the source `id`, or has left its loop. `around` is run around all that the source does. */
  ask(id: number, line: SourceLine, around: RunIn): void {
    const source = this.#sources.get(id);
    if (!source || this.#closing) return;
    if (source.isBegun) source.ask(line);
    else this.#runIn(() => around(() => source.ask(line)));
  }

  /** Lets the thread see that its call was given up. */
  wake(): void {
    for (const source of this.#sources.values()) source.wake();
  }

  /** The call is over. Resolves, once all are closed, with what is to be thrown for them if it has returned. */
  close(): Promise<Failure | undefined> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<Failure | undefined> {
    const closings = Array.from(
      this.#sources.values(),
      (source) => this.#runIn(() => source.close()) as ReturnType<Source['close']>,
    );
    const failures = await Promise.all(closings);
    return failures.find((failure) => failure !== undefined);
  }
}
