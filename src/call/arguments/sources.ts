/** The iterable arguments of a call: they stay on the main side, and their items are sent to the thread. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { IterableTicket } from '../../codec/live/iterables.ts';
import type { Failure } from '../../channel/adapters/adapter.ts';
import { noteLent } from './refused.ts';
import { Source } from './source.ts';
import type { SourceLine } from './source.ts';

/** Runs a function in the context of the call whose iterables they are. */
export type RunIn = (run: () => unknown) => unknown;

/** The call to which the arguments belong. */
export interface Lender {
  /** Called when an iterable argument has failed by itself. */
  sourceFailed(error: unknown): void;
}

/**
 * The iterables of one call.
 *
 * Invariant: after `close` each is closed or being closed, and none is asked for items.
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

  /** Makes the ticket that is sent to the thread in place of `iterable`. */
  exportIterable(iterable: object): IterableTicket {
    const id = this.#sources.size + 1;
    const source = new Source(id, iterable, (error) => {
      if (!this.#closing) this.#lender.sourceFailed(error);
    });
    noteLent(iterable);
    this.#sources.set(source.ticket.id, source);
    return source.ticket;
  }

  /** Whether the thread waits for an iterable, or would have to wait for its next item. */
  get isAwaited(): boolean {
    return [...this.#sources.values()].some((source) => source.isAwaited);
  }

  /**
   * Called when the thread asks for items of the source `id`, or has left its loop. `around` runs all code of the
   * source.
   */
  ask(id: number, line: SourceLine, around: RunIn): void {
    const source = this.#sources.get(id);
    if (!source || this.#closing) return;
    if (source.isBegun) source.ask(line);
    else this.#runIn(() => around(() => source.ask(line)));
  }

  /** Wakes a thread that blocks for an item, to see that its call was given up. */
  wake(): void {
    for (const source of this.#sources.values()) source.wake();
  }

  /**
   * Called when the call is over. Resolves once all are closed, with the error to reject the call with if it returned.
   */
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
