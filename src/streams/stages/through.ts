/** All items of a stream through a channel. @module */

import { isThenable } from '../../base/thenable.ts';
import { eventOf } from '../run/delivery.ts';
import type { Delivery } from '../run/delivery.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import { treat } from '../run/policy.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import type { Receiver } from '../run/sink.ts';
import { Source, SourcePull } from '../sources/source-pull.ts';

/** A channel that items are sent through. */
export interface Channel extends Receiver<unknown>, AsyncIterable<unknown> {}

/** The output of a channel; a channel in process can be told that no more is sent. */
interface Ending {
  end?(...error: [] | [unknown]): void;
}

/**
 * Sends the items of the source on by itself, and gives those of the channel. An item is acknowledged once it was sent. When
 * the source is over, a channel in process gives what was sent before, and then it is over as well.
 */
export class Through implements Pull, Asker {
  readonly #run: Run;
  readonly #source: Drive;
  readonly #channel: Channel;
  readonly #output: AsyncIterator<unknown> & Ending;
  readonly #results: SourcePull;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: Pull, run: Run, channel: Channel) {
    this.#run = run;
    this.#channel = channel;
    this.#source = new Drive(source, this);
    // Subscribed before anything is sent.
    const output = channel[Symbol.asyncIterator]() as AsyncIterator<unknown> & Ending;
    this.#output = output;
    const results = new Source({ [Symbol.asyncIterator]: () => output });
    run.scope.add(async () => results.close());
    this.#results = new SourcePull(results, run);
  }

  get awaited(): Promise<unknown> | undefined {
    return this.#results.awaited;
  }

  get delivery(): Delivery | undefined {
    return this.#results.delivery;
  }

  next(): unknown {
    if (this.#failure) throw this.#failure.error;
    this.#source.ask();
    return this.#results.next();
  }

  take(step: unknown): unknown {
    return this.#results.take(step);
  }

  fail(error: unknown): unknown {
    return this.#results.fail(error);
  }

  item(value: unknown, { pull }: Drive): void {
    const { delivery } = pull;
    void this.#send(value, delivery);
  }

  over(): void {
    this.#output.end?.();
  }

  failed(error: unknown): void {
    this.#failure = { error };
    // Pending calls of next() reject with the error after the items that were sent before.
    this.#output.end?.(error);
  }

  async #send(value: unknown, delivery: Delivery | undefined): Promise<void> {
    const isEvent = delivery !== undefined && delivery.events.length > 0;
    try {
      await this.#channel.receive(isEvent ? eventOf(delivery, value).copy(value) : value);
      delivery?.release();
    } catch (error) {
      if (this.#run.scope.isClosed) return;
      try {
        const treated = treat(this.#run, error, value, delivery);
        if (isThenable(treated)) await treated;
      } catch (reason) {
        return this.failed(reason);
      }
    }
    if (!this.#run.scope.isClosed) this.#source.ask();
  }
}
