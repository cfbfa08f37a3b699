/** One consumer of a topic: its messages as events. @module */

import type { AsyncItems } from '../base/async-items.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { isThenable } from '../base/thenable.ts';
import { StreamEvent } from '../streams/events/event.ts';
import { Receipt } from '../streams/events/receipt.ts';
import type { Outcome } from '../streams/events/receipt.ts';
import { settled } from '../streams/run/scope.ts';
import { Burials } from './burials.ts';
import { InHand } from './in-hand.ts';
import { decode } from './message.ts';
import type { BrokerMessage, Decoded } from './message.ts';
import type { SubscriptionOwner } from './subscription-owner.ts';
import type { ConsumeListener, Consumption, IncomingMessage, StartPosition } from './transport.ts';

type AnyEvent = StreamEvent<unknown>;
type Result = IteratorResult<AnyEvent, undefined>;

const done: Result = { value: undefined, done: true };

interface Waiter {
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

/**
 * An async iterator over events. Whoever leaves it keeps what is in hand, which may still be settled; what was not taken goes
 * back to the broker, in order.
 *
 * Invariant: while a `next()` waits, no message does, unless one is being decoded, or it is paused.
 */
export class Subscription implements AsyncItems<AnyEvent, undefined>, ConsumeListener {
  readonly #owner: SubscriptionOwner<Subscription>;
  readonly #consumption: Consumption;

  /** Settles once its position is fixed; `undefined` from then on. */
  ready: PromiseLike<void> | undefined;
  readonly #waiters: Waiter[] = [];
  #queue: IncomingMessage[] = [];

  /** How many messages were asked for that have not come. */
  #wanted = 0;
  readonly #inHand = new InHand();

  /** Deliveries that are another consumer's now. */
  #gone: ReadonlySet<number> = new Set();
  readonly #burials: Burials;
  #isBusy = false;
  #isPaused = false;
  #isConnected = true;
  #failure: { readonly error: unknown } | undefined;
  #stopping: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(owner: SubscriptionOwner<Subscription>, isPaused: boolean) {
    this.#owner = owner;
    this.#isPaused = isPaused;
    this.#burials = new Burials(owner, () => this.#consumption);
    this.#consumption = owner.open(this);
    this.ready = this.#consumption.ready;
    if (this.ready) void this.#begin(this.ready);
    this.#ask();
  }

  get size(): number {
    return this.#queue.length;
  }

  get inHand(): number {
    return this.#inHand.size;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  async #begin(ready: PromiseLike<void>): Promise<void> {
    const failure = await settled(() => ready);
    this.ready = undefined;
    if (failure) this.failed(failure.error);
  }

  next(): Promise<Result> {
    if (this.#stopping) return Promise.resolve(done);
    const result = new Promise<Result>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#pump();
    return result;
  }

  async return(): Promise<Result> {
    await this.stop();
    return done;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A stream that sends through the topic has failed; that it is over says nothing of the topic. */
  end(...error: [] | [unknown]): void {
    if (error.length > 0) this.failed(error[0]);
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#pump();
  }

  async seek(start: StartPosition): Promise<void> {
    if (!this.#stopping) await this.#consumption.seek(start);
  }

  /** Those that nobody has seen are left out: the other consumer has them. */
  gone(deliveries: readonly number[]): void {
    this.#gone = new Set(deliveries);
    this.#queue = this.#queue.filter(({ delivery }) => !this.#gone.has(delivery));
    this.#pump();
  }

  restarted(): void {
    this.#inHand.void();
    this.#queue = [];
    this.#pump();
  }

  undelivered(message: IncomingMessage): void {
    this.#burials.undelivered(message);
  }

  deliver(messages: readonly IncomingMessage[]): void {
    if (this.#stopping) {
      for (const message of messages) this.#handBack(message);
      return;
    }
    this.#wanted -= messages.length;
    this.#queue.push(...messages);
    this.#pump();
  }

  trouble(error: unknown): void {
    this.#owner.trouble(error);
  }

  connected(isConnected: boolean): void {
    if (this.#isConnected && !isConnected) this.#owner.counts.losses += 1;
    this.#isConnected = isConnected;
  }

  failed(error: unknown): void {
    if (this.#stopping || this.#failure) return;
    this.#failure = { error };
    this.#pump();
  }

  /** Takes no more messages; resolves once those that were not taken are back. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    const untaken = this.#queue.splice(0);
    // The field is set first: what comes in the meantime is handed back.
    await Promise.resolve();
    for (const { resolve } of this.#waiters.splice(0)) resolve(done);
    for (const message of untaken) if (message.isLast) this.#handBack(message);
    await this.#consumption.stop(untaken.filter(({ isLast }) => !isLast).map(({ delivery }) => delivery));
    if (this.#inHand.size === 0) await this.#end();
  }

  /** Hands back a message that nobody has seen; one that the broker would not deliver again goes to the dead letters. */
  #handBack(message: IncomingMessage): void {
    if (message.isLast) this.#burials.undelivered(message);
    else this.#consumption.nack(message.delivery, 0);
  }

  /** Ends it, and hands back what is still in hand after `timeout`, which cannot be settled any more. */
  async terminate(timeout: number): Promise<void> {
    const stopped = await settled(async () => this.stop());
    await this.#inHand.emptied(timeout);
    for (const [message] of this.#inHand.clear()) this.#burials.undelivered(message);
    await this.#end();
    if (stopped) throw stopped.error;
  }

  #end(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    try {
      await this.#burials.end();
      await this.#consumption.close();
      await this.#burials.end();
    } finally {
      this.#owner.left(this);
    }
  }

  /** Asks for as many messages as there is a use for. */
  #ask(): void {
    if (this.#isPaused || this.#stopping || this.#failure) return;
    const { ahead } = this.#owner;
    const wished = ahead ?? this.#waiters.length;
    const missing = wished - this.#queue.length - this.#wanted;
    // Several at a time, where they are asked for ahead.
    if (missing <= 0 || (ahead !== undefined && missing * 4 < ahead)) return;
    this.#wanted += missing;
    this.#consumption.request(missing);
  }

  #pump(): void {
    while (this.#waiters.length > 0 && this.#queue.length > 0 && !this.#isBusy && !this.#isPaused && !this.#stopping)
      this.#giveOne(this.#queue.shift() as IncomingMessage);
    if (this.#failure && this.#queue.length === 0 && !this.#isBusy && !this.#stopping) return this.#giveFailure();
    this.#ask();
  }

  #giveFailure(): void {
    const waiter = this.#waiters.shift();
    if (!waiter) return;
    waiter.reject(this.#failure?.error);
    void this.stop().catch((error: unknown) => this.trouble(error));
  }

  #giveOne(message: IncomingMessage): void {
    const { writing, maxDeliver } = this.#owner;
    try {
      const decoded = decode(writing, message);
      if (isThenable(decoded) || message.attempt > maxDeliver) void this.#giveLater(message, decoded);
      else this.#give(message, decoded);
    } catch (error) {
      void this.#refuse(message, error);
    }
  }

  #give(message: IncomingMessage, decoded: Decoded): void {
    const { counts } = this.#owner;
    const { headers, attempt } = message;
    counts.received += 1;
    if (attempt > 1) counts.redelivered += 1;
    this.#inHand.add(message, decoded);
    const { epoch } = this.#inHand;
    const settle = (outcome: Outcome): unknown => this.#settle(message, decoded, outcome, epoch);
    const isVoid = (): boolean => this.#inHand.isVoid(epoch) || this.#gone.has(message.delivery);
    const receipt = new Receipt(settle, undefined, isVoid);
    const options = { key: decoded.key, headers, attempt, message: this.#brokerMessage(message) };
    const event = new StreamEvent<unknown>(decoded.value, options, receipt.part());
    this.#waiters.shift()?.resolve({ value: event, done: false });
  }

  #brokerMessage({ partition, position, time, key, value }: IncomingMessage): BrokerMessage {
    return { topic: this.#owner.writing.name, partition, position, time, key, value };
  }

  /** One that takes time, or was delivered too often: nothing overtakes it. */
  async #giveLater(message: IncomingMessage, decoding: Decoded | PromiseLike<Decoded>): Promise<void> {
    const { epoch } = this.#inHand;
    this.#isBusy = true;
    try {
      const decoded = await decoding;
      if (this.#inHand.epoch !== epoch) return;
      if (this.#stopping) this.#handBack(message);
      else if (message.attempt > this.#owner.maxDeliver) await this.#burials.bury(message, decoded);
      else this.#give(message, decoded);
    } catch (error) {
      await this.#refuse(message, error);
    } finally {
      this.#isBusy = false;
      this.#pump();
    }
  }

  /** One that cannot be decoded goes away, or else to the consumer as an error; in either case it is dealt with. */
  async #refuse(message: IncomingMessage, error: unknown): Promise<void> {
    this.trouble(error);
    if (this.#owner.sendAway) return this.#burials.bury(message, { value: message.value, key: undefined });
    this.#waiters.shift()?.reject(error);
    await this.#consumption.ack(message.delivery);
  }

  #settle(message: IncomingMessage, decoded: Decoded, outcome: Outcome, epoch: number): unknown {
    if (epoch !== this.#inHand.epoch) return this.#tooLate(message);
    const { counts, maxDeliver } = this.#owner;
    this.#inHand.remove(message);
    if (outcome === 'nack') {
      counts.nacked += 1;
      if (message.attempt >= maxDeliver || message.isLast) return this.#then(this.#burials.bury(message, decoded));
      this.#consumption.nack(message.delivery, this.#stopping ? 0 : this.#burials.delayOf(message.attempt));
      return this.#then(undefined);
    }
    counts.acked += 1;
    return this.#then(this.#consumption.ack(message.delivery));
  }

  /** After the last one that was in hand when it was left, it ends. */
  #then(noted: PromiseLike<void> | undefined): PromiseLike<void> | undefined {
    return this.#stopping && this.#inHand.size === 0 ? this.#last(noted) : noted;
  }

  async #last(noted: PromiseLike<void> | undefined): Promise<void> {
    await noted;
    await this.#stopping;
    await this.#end();
  }

  async #tooLate({ partition, position }: IncomingMessage): Promise<void> {
    const text = `Cannot settle message ${position} of partition ${partition} of the topic ${this.#owner.writing.name}: it has gone back to the broker`;
    throw new OffloopError('ERR_OFFLOOP_CLOSED', text);
  }
}
