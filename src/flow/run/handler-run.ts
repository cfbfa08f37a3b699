/** One handler over its items, in one run. @module */

import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import { callsOf } from '../../streams/run/calls.ts';
import type { Calling } from '../../streams/run/calls.ts';
import { checkedIterable } from '../../streams/arguments/iterables.ts';
import type { AnyIterable } from '../../streams/arguments/iterables.ts';
import { Origin } from '../../streams/sources/origin.ts';
import type { Reading } from '../../streams/run/reading.ts';
import { settled } from '../../streams/run/scope.ts';
import type { OpenStage } from '../../streams/stages/stage.ts';
import { Stream } from '../../streams/stream.ts';
import { offLoop } from '../../wrappers/off-loop.ts';
import type { HandlePlan } from '../handle-options.ts';
import { Breakable } from './breakable.ts';
import { Gate } from './gate.ts';
import { infoOf, takesInfo } from './item-info.ts';
import type { Info } from './item-info.ts';
import { Outputs } from './outputs.ts';
import { Passage } from './passage.ts';
import type { RunScope } from './run-scope.ts';
import { Watch } from './watch.ts';

/** A handler and what it was registered with. */
export interface Registration {
  readonly source: AnyIterable<unknown>;
  readonly fn: Function;
  readonly plan: HandlePlan;
}

/**
 * Calls the handler for one item after the other, and passes on what it gives, in one loop.
 *
 * Invariant: an item is acknowledged once all its results have been taken, and never if the handler or a sink has failed.
 */
export class HandlerRun {
  readonly passage: Passage = new Passage();
  readonly registration: Registration;
  readonly #scope: RunScope;
  readonly #outputs: Outputs;
  readonly #call: Calling;

  /** Whether the handler is a wrapped one. */
  readonly #isElsewhere: boolean;

  /** The iterable that the pipe begins with. */
  readonly #items: Stream<unknown>;
  readonly #reading: Reading;
  #watch: Watch | undefined;
  #breakable: Breakable | undefined;

  /** Whether it takes no more items. */
  hasEnded = false;

  /** How many items the handler or a sink has in hand; without those of a wrapped handler with several. */
  #busy = 0;
  #closing: Promise<unknown> | undefined;

  constructor(input: AnyIterable<unknown>, registration: Registration, scope: RunScope) {
    this.registration = registration;
    this.#scope = scope;
    const { fn, plan } = registration;
    const { ending } = scope;
    this.#outputs = new Outputs(plan.sinks, scope);
    this.#call = callsOf(fn, ending);
    this.#isElsewhere = offLoop(fn) !== undefined;
    const isPiped = plan.pipe.length > 0;
    const isPlain = !isPiped && plan.concurrency === 1;
    const items = this.#over(input, isPlain ? [this.#gate()] : [this.#breaking(), this.#gate()]);
    // A pipe may leave items out: the event loop has its turns between them, too.
    this.#items = isPiped ? items.tap(() => scope.turns.due()) : items;
    this.#reading = this.#handled(this.#piped()).run();
  }

  /** The name of the handler in messages. */
  get name(): string {
    const { fn, plan } = this.registration;
    return plan.name ?? (fn.name || 'a handler without a name');
  }

  /** Whether the handler or a sink has an item in hand. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  /** Resolves once there are no more items and all is closed; rejects with the first error. */
  async run(): Promise<void> {
    const failure = await settled(async () => this.#reading.next());
    this.hasEnded = true;
    // Items that are piped through iterables of others are closed by them, unless they have failed.
    const other = await settled(async () => (this.#closing ? this.#closing : this.#closeItems()));
    const first = failure ?? other;
    if (first) throw first.error;
  }

  /** Nothing more is begun: what the handler has in hand is its last item. */
  halt(): void {
    this.passage.shut();
    if (this.#busy === 0) void settled(() => this.close());
  }

  /** Ends it, whatever it has in hand; what was not dealt with is handed back. */
  close(): Promise<unknown> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const failure = await settled(async () => this.#reading.close());
    const other = await settled(async () => this.#closeItems());
    const first = failure ?? other;
    if (first) throw first.error;
  }

  async #closeItems(): Promise<void> {
    if (this.registration.plan.pipe.length > 0) await this.#items.close();
  }

  #over(input: AnyIterable<unknown>, stages: readonly OpenStage[]): Stream<unknown> {
    const { policy, maxSize } = this.registration.plan;
    return new Stream<unknown>(new Origin([input], { policy, maxSize, signal: undefined }), stages);
  }

  #piped(): AnyIterable<unknown> {
    const { pipe } = this.registration.plan;
    try {
      return pipe.reduce<AnyIterable<unknown>>(
        (items, make) => checkedIterable('use the option pipe of handle', make(items as Stream<unknown>)),
        this.#items,
      );
    } catch (error) {
      return failing(error);
    }
  }

  #handled(items: AnyIterable<unknown>): Stream<unknown> {
    const { fn, plan } = this.registration;
    // A stream of the pipe's own making has a policy of its own, which is not that of the handler.
    const isOwn = items instanceof Stream && items.origin === this.#items.origin;
    const source = isOwn ? (items as Stream<unknown>) : this.#over(items, []);
    const watched = takesInfo(fn) ? this.#over(source, [this.#watching()]) : source;
    if (plan.concurrency === 1) return watched.filter(this.#step);
    // A wrapped function as it is has its calls gathered, and aborted when the reading is closed.
    const begin = this.#isElsewhere && !takesInfo(fn) ? (fn as Calling) : this.#begin;
    return watched.map(begin, { concurrency: plan.concurrency }).filter(this.#finish);
  }

  #gate(): OpenStage {
    const interrupt = (): void => {
      if (this.#breakable) this.#breakable.breakOff();
      else void settled(() => this.close());
    };
    return { kind: 'open', open: (source) => new Gate(source, this.passage, interrupt) };
  }

  #breaking(): OpenStage {
    return { kind: 'open', open: (source) => (this.#breakable = new Breakable(source)) };
  }

  #watching(): OpenStage {
    return { kind: 'open', open: (source) => (this.#watch = new Watch(source)) };
  }

  /** Handles one item, whole; gives what is to be awaited before the next one. */
  readonly #step = (value: unknown): unknown => {
    if (this.#scope.ending.failure) return this.#park();
    const info = this.#info();
    const turn = this.#scope.turns.due();
    return turn ? turn.then(() => this.#handle(value, info)) : this.#handle(value, info);
  };

  #handle(value: unknown, info: Info | undefined): unknown {
    if (this.#scope.ending.failure) return this.#park();
    return this.#inHand(this.#outputs.take(this.#made(value, info)));
  }

  /** Calls the handler, as a function that belongs to no object. */
  #made(value: unknown, info: Info | undefined): unknown {
    const call = this.#call;
    return info ? call(value, info) : call(value);
  }

  /** Where several items are handed in: calls the handler. */
  readonly #begin = (value: unknown): unknown => {
    if (this.#scope.ending.failure) return this.#park();
    const made = this.#made(value, this.#info());
    return isThenable(made) ? this.#inHand(Promise.resolve(made), this.#given) : made;
  };

  /** Passes on what it has given, in the order of the items. */
  readonly #finish = (made: unknown): unknown => {
    const turn = this.#scope.turns.due();
    return turn ? turn.then(() => this.#pass(made)) : this.#pass(made);
  };

  #pass(made: unknown): unknown {
    return this.#scope.ending.failure ? this.#park() : this.#inHand(this.#outputs.take(made));
  }

  #info(): Info | undefined {
    return this.#watch && infoOf(this.#watch.delivery, this.#isElsewhere, this.#scope);
  }

  /** Gives what `done` makes of `work`, with which something is in hand meanwhile. */
  #inHand(work: Promise<unknown> | undefined, done: (value: unknown) => unknown = this.#taken): unknown {
    if (!work) return undefined;
    this.#busy += 1;
    // oxlint-disable-next-line no-callback-in-promise
    return work.then(done, this.#broken);
  }

  readonly #given = (value: unknown): unknown => {
    this.#busy -= 1;
    return value;
  };

  /** Gives nothing, whatever a sink gives: the item ends here. */
  readonly #taken = (): void => {
    this.#busy -= 1;
  };

  /** A failure that follows from that of the run is not the handler's fault. */
  readonly #broken = (error: unknown): Promise<never> => {
    this.#busy -= 1;
    if (this.#scope.ending.failure) return this.#park();
    throw error;
  };

  /** The run has failed: nothing is made of an item that is still there. */
  #park(): Promise<never> {
    void settled(() => this.close());
    return new Promise(() => undefined);
  }
}

/** Fails when it is asked for an item, in place of a pipe that could not be made, so that everything else is closed. */
function failing(error: unknown): AsyncIterable<never> {
  const next = async (): Promise<never> => {
    throw error;
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
