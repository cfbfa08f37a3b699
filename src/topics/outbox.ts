/** Sends the messages of a topic in the order of the calls. @module */

import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { isThenable } from '../base/thenable.ts';
import { settled } from '../streams/run/scope.ts';
import { brokerError } from './broker-error.ts';
import type { Counts } from './counts.ts';
import type { TopicPlan } from './topic-options.ts';
import type { OutgoingMessage, Placed } from './transport.ts';

/**
 * A message waits for those before it while they are encoded, and for consumers that begin.
 *
 * Invariant: what is sent goes to the transport in the order of the calls.
 */
export class Outbox {
  readonly #name: string;
  readonly #plan: TopicPlan;
  readonly #counts: Counts;

  /** The consumers that are about to begin. */
  readonly #begun: () => readonly PromiseLike<void>[];

  /** The message that was sent last, as long as it takes to encode it or to begin the consumers. */
  #line: Promise<unknown> | undefined;
  readonly #sending = new Set<Promise<unknown>>();

  constructor(name: string, plan: TopicPlan, counts: Counts, begun: () => readonly PromiseLike<void>[]) {
    this.#name = name;
    this.#plan = plan;
    this.#counts = counts;
    this.#begun = begun;
  }

  /** Resolves once nothing is on its way. */
  async emptied(): Promise<void> {
    await Promise.allSettled(this.#sending);
  }

  /** Sends a message after those before it, whatever takes its time. */
  async send(encoded: OutgoingMessage | Promise<OutgoingMessage>): Promise<Placed> {
    const begun = this.#begun();
    if (!this.#line && !isThenable(encoded) && begun.length === 0) return this.#track(this.#sendOne(encoded));
    if (isThenable(encoded)) void settled(async () => encoded);
    const turn = this.#turn(encoded, this.#line, begun);
    const line = settled(async () => turn);
    this.#line = line;
    void this.#leaveLine(line);
    return this.#track(turn.then(async ({ sent }) => sent));
  }

  /** Messages that were sent before go first, and consumers have begun. */
  async #turn(
    encoded: OutgoingMessage | Promise<OutgoingMessage>,
    before: Promise<unknown> | undefined,
    begun: readonly PromiseLike<void>[],
  ): Promise<{ readonly sent: Promise<Placed> }> {
    await before;
    await Promise.allSettled(begun);
    return { sent: this.#sendOne(await encoded) };
  }

  async #leaveLine(line: Promise<unknown>): Promise<void> {
    await line;
    if (this.#line === line) this.#line = undefined;
  }

  async #track(sent: Promise<Placed>): Promise<Placed> {
    this.#counts.sending += 1;
    this.#sending.add(sent);
    try {
      const placed = await sent;
      this.#counts.sent += 1;
      return placed;
    } finally {
      this.#counts.sending -= 1;
      this.#sending.delete(sent);
    }
  }

  async #sendOne(message: OutgoingMessage): Promise<Placed> {
    const { transport, timeout, dry } = this.#plan;
    if (dry) return { partition: 0, position: 0 };
    try {
      return await transport.send(message, timeout);
    } catch (error) {
      if (error instanceof OffloopError || (error as { code?: unknown } | null)?.code === 'ERR_OFFLOOP_ARGUMENT')
        throw error;
      throw brokerError(`Cannot send to the topic ${this.#name}`, error);
    }
  }
}
