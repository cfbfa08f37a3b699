/** Sends messages to Kafka: those of one topic one after the other, many at a time. @module */

import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise, queueMicrotask } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import { Deadlines } from '../deadlines.ts';
import type { OutgoingMessage, Placed } from '../transport.ts';
import { placesOf, recordOf, takeBatch } from './batch.ts';
import type { Pending } from './batch.ts';
import type { KafkaClient } from './client-types.ts';
import { ProducerLink } from './link.ts';
import { isPassing } from './patience.ts';

/** The messages of one topic that wait, and whether some are on their way. */
interface Line {
  readonly waiting: Pending[];
  isBusy: boolean;
}

/** How long to wait before messages are sent again, and before a producer is closed that nobody uses, in milliseconds. */
const between = 250;
const idleTime = 1000;

/**
 * Invariant: of one topic only one batch is on its way, so that the order stays; it is sent again as it was, so that a broker
 * can tell.
 */
export class KafkaPublisher {
  readonly #link: ProducerLink;
  readonly #isNumbering: boolean;
  readonly #lines = new Map<string, Line>();
  readonly #pending = new Deadlines<Pending>((pending) => this.#expire(pending));
  #idle: Later | undefined;

  constructor(client: KafkaClient, options: Readonly<Record<string, unknown>>) {
    this.#link = new ProducerLink(client, options);
    this.#isNumbering = options['idempotent'] === true;
  }

  send(message: OutgoingMessage, timeout: number): Promise<Placed> {
    return new Promise<Placed>((resolve, reject) => {
      const { topic } = message;
      const deadline = now() + timeout;
      this.#push({ topic, record: recordOf(message), deadline, failure: undefined, resolve, reject });
    });
  }

  async close(): Promise<void> {
    this.#idle?.cancel();
    const text = 'Cannot send: the Kafka transport was closed';
    for (const pending of this.#pending) this.#refuse(pending, new OffloopError('ERR_OFFLOOP_CLOSED', text));
    await this.#link.close();
  }

  #push(pending: Pending): void {
    const { topic } = pending;
    if (this.#pending.size === 0) this.#idle?.cancel();
    this.#pending.add(pending);
    let line = this.#lines.get(topic);
    if (!line) this.#lines.set(topic, (line = { waiting: [], isBusy: false }));
    line.waiting.push(pending);
    if (line.isBusy) return;
    line.isBusy = true;
    const begun = line;
    queueMicrotask(() => void this.#drain(topic, begun));
  }

  async #drain(topic: string, line: Line): Promise<void> {
    while (line.waiting.length > 0)
      await this.#insist(
        topic,
        takeBatch(line.waiting).filter((pending) => this.#pending.has(pending)),
      );
    line.isBusy = false;
  }

  /**
   * Sends a batch until it is stored or refused, or nobody waits for it. One that was numbered is sent on even then, as long as
   * its producer is there: the same numbers would be given to other messages, which the broker would take for these.
   */
  async #insist(topic: string, batch: readonly Pending[]): Promise<void> {
    let isNumbered = false;
    while (batch.some((pending) => this.#pending.has(pending)) || (isNumbered && this.#link.isThere)) {
      const failure = await settled(async () => this.#sendBatch(topic, batch));
      if (!failure) return;
      const { error } = failure;
      if (batch.length > 1 && isTooLarge(error)) return this.#insistOnHalves(topic, batch);
      const refused = batch.filter(({ record }) => record.refusal);
      if (refused.length > 0) {
        for (const pending of refused) this.#refuse(pending, pending.record.refusal);
        batch = batch.filter(({ record }) => !record.refusal);
        continue;
      }
      if (!isPassing(error)) {
        const reason = 'code' in Object(error) ? error : brokerError(`Cannot send to the topic ${topic}`, error);
        for (const pending of batch) this.#refuse(pending, reason);
        return;
      }
      for (const pending of batch) pending.failure = error;
      isNumbered = this.#isNumbering;
      await new Promise<void>((resolve) => after(between, resolve));
    }
  }

  async #insistOnHalves(topic: string, batch: readonly Pending[]): Promise<void> {
    const middle = batch.length >> 1;
    await this.#insist(topic, batch.slice(0, middle));
    await this.#insist(topic, batch.slice(middle));
  }

  async #sendBatch(topic: string, batch: readonly Pending[]): Promise<void> {
    const stored = await this.#link.send(
      topic,
      batch.map(({ record }) => record),
    );
    const places = placesOf(batch, stored);
    for (const [index, pending] of batch.entries()) if (this.#end(pending)) pending.resolve(places[index] as Placed);
  }

  #expire(pending: Pending): void {
    const { topic, failure } = pending;
    const why = failure instanceof Error ? `: ${failure.message}` : '';
    const text = `The topic ${topic} did not confirm a message in time${why}`;
    pending.reject(new OffloopError('ERR_OFFLOOP_TIMEOUT', text, failure === undefined ? {} : { cause: failure }));
    this.#rest();
  }

  #refuse(pending: Pending, reason: unknown): void {
    if (this.#end(pending)) pending.reject(reason);
  }

  /** It does not wait any more: says whether it has waited. */
  #end(pending: Pending): boolean {
    const hasWaited = this.#pending.delete(pending);
    if (hasWaited) this.#rest();
    return hasWaited;
  }

  #rest(): void {
    if (this.#pending.size > 0) return;
    this.#idle?.cancel();
    this.#idle = after(idleTime, () => void this.close());
  }
}

/** Whether the broker takes fewer bytes at once. */
function isTooLarge(error: unknown): boolean {
  const { type, cause } = (error ?? {}) as { readonly type?: unknown; readonly cause?: unknown };
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE' || (cause !== undefined && isTooLarge(cause));
}
