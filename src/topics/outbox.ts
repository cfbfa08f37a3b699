/** Sends the messages of a topic in the order of the calls. @module */

import { now } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { isThenable } from '../base/thenable.ts';
import { settled } from '../streams/run/scope.ts';
import { brokerError } from './broker-error.ts';
import type { Counts } from './counts.ts';
import { within } from '../base/pause.ts';
import type { TopicPlan } from './topic-options.ts';
import type { OutgoingMessage, Placed } from './transport.ts';

/** A consumer, which has `ready` until it has begun. */
interface Beginning {
  readonly ready: PromiseLike<void> | undefined;
}

/** What a message waits for, and how long, on the clock of `now()`. */
interface Turn {
  readonly before: Promise<unknown> | undefined;
  readonly begun: readonly PromiseLike<void>[];
  readonly deadline: number;
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
    if (!this.#line && begun.length === 0 && !isThenable(encoded)) return this.#sendOne(encoded, this.#plan.timeout);
    if (isThenable(encoded)) void settled(async () => encoded);
    const turn = this.#turn(encoded, { before: this.#line, begun, deadline: now() + this.#plan.timeout });
    const line = settled(async () => turn);
    this.#line = line;
    void this.#leaveLine(line);
    return turn.then(async ({ sent }) => sent);
  }

  /** Messages that were sent before go first, and consumers have begun. */
  async #turn(
    encoded: OutgoingMessage | Promise<OutgoingMessage>,
    { before, begun, deadline }: Turn,
  ): Promise<{ readonly sent: Promise<Placed> }> {
    await before;
    try {
      if (begun.length > 0 && !(await within(deadline - now(), Promise.allSettled(begun)))) throw this.#late();
      const message = await encoded;
      return { sent: this.#sendOne(message, Math.max(1, deadline - now())) };
    } catch (error) {
      this.#sentOne();
      throw error;
    }
  }

  #late(): OffloopError {
    const text = `Cannot send to the topic ${this.#name}: its consumers have not begun in time, and would miss the message`;
    return new OffloopError('ERR_OFFLOOP_TIMEOUT', text);
  }

  async #leaveLine(line: Promise<unknown>): Promise<void> {
    await line;
    if (this.#line === line) this.#line = undefined;
  }

  /** One promise for each message, on the way of a plain one. */
  async #sendOne(message: OutgoingMessage, timeout: number): Promise<Placed> {
    const { transport, dry } = this.#plan;
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
