/** Consumers that run by themselves: a body for each of several lines of items. @module */

import { now } from '../../base/clock.ts';
import { argumentError, OffloopError } from '../../base/errors.ts';
import { AbortController, Promise } from '../../base/intrinsics.ts';
import { threadState } from '../../base/realm.ts';
import { reasonOf } from '../../base/signal.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { callsOf } from '../run/calls.ts';
import type { StreamEvent, StreamEventOptions } from '../events/event.ts';
import { checkedIterable } from '../arguments/iterables.ts';
import type { AnyIterable } from '../arguments/iterables.ts';
import { Origin } from '../sources/origin.ts';
import { partitionOf } from '../groups/partition-of.ts';
import type { Pull } from '../run/pull.ts';
import { treat } from '../run/policy.ts';
import { settled } from '../run/scope.ts';
import { sendTo } from '../run/sink.ts';
import type { Send } from '../run/sink.ts';
import { Stream } from '../stream.ts';
import { Subscriber } from '../channels/subscriber.ts';
import { Actor } from './actor.ts';
import type { ActorOwner } from './actor.ts';
import type { AgentPlan } from './agent-options.ts';
import { bodyOf, kindOf } from './body.ts';
import { Inbox } from './inbox.ts';
import { Lane } from './lane.ts';
import { OnOver } from './on-over.ts';

type AnyEvent = StreamEvent<unknown>;

/** The work of an agent, at present and so far. */
export interface AgentStats {
  /** Items that its bodies were given to work on. */
  readonly received: number;

  /** Results that went to the sinks, or to nobody. */
  readonly results: number;

  /** Items for which a body has failed. */
  readonly failed: number;

  /** How often a body was run anew. */
  readonly restarts: number;

  /** Items that wait for a body. */
  readonly waiting: number;

  /** Calls of `ask` that wait for an answer. */
  readonly asks: number;
}

/**
 * Takes the items of a source, and what is sent to it by `cast` and `ask`, and runs bodies over them, until the source is over
 * or it is closed. An agent begins by itself.
 *
 * Invariant: when `done` settles, every event was settled, every source is closed, and every `ask` is answered.
 */
export class Agent<T, R> implements AsyncDisposable {
  /** Resolves when it is over; rejects with the error that has stopped it. */
  readonly done: Promise<void>;
  readonly #plan: AgentPlan;
  readonly #inbox: Inbox<T>;
  readonly #lines: readonly Subscriber<AnyEvent>[];
  readonly #lanes: readonly Lane[];
  readonly #ended = new AbortController();
  readonly #isKnown: boolean;
  readonly #counts = { received: 0, results: 0, failed: 0, restarts: 0 };

  /** How an item is treated that belongs to no body. */
  readonly #treating: { readonly policy: AgentPlan['policy']; readonly signal: AbortSignal };

  /** When bodies were run anew, of late. */
  #restarts: number[] = [];
  #failure: { readonly error: unknown } | undefined;
  #turn = 0;

  /** @internal */
  constructor(source: AnyIterable<unknown> | undefined, fn: Function, plan: AgentPlan) {
    this.#plan = plan;
    this.#treating = { policy: plan.policy, signal: this.#ended.signal };
    const { concurrency, keyBy, maxSize, sinks, signal } = plan;
    const kind = kindOf(fn);
    this.#isKnown = kind !== 'thread';
    // Calls of one item need no lines of their own, unless keys are to stay in order.
    const lines = kind === 'item' && !keyBy ? 1 : concurrency;
    const most = Math.max(1, Math.ceil(maxSize / lines));
    this.#inbox = new Inbox<T>(maxSize);
    this.#lines = Array.from({ length: lines }, () => new Subscriber<AnyEvent>({ maxSize: most, overflow: 'block' }));
    this.#lanes = this.#lines.map((line) => new Lane(line));
    const owner: ActorOwner = {
      policy: plan.policy,
      sinks: sinks.map((sink) => sendTo(sink, this.#ended)),
      deadLetter: this.#deadLetter(),
      maxSize: most,
      isOneOfSeveral: lines > 1,
      answered: (event, value) => {
        this.#counts.results += 1;
        if (event) this.#inbox.answer(event, value);
      },
      failedFor: (event, error) => this.#inbox.fail(event, error),
      failed: () => void (this.#counts.failed += 1),
      restarts: (error) => this.#restart(error),
    };
    const body = bodyOf(fn, this.#ended, { concurrency: lines === 1 ? concurrency : 1, hasSinks: sinks.length > 0 });
    const actors = this.#lanes.map((lane) => new Actor(lane, body, owner));
    const stop = signal && onAbort(signal, () => this.#fail(reasonOf(signal)));
    if (signal?.aborted) this.#fail(reasonOf(signal));
    this.done = this.#run(this.#open(source), actors).finally(() => stop?.());
  }

  /** The work of the agent, at present and so far. */
  stats(): AgentStats {
    const waiting = this.#lines.reduce((sum, { size }) => sum + size, 0);
    return { ...this.#counts, waiting, asks: this.#inbox.asks };
  }

  /**
   * Sends it an item. Resolves once there is room for it.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the agent is over, also while it waits for room, or its source is.
   */
  async cast(value: T, options: StreamEventOptions = {}): Promise<void> {
    await this.#inbox.send(value, options);
  }

  /**
   * Sends it an item, and gives the first result for it; `undefined` if its body moves on without one.
   *
   * @throws What the body throws for it, unless it is to be delivered again; `ERR_OFFLOOP_CLOSED` if the agent is over before.
   * @throws {OffloopError} `ERR_OFFLOOP_ARGUMENT` if the body is a generator in a thread: which result is for which item is
   * not known.
   */
  async ask(value: T, options: StreamEventOptions = {}): Promise<R | undefined> {
    if (!this.#isKnown) throw unknownAnswers();
    return this.#inbox.ask(value, options) as Promise<R | undefined>;
  }

  /**
   * Asks for each of `values`, and gives the answers in order; it is ahead by as many as may wait.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `values` is not iterable, or the body is a generator in a thread.
   */
  map(values: AnyIterable<T>): Stream<R | undefined> {
    if (!this.#isKnown) throw unknownAnswers();
    const { maxSize, policy } = this.#plan;
    const asked = checkedIterable('ask for items', values);
    const origin = new Origin([asked], { policy, maxSize, signal: undefined });
    return new Stream<T>(origin, []).map(async (value) => this.ask(value), { concurrency: Math.min(maxSize, 64) });
  }

  /**
   * Takes no more items, and hands back those that wait; each body ends after the item that it has in hand. Resolves when all
   * of that is done; rejects as `done` does. A body may close its agent, but must not await that: it would wait for itself.
   */
  async close(): Promise<void> {
    this.#stop();
    await this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #open(source: AnyIterable<unknown> | undefined): Stream<AnyEvent> {
    const { maxSize, policy } = this.#plan;
    const options = { policy, maxSize, signal: undefined, events: { handsOver: true } };
    const whole = { kind: 'whole' } as const;
    if (!source) return new Stream<AnyEvent>(new Origin([this.#inbox.items], options), [whole]);
    // When the source is over, nothing more can be sent.
    const onOver = { kind: 'open', open: (pull: Pull) => new OnOver(pull, () => this.#inbox.end()) } as const;
    const watched = new Stream<unknown>(new Origin([source], options), [onOver]);
    return new Stream<AnyEvent>(new Origin([watched, this.#inbox.items], options), [whole]);
  }

  async #run(events: Stream<AnyEvent>, actors: readonly Actor[]): Promise<void> {
    // A thread that loads the module of an agent has not made another one: nothing starts there.
    if (threadState()?.loading !== undefined) return new Promise(() => {});
    // The code that made the agent goes on first: it may subscribe to the sinks, or close the agent.
    await Promise.resolve();
    // Of an agent that was closed or aborted before it begins, no body runs.
    const begun = this.#lanes.some(({ isStopped }) => isStopped) ? [] : actors;
    const dispatching = begun.length > 0 ? this.#dispatch(events) : undefined;
    const running = begun.map(async (actor) => {
      try {
        await actor.run();
      } catch (error) {
        this.#fail(error);
      }
      if (!actor.lane.isOver) this.#stop();
    });
    await Promise.all(running);
    this.#stop();
    const failures = [await settled(async () => events.close())];
    for (const lane of this.#lanes) failures.push(await settled(async () => lane.close()));
    await dispatching;
    this.#ended.abort();
    const failure = this.#failure ?? failures.find((it) => it !== undefined);
    this.#inbox.close(failure ? failure.error : closedError());
    if (failure) throw failure.error;
  }

  async #dispatch(events: Stream<AnyEvent>): Promise<void> {
    const { keyBy } = this.#plan;
    const keyOf = keyBy && callsOf(keyBy, this.#ended);
    let event: AnyEvent | undefined;
    try {
      for (let step = await events.next(); !step.done; step = await events.next()) {
        event = step.value;
        const { length } = this.#lines;
        let at = this.#turn++ % length;
        try {
          if (keyOf) at = partitionOf(await keyOf(event.value), length);
        } catch (error) {
          await this.#keyless(event, error);
          continue;
        }
        this.#counts.received += 1;
        // An event that has no place any more is handed back.
        const item = event;
        const refused = await settled(async () => this.#lines[at]?.put(item));
        event = undefined;
        if (refused) await item.nack();
      }
    } catch (error) {
      this.#fail(error);
      const item = event;
      await settled(async () => item?.conclude('nack'));
    }
    for (const line of this.#lines) line.end();
  }

  /** An item whose key cannot be had has failed, and belongs to no body. */
  async #keyless(event: AnyEvent, error: unknown): Promise<void> {
    this.#counts.failed += 1;
    let noted: unknown;
    await treat(this.#treating, error, event.value, {
      events: [event],
      accept: () => {
        this.#inbox.fail(event, error);
        noted = event.settle('ack');
      },
      handBack: () => (noted = event.settle('nack')),
      blame: () => undefined,
    });
    await noted;
  }

  #restart(error: unknown): void {
    const { maxRestarts, within } = this.#plan;
    const time = now();
    this.#restarts = this.#restarts.filter((at) => time - at < within);
    if (this.#restarts.length >= maxRestarts) throw error;
    this.#restarts.push(time);
    this.#counts.restarts += 1;
  }

  #deadLetter(): Send | undefined {
    const { deadLetter } = this.#plan.policy;
    return deadLetter && sendTo(deadLetter, this.#ended);
  }

  #stop(): void {
    this.#inbox.end();
    for (const lane of this.#lanes) lane.stop();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ended.abort(error);
    this.#stop();
  }
}

function closedError(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot wait for an answer: the agent is over');
}

function unknownAnswers(): TypeError {
  return argumentError(
    'Cannot ask an agent whose body is a generator in a thread: wrap a function of one item instead',
  );
}
