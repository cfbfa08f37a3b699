/** All items of a stream through a channel. @module */

import { isThenable } from '../../base/thenable.ts';
import { eventOf } from '../run/delivery.ts';
import type { Delivery } from '../run/delivery.ts';
import { Drive } from '../run/drive.ts';
import { Driven } from '../run/driven.ts';
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
export class Through extends Driven {
  readonly #run: Run;
  readonly #sender: Drive;
  readonly #channel: Channel;
  readonly #output: AsyncIterator<unknown> & Ending;

  /** Whether the channel has not taken the last item yet: no other one is asked for. */
  #isSending = false;

  /** The error of the sender, which comes after what the channel has taken. */
  #broke: { readonly error: unknown } | undefined;

  constructor(source: Pull, run: Run, channel: Channel) {
    // Subscribed before anything is sent.
    const output = channel[Symbol.asyncIterator]() as AsyncIterator<unknown> & Ending;
    // A generator that awaits an item is not waited for when it is closed: it has to be known as one.
    const results = new Source(isIterable(output) ? output : { [Symbol.asyncIterator]: () => output });
    run.scope.add(async () => results.close());
    super([new SourcePull(results, run)]);
    this.#run = run;
    this.#channel = channel;
    this.#output = output;
    this.#sender = new Drive(source, {
      item: (value) => void this.#send(value, this.#sender.pull.delivery),
      over: () => this.#output.end?.(),
      failed: (error) => this.#broken(error),
    });
  }

  protected ask(): void {
    if (!this.#isSending) this.#sender.ask();
    this.sources[0]?.ask();
  }

  /** Where the program ends the channel, the item that is being sent may be refused: the end waits for that. */
  protected override look(): unknown {
    const isOver = this.sources.every((source) => source.isOver);
    return isOver && this.#isSending && !this.hasArrived ? this.wait() : super.look();
  }

  override over(): void {
    if (this.#broke) this.failed(this.#broke.error);
    else super.over();
  }

  /** Of a channel in process the error comes after the items that were sent before; any other may be silent for ever. */
  #broken(error: unknown): void {
    const isOver = this.sources.every((source) => source.isOver);
    if (!this.#output.end || isOver) return this.failed(error);
    // One that the program has ended itself takes no error any more: then that comes with its end.
    this.#broke ??= { error };
    this.#output.end(error);
  }

  async #send(value: unknown, delivery: Delivery | undefined): Promise<void> {
    this.#isSending = true;
    await this.#deliver(value, delivery);
    this.#isSending = false;
    if (this.#run.scope.isClosed) return;
    if (!this.#broke) this.#sender.ask();
    this.wake();
  }

  async #deliver(value: unknown, delivery: Delivery | undefined): Promise<void> {
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
        this.#broken(reason);
      }
    }
  }
}

function isIterable(output: object): output is AsyncIterable<unknown> {
  return Symbol.asyncIterator in output;
}
