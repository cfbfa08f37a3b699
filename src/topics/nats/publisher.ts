/** Sends messages to JetStream, again and again until they are stored. @module */

import { after, now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { brokerError } from '../broker-error.ts';
import { Deadlines } from '../deadlines.ts';
import type { Due } from '../deadlines.ts';
import type { OutgoingMessage, Placed } from '../transport.ts';
import type { Connection, ConnectionListener, Link } from './connection.ts';
import { natsHeadersOf } from './headers.ts';
import type { NatsHeaders } from '../../nats/client-types.ts';
import { UnreachableError } from './reach.ts';
import { requestTime } from '../../nats/connect.ts';
import { storedAnswerIn } from '../../nats/stored-answer.ts';
import type { Streams } from './streams.ts';

/** A message that was not confirmed. */
interface Pending extends Due {
  readonly message: OutgoingMessage;
  readonly subject: string;
  readonly headers: NatsHeaders;

  /** How often it was sent: an answer to an earlier time is as good, a failure of one is not. */
  tries: number;
  failure: unknown;
  resolve(placed: Placed): void;
  reject(reason: unknown): void;
}

/** How long to wait before messages are sent again, in milliseconds: many fail at a time. */
const breath = 100;

/**
 * One that was sent while the server was away is lost. So all that is not confirmed is sent again, in order, when the server
 * is back, and when it has not answered for a while; it is stored once, since its id stays the same.
 *
 * Invariant: `#pending` is in the order of the calls.
 */
export class Publisher implements ConnectionListener {
  readonly #connection: Connection;
  readonly #streams: Streams;
  readonly #pending = new Deadlines<Pending>((pending) => this.#expire(pending));
  #release: (() => void) | undefined;
  #isAgain = false;
  #isSoon = false;

  constructor(connection: Connection, streams: Streams) {
    this.#connection = connection;
    this.#streams = streams;
  }

  send(message: OutgoingMessage, timeout: number): Promise<Placed> {
    return new Promise<Placed>((resolve, reject) => {
      const headers = natsHeadersOf(message);
      const pending: Pending = {
        message,
        subject: message.topic,
        headers,
        deadline: now() + timeout,
        tries: 0,
        failure: undefined,
        resolve,
        reject,
      };
      if (this.#pending.size === 0) this.#release = this.#connection.use(this);
      this.#pending.add(pending);
      void this.#sendFirst(pending);
    });
  }

  lost(): void {}

  /** What waits goes over a connection that is made anew. */
  ended(): void {
    void this.#sendAllAgain();
  }

  back(): void {
    void this.#sendAllAgain();
  }

  close(): void {
    const text = 'Cannot send: the NATS transport was closed';
    for (const pending of this.#pending) this.#refuse(pending, new OffloopError('ERR_OFFLOOP_CLOSED', text));
  }

  async #sendFirst(pending: Pending): Promise<void> {
    try {
      const link = await this.#connection.open();
      await this.#streams.nameOf(pending.message.topic, pending.deadline);
      // Messages that are sent again go first, and this one with them.
      if (this.#isAgain || !this.#connection.isUp || pending.tries > 0) return;
      this.#send(link, pending);
    } catch (error) {
      this.#refuse(pending, error);
    }
  }

  #send({ connection }: Link, pending: Pending): void {
    const { message, headers, subject } = pending;
    pending.tries += 1;
    const { tries } = pending;
    void this.#answer(pending, tries, async () =>
      connection.request(subject, message.value ?? undefined, { headers, timeout: requestTime }),
    );
  }

  async #answer(pending: Pending, tries: number, ask: () => Promise<{ readonly data: Uint8Array }>): Promise<void> {
    try {
      const { data } = await ask();
      const answer = storedAnswerIn(data);
      // The one of the server is not known.
      if (!answer) throw new UnreachableError('somebody else has answered in place of JetStream');
      if (answer.seq !== undefined) {
        if (this.#end(pending)) pending.resolve({ partition: 0, position: answer.seq });
        return;
      }
      const { topic } = pending.message;
      const refusal = brokerError(
        `Cannot send to the topic ${topic}`,
        new Error(answer.error.description || 'no reason is given'),
      );
      // The server says so where it has no leader, or no room for the moment.
      if (answer.error.code === 503) throw refusal;
      return this.#refuse(pending, refusal);
    } catch (error) {
      if (!this.#pending.has(pending) || pending.tries !== tries) return;
      pending.failure = error;
      if (!isPassing(error))
        return this.#refuse(pending, brokerError(`Cannot send to the topic ${pending.message.topic}`, error));
      // The stream may be gone.
      if (/responders/i.test(String(error))) this.#streams.forget(pending.message.topic);
      this.#sendAllSoon();
    }
  }

  #sendAllSoon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    after(breath, () => {
      this.#isSoon = false;
      void this.#sendAllAgain();
    });
  }

  /** All that is not confirmed, in order, once the streams are there. */
  async #sendAllAgain(): Promise<void> {
    if (this.#isAgain || this.#pending.size === 0) return;
    this.#isAgain = true;
    try {
      const link = await this.#connection.open();
      for (const topic of new Set([...this.#pending].map(({ message }) => message.topic)))
        await this.#streams.nameOf(topic, now() + requestTime);
      if (!this.#connection.isUp) return;
      for (const pending of this.#pending) this.#send(link, pending);
    } catch {
      // Each has its deadline.
      if (this.#pending.size > 0) this.#sendAllSoon();
    } finally {
      this.#isAgain = false;
    }
  }

  #expire(pending: Pending): void {
    const why = pending.failure instanceof Error ? `: ${pending.failure.message}` : '';
    const text = `The topic ${pending.message.topic} did not confirm a message in time${why}`;
    const options = pending.failure === undefined ? {} : { cause: pending.failure };
    pending.reject(new OffloopError('ERR_OFFLOOP_TIMEOUT', text, options));
    if (this.#pending.size === 0) this.#release?.();
  }

  #refuse(pending: Pending, reason: unknown): void {
    if (this.#end(pending)) pending.reject(reason);
  }

  /** It does not wait any more: says whether it has waited. */
  #end(pending: Pending): boolean {
    const hasWaited = this.#pending.delete(pending);
    if (hasWaited && this.#pending.size === 0) this.#release?.();
    return hasWaited;
  }
}

/** Whether the server may take it later. */
function isPassing(error: unknown): boolean {
  if (error instanceof OffloopError) return error.code === 'ERR_OFFLOOP_BROKER';
  return /Timeout|Connection|Request|NoResponders/.test((error as Error | null)?.name ?? '');
}
