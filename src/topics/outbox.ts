/** Sends the messages of a topic in the order of the calls. @module */

import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { isThenable } from '../base/thenable.ts';
import { settled } from '../streams/run/scope.ts';
import { brokerError } from './broker-error.ts';
import type { Counts } from './counts.ts';
import type { TopicPlan } from './topic-options.ts';
import type { OutgoingMessage, Placed } from './transport.ts';

/** A consumer, which has `ready` until it has begun. */
interface Beginning {
  readonly ready: PromiseLike<void> | undefined;
}

const none: readonly PromiseLike<void>[] = [];

/**
 * A message waits for those before it while they are encoded, and for consumers that begin.
 *
 * Invariant: what is sent goes to the transport in the order of the calls.
 */
export class Outbox {
  readonly #name: string;
  readonly #plan: TopicPlan;
  readonly #counts: Counts;

  /** What is sent waits for those of them that are about to begin. */
  readonly #consumers: ReadonlySet<Beginning>;

  /** The message that was sent last, as long as it takes to encode it or to begin the consumers. */
  #line: Promise<unknown> | undefined;
  readonly #onEmpty = new Set<() => void>();

  constructor(name: string, plan: TopicPlan, counts: Counts, consumers: ReadonlySet<Beginning>) {
    this.#name = name;
    this.#plan = plan;
    this.#counts = counts;
    this.#consumers = consumers;
  }

  /** Resolves once nothing is on its way. */
  async emptied(): Promise<void> {
    if (this.#counts.sending > 0) await new Promise<void>((resolve) => this.#onEmpty.add(resolve));
  }

  /** Sends a message after those before it, whatever takes its time. */
  send(encoded: OutgoingMessage | Promise<OutgoingMessage>): Promise<Placed> {
    this.#counts.sending += 1;
    const begun = this.#consumers.size > 0 ? [...this.#consumers].flatMap(({ ready }) => ready ?? []) : none;
    if (!this.#line && begun.length === 0 && !isThenable(encoded)) return this.#sendOne(encoded);
    if (isThenable(encoded)) void settled(async () => encoded);
    const turn = this.#turn(encoded, this.#line, begun);
    const line = settled(async () => turn);
    this.#line = line;
    void this.#leaveLine(line);
    return turn.then(async ({ sent }) => sent);
  }

  /** Messages that were sent before go first, and consumers have begun. */
  async #turn(
    encoded: OutgoingMessage | Promise<OutgoingMessage>,
    before: Promise<unknown> | undefined,
    begun: readonly PromiseLike<void>[],
  ): Promise<{ readonly sent: Promise<Placed> }> {
    await before;
    await Promise.allSettled(begun);
    let message: OutgoingMessage;
    try {
      message = await encoded;
    } catch (error) {
      this.#sentOne();
      throw error;
    }
    return { sent: this.#sendOne(message) };
  }

  async #leaveLine(line: Promise<unknown>): Promise<void> {
    await line;
    if (this.#line === line) this.#line = undefined;
  }

  /** One promise for each message, on the way of a plain one. */
  async #sendOne(message: OutgoingMessage): Promise<Placed> {
    const { transport, timeout, dry } = this.#plan;
    try {
      const placed = dry ? { partition: 0, position: 0 } : await transport.send(message, timeout);
      this.#counts.sent += 1;
      return placed;
    } catch (error) {
      if (error instanceof OffloopError || (error as { code?: unknown } | null)?.code === 'ERR_OFFLOOP_ARGUMENT')
        throw error;
      throw brokerError(`Cannot send to the topic ${this.#name}`, error);
    } finally {
      this.#sentOne();
    }
  }

  #sentOne(): void {
    this.#counts.sending -= 1;
    if (this.#counts.sending > 0) return;
    for (const go of this.#onEmpty) go();
    this.#onEmpty.clear();
  }
}
