/** Asks JetStream for messages. @module */

import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import type { NatsMessage, NatsSubscription } from '../../nats/client-types.ts';
import type { Connection } from './connection.ts';
import type { Bound } from './consumer-config.ts';
import { statusOf } from './messages.ts';
import { natsPackages } from './packages.ts';
import { within } from '../../base/pause.ts';
import { askTime } from './patience.ts';

/** How long the server keeps a question for messages, and how often it says that it is there, in milliseconds. */
const pullTime = 30_000;
const heartbeat = 5000;

/** How often the server is asked to look at its questions until it has. */
const looks = 3;

/** Told what comes. */
export interface PullListener {
  message(message: NatsMessage): void;

  /** The consumer of the server may be another one, or away. */
  doubtful(why: 'gone' | 'later' | 'silent'): void;
  failed(error: unknown): void;
}

/**
 * Asks the server for as many messages as are wanted, and no more.
 *
 * Invariant: the server was asked for no more messages than are wanted, but for those of a question that it may have lost.
 */
export class Pulls {
  readonly #connection: Connection;
  readonly #listener: PullListener;
  #bound: Bound | undefined;
  #subscription: NatsSubscription | undefined;
  #inbox = '';

  /** How many messages are wanted, and how many of them the server was asked for. */
  #wanted = 0;
  #asked = 0;
  #silence: Later | undefined;
  #heardAt = 0;

  constructor(connection: Connection, listener: PullListener) {
    this.#connection = connection;
    this.#listener = listener;
  }

  want(count: number): void {
    this.#wanted += count;
    this.#ask();
  }

  /** A message has come that is not given to anybody: another one is wanted instead. */
  ask(): void {
    this.#ask();
  }

  /** A message was given. */
  given(): void {
    this.#wanted -= 1;
  }

  /** Asks this consumer of the server from now on, or nobody. */
  bind(bound: Bound | undefined): void {
    this.#bound = bound;
    this.#asked = 0;
    this.#ask();
  }

  /** Begins to listen. */
  async open(): Promise<void> {
    const { connection } = await this.#connection.open();
    const inbox = (this.#inbox = natsPackages().createInbox());
    this.#subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (inbox !== this.#inbox) return;
        if (error) this.#listener.failed(brokerError('Cannot consume', error));
        else this.#hear(message);
      },
    });
    this.#asked = 0;
    this.#watch();
    this.#ask();
  }

  /** No more messages come after this; those that are on their way are there. */
  async drain(look: () => Promise<void>): Promise<void> {
    this.#silence?.cancel();
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (!subscription) return;
    if (!this.#connection.isUp) return subscription.unsubscribe();
    // One that says nothing is not asked more.
    if (!(await within(askTime, subscription.drain()))) return;
    // The server gives the next message that is handed back to a question that nobody listens to any more, and to nobody then,
    // unless it has looked at its questions.
    for (let tries = 0; tries < looks && this.#connection.isUp; tries += 1) if (!(await settled(look))) return;
  }

  #hear(message: NatsMessage): void {
    this.#heardAt = now();
    if (message.reply === undefined || message.reply === '') return this.#hearStatus(message);
    if (this.#asked > 0) this.#asked -= 1;
    this.#listener.message(message);
  }

  #hearStatus(message: NatsMessage): void {
    const { status, left } = statusOf(message);
    if (status === 'beat') return;
    this.#asked = Math.max(0, this.#asked - left);
    if (status === 'over') return this.#ask();
    if (status !== 'refused') return this.#listener.doubtful(status);
    const { code, description } = message.headers ?? {};
    this.#listener.failed(new OffloopError('ERR_OFFLOOP_BROKER', `The server refused: ${code} ${description}`));
  }

  #ask(): void {
    const bound = this.#bound;
    if (!bound || !this.#subscription || !this.#connection.isUp) return;
    // A consumer that somebody else has made may have limits.
    for (let left = this.#wanted - this.#asked; left > 0; left = this.#wanted - this.#asked) {
      const batch = Math.min(left, bound.maxBatch);
      this.#asked += batch;
      void this.#pull(batch, bound, this.#inbox);
    }
  }

  async #pull(batch: number, { stream, name, maxExpires }: Bound, inbox: string): Promise<void> {
    const time = Math.min(pullTime, maxExpires);
    const failure = await settled(async () => {
      const { connection } = await this.#connection.open();
      const question = { batch, expires: time * 1e6, idle_heartbeat: Math.min(heartbeat, time / 2) * 1e6 };
      connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, JSON.stringify(question), { reply: inbox });
    });
    if (failure) this.#asked = 0;
  }

  /** A server that says nothing for two beats may have lost the question. */
  #watch(): void {
    this.#silence?.cancel();
    this.#silence = after(heartbeat, () => {
      if (!this.#subscription) return;
      if (this.#asked > 0 && now() - this.#heardAt >= 2 * heartbeat) this.#listener.doubtful('silent');
      this.#watch();
    });
  }
}
