/** A topic: a function that sends, and an async iterable of what comes. @module */

import type { AsyncItems } from '../base/async-items.ts';
import { argumentError, OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { ownOptions, timeLimit } from '../base/options.ts';
import { threadState } from '../base/realm.ts';
import { channel } from '../streams/channels/channel.ts';
import type { StreamChannel } from '../streams/channels/channel.ts';
import { isEvent, StreamEvent } from '../streams/events/event.ts';
import { nameReceiver } from '../streams/run/named.ts';
import type { Receiver } from '../streams/run/sink.ts';
import { settled } from '../streams/run/scope.ts';
import { Callable } from './callable.ts';
import { Counts } from './counts.ts';
import type { TopicStats } from './counts.ts';
import { deadLettersOf } from './dead-letters.ts';
import { encode } from './message.ts';
import type { BrokerMessage, TopicMessage } from './message.ts';
import { Outbox } from './outbox.ts';
import { startOf } from './position.ts';
import type { Start } from './position.ts';
import { Subscription } from './subscription.ts';
import type { SubscriptionOwner } from './subscription-owner.ts';
import type { TopicPlan } from './topic-options.ts';
import type { Placed, TransportAbilities } from './transport.ts';

/** Options of `topic.close`. */
export interface CloseTopicOptions {
  /** How long to wait for what consumers have in hand, in milliseconds; from 0. @defaultValue `5000` */
  timeout?: number | undefined;
}

const closeChecks = { timeout: timeLimit };

/** How many errors wait for somebody who listens. */
const mostErrors = 64;

/**
 * Messages under a name, at a broker. To call it is to send a message. To iterate over it is to consume: each message is an
 * event that is acknowledged, or handed back, once; `stream(topic)` does so by itself.
 *
 * Invariant: what is sent goes out in the order of the calls.
 */
export class Topic<T, K = string>
  extends Callable<TopicMessage<T, K>, Promise<Placed>>
  implements AsyncIterable<StreamEvent<T, K>>, AsyncDisposable, Receiver<T>
{
  /** The name of the topic at the broker. */
  declare readonly name: string;

  /** Errors of the broker and of messages after which it goes on by itself; the latest ones wait for whoever listens. */
  readonly errors: StreamChannel<unknown> = channel({ maxSize: mostErrors, overflow: 'drop-oldest' });
  readonly #plan: TopicPlan;
  readonly #counts = new Counts();
  readonly #subscriptions = new Set<Subscription>();
  readonly #owner: SubscriptionOwner<Subscription>;
  readonly #forgetName: () => void;

  readonly #outbox: Outbox;
  #isPaused = false;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(name: string, plan: TopicPlan) {
    super(name, (message) => this.send(message));
    this.#plan = plan;
    this.#owner = this.#ownerOf(name, plan);
    this.#outbox = new Outbox(name, plan, this.#counts, this.#subscriptions);
    const { transport, codec, keyCodec } = plan;
    const { group, start, commitInterval } = plan;
    if (group !== undefined && !plan.dry) transport.declare?.({ topic: name, group, start, commitInterval });
    this.#forgetName = nameReceiver(name, this, [transport, codec, keyCodec]);
  }

  /** The abilities of its transport. */
  get can(): TransportAbilities {
    return this.#plan.transport.can;
  }

  /**
   * Sends a message. Resolves with where it was stored once the broker has confirmed it; until then it is sent again and again,
   * and stored once where the broker can tell.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the message has anything else than a message has, or a header is no text.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` if it was not confirmed in time: whether it was stored is not known.
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if the broker has refused it, or cannot be reached; `cause` says why.
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the topic was closed.
   * @throws What a codec throws.
   */
  send(message: TopicMessage<T, K>): Promise<Placed> {
    try {
      this.#refuseIfClosed();
      return this.#outbox.send(encode(this.#owner.writing, message));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends a message of a topic on as it is: key, value and headers are not decoded, nor encoded. */
  async forward(event: StreamEvent<unknown>): Promise<Placed> {
    this.#refuseIfClosed();
    const message = event.message as Partial<BrokerMessage> | undefined;
    if (!message || !('value' in message) || message.position === undefined)
      throw argumentError(`Cannot forward to the topic ${this.name}: the event is none of a topic`);
    const { key, value } = message;
    const bytes = encode(rawly(this.name), { value, key, headers: event.headers });
    return this.#outbox.send(bytes);
  }

  /** Sends a value, or an event with its key and headers, as streams do. */
  async receive(item: T | StreamEvent<T>): Promise<Placed> {
    if (!isEvent(item)) return this.send({ value: item });
    const { value, key, headers } = item as StreamEvent<T, K>;
    return this.send({ value, key, headers });
  }

  /** Begins to consume. */
  [Symbol.asyncIterator](): AsyncItems<StreamEvent<T, K>, undefined> {
    this.#refuseIfClosed();
    const subscription = new Subscription(this.#owner, this.#isPaused);
    this.#subscriptions.add(subscription);
    return subscription as AsyncIterableIterator<unknown> as AsyncItems<StreamEvent<T, K>, undefined>;
  }

  /** Its consumers are given no more messages until `resume()`, and keep their place in the group. */
  pause(): void {
    this.#setPaused(true);
  }

  resume(): void {
    this.#setPaused(false);
  }

  /**
   * Its consumers, or its group, go on from `start`. What they have in hand cannot be settled any more.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `start` is none, or the transport has no such.
   */
  async seek(start: Start): Promise<void> {
    const position = startOf(`seek in the topic ${this.name}`, start, this.#plan.transport);
    await Promise.all([...this.#subscriptions].map(async (subscription) => subscription.seek(position)));
  }

  stats(): TopicStats {
    const all = [...this.#subscriptions];
    const { sent, sending, received, redelivered, acked, nacked, deadLettered, losses, errors } = this.#counts;
    return {
      sent,
      sending,
      received,
      redelivered,
      acked,
      nacked,
      deadLettered,
      losses,
      errors,
      waiting: all.reduce((sum, { size }) => sum + size, 0),
      inHand: all.reduce((sum, { inHand }) => sum + inHand, 0),
      consumers: all.length,
      isConnected: all.every(({ isConnected }) => isConnected),
    };
  }

  /**
   * Ends it: consumers get no more messages, what they have in hand and what is being sent is waited for, and what is still not
   * settled after `timeout` milliseconds is handed back, in order. May be called again.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   * @throws The first error of a consumer that could not be ended well, after all were ended.
   */
  async close(options: CloseTopicOptions = {}): Promise<void> {
    const { timeout = 5000 } = ownOptions('topic.close', options, closeChecks);
    await (this.#closing ??= this.#close(timeout));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeout: number): Promise<void> {
    this.#forgetName();
    const ended = await Promise.allSettled([...this.#subscriptions].map(async (one) => one.terminate(timeout)));
    await this.#outbox.emptied();
    this.errors.end();
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }

  #setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    for (const subscription of this.#subscriptions) subscription.pause(isPaused);
  }

  #refuseIfClosed(): void {
    if (this.#closing) throw new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot use the topic ${this.name}: it was closed`);
    const { transport } = this.#plan;
    // The thread would have a broker of its own, and whatever it sends would be lost.
    if (transport.name === 'memory' && threadState())
      throw argumentError(
        `Cannot use the topic ${this.name} in a thread: its messages are in the memory of the main side. Return the value, or call a callback that sends it`,
      );
  }

  #ownerOf(name: string, plan: TopicPlan): SubscriptionOwner<Subscription> {
    const { transport, maxDeliver, retryDelay, group, start, commitInterval, maxSize } = plan;
    const sendAway = deadLettersOf(name, plan.deadLetter);
    return {
      writing: { name, codec: plan.codec, keyCodec: plan.keyCodec },
      counts: this.#counts,
      maxDeliver,
      ahead: transport.readsAhead ? maxSize : undefined,
      retryDelay,
      sendAway,
      trouble: (error) => this.#trouble(error),
      open: (listener) => transport.consume({ topic: name, group, start, commitInterval }, listener),
      left: (subscription) => void this.#subscriptions.delete(subscription),
    };
  }

  #trouble(error: unknown): void {
    this.#counts.errors += 1;
    // With 'drop-oldest' nobody waits.
    void settled(async () => this.errors.send(error));
  }
}

const rawly = (name: string): Parameters<typeof encode>[0] => ({ name, codec: asItIs, keyCodec: asItIs });
const asItIs = {
  encode: (bytes: unknown) => bytes as Uint8Array,
  decode: (bytes: Uint8Array) => bytes,
};
