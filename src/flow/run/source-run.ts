/** One source and its handlers, in one run. @module */

import { Promise } from '../../base/intrinsics.ts';
import { StreamChannel } from '../../streams/index.ts';
import type { AnyIterable, Subscription } from '../../streams/index.ts';
import { settled } from '../../streams/run/scope.ts';
import { isRelay } from '../relay.ts';
import { FanOut } from './fan-out.ts';
import { HandlerRun } from './handler-run.ts';
import type { Registration } from './handler-run.ts';
import type { Member } from './member.ts';
import type { Passage } from './passage.ts';
import { onPause } from './pauses.ts';
import type { RunScope } from './run-scope.ts';

/** A subscription of a channel, which can be told that no more items come. */
interface Input extends Subscription<unknown> {
  /** Refuses what is sent from now on. */
  end(): void;

  /** What is sent from now on is for others, or waits for them. */
  leave(): void;
}

/**
 * Opens a source once for its handlers. A single one takes the items itself; several get them from a channel each.
 *
 * Invariant: when `run` settles, the source is closed.
 */
export class SourceRun {
  readonly source: AnyIterable<unknown>;
  readonly handlers: readonly HandlerRun[];
  readonly #fanOut: FanOut | undefined;

  /** The items that wait for each of several handlers. */
  readonly #members = new Map<HandlerRun, Member>();

  /** The items of a channel: those that were sent before its end go through. */
  readonly #input: Input | undefined;
  readonly #dropping: Subscription<unknown> | undefined;
  readonly #stopListening: readonly (() => void)[];

  constructor(source: AnyIterable<unknown>, registrations: readonly Registration[], scope: RunScope) {
    this.source = source;
    // Subscribed to before anything is sent.
    if (isRelay(source) || source instanceof StreamChannel) this.#input = source.subscribe() as Input;
    // An item that is sent to a relay is dropped when its handlers want no more, and not kept for another run.
    this.#dropping = isRelay(source) ? source.subscribe({ maxSize: 1, overflow: 'drop-newest' }) : undefined;
    const input = this.#input ?? source;
    this.#fanOut = registrations.length > 1 ? new FanOut(input, scope) : undefined;
    this.handlers = registrations.map((registration) => {
      const member = this.#fanOut?.subscribe(registration.plan.maxSize);
      const handler = new HandlerRun(member ?? input, registration, scope);
      if (member) this.#members.set(handler, member);
      return handler;
    });
    this.#stopListening = this.#passages.map((passage) => onPause(source, (isPaused) => passage.pause(isPaused)));
  }

  /** A source that is held up gives nothing, and what it has given waits. */
  get #passages(): readonly Passage[] {
    const passages = this.handlers.map(({ passage }) => passage);
    return this.#fanOut ? [this.#fanOut.passage, ...passages] : passages;
  }

  /** Runs until its handlers have ended; tells of each that has, and of each error. */
  async run(onEnd: (handler: HandlerRun) => void, onError: (error: unknown) => void): Promise<void> {
    const watch = async (part: { run(): Promise<void> }): Promise<boolean> => {
      const failure = await settled(async () => part.run());
      if (failure) onError(failure.error);
      return failure === undefined;
    };
    const handling = this.handlers.map(async (handler) => {
      const isWell = await watch(handler);
      this.#leave(handler, isWell && !handler.passage.isShut);
      onEnd(handler);
    });
    const fanOut = this.#fanOut;
    await Promise.all([...handling, fanOut && watch(fanOut)]);
    if (fanOut) await watch({ run: async () => fanOut.noted() });
    for (const stop of this.#stopListening) stop();
  }

  /** The run is over: nobody sends to it any more. */
  close(): void {
    this.#dropping?.close();
  }

  #leave(handler: HandlerRun, isDone: boolean): void {
    const member = this.#members.get(handler);
    if (member) this.#fanOut?.leave(member, isDone);
  }

  /** No more items are sent to the relay that it is. */
  endInput(): void {
    this.#input?.end();
  }

  /** Takes no more items from the channel that it is; gives whether it is one. */
  #leaveInput(): boolean {
    if (!this.#input) return false;
    if (isRelay(this.source)) this.#input.end();
    else this.#input.leave();
    return true;
  }

  /** The source is asked for no more; what it has given goes through. */
  drain(): void {
    this.runOut();
    if (this.#leaveInput()) return;
    if (this.#fanOut) this.#fanOut.passage.shut();
    else for (const { passage } of this.handlers) passage.shut();
  }

  /** Items that come go through, but nobody waits for a source that is held up. */
  runOut(): void {
    for (const passage of this.#passages) passage.runOut();
  }

  /** The run has failed: each handler ends after what it has in hand. */
  halt(): void {
    for (const handler of this.handlers) handler.halt();
    this.#fanOut?.passage.shut();
  }

  /** Nobody waits for it any more. */
  abandon(): void {
    for (const handler of this.handlers) {
      void settled(async () => handler.close());
      this.#leave(handler, false);
    }
    if (this.#fanOut) void settled(async () => this.#fanOut?.close());
    for (const stop of this.#stopListening) stop();
  }
}
