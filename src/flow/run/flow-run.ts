/** One run of a flow: all sources, until they have ended or something fails. @module */

import { OffloopError } from '../../base/errors.ts';
import { Latch } from '../../base/latch.ts';
import { Promise } from '../../base/intrinsics.ts';
import { reasonOf } from '../../base/signal.ts';
import { holdForClock } from '../../codec/live/clocked.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { isRelay } from '../relay.ts';
import type { RunPlan } from '../run-options.ts';
import { keepUntil } from './deadline.ts';
import { Ending } from './ending.ts';
import { callHooks } from './exit-hooks.ts';
import type { ExitHook } from './exit-hooks.ts';
import type { HandlerRun, Registration } from './handler-run.ts';
import { onInterrupt } from './interrupts.ts';
import { SourceRun } from './source-run.ts';
import { Turns } from './turns.ts';

/** A relay that is a source, and how many handlers that have not ended send to it. */
interface Input {
  readonly run: SourceRun;
  senders: number;
}

/**
 * Runs the sources side by side. It drains when it is told to, and fails with the first error.
 *
 * Invariant: when `run` settles, every source was closed and every handler has ended, but for what took longer than
 * `closeTimeout` to do so.
 */
export class FlowRun {
  readonly #plan: RunPlan;

  /** Those that are there when the run has ended are called. */
  readonly #hooks: ReadonlySet<ExitHook>;

  readonly #ending = new Ending();
  readonly #sources: readonly SourceRun[];

  /** The relays that are sources. */
  readonly #relays = new Map<unknown, Input>();

  /** Opened when nobody waits any more for what has not ended. */
  readonly #abandoned = new Latch();
  #deadline: { cancel(): void } | undefined;

  /** Whether only the exit hooks are left. */
  #isOver = false;

  constructor(registrations: readonly Registration[], hooks: ReadonlySet<ExitHook>, plan: RunPlan) {
    this.#plan = plan;
    this.#hooks = hooks;
    const scope = { ending: this.#ending, turns: new Turns(), context: plan.context };
    const bySource = new Map<Registration['source'], Registration[]>();
    for (const registration of registrations) {
      const { source } = registration;
      const others = bySource.get(source);
      if (others) others.push(registration);
      else bySource.set(source, [registration]);
    }
    this.#sources = [...bySource].map(([source, handlers]) => new SourceRun(source, handlers, scope));
    for (const run of this.#sources) if (isRelay(run.source)) this.#relays.set(run.source, { run, senders: 0 });
    for (const registration of registrations) for (const input of this.#inputsOf(registration)) input.senders += 1;
  }

  /** Gives the name of the signal of the operating system that has ended it, if one has. */
  async run(): Promise<NodeJS.Signals | undefined> {
    const { signal, signals } = this.#plan;
    let interruptedBy: NodeJS.Signals | undefined;
    const stopInterrupts = onInterrupt(signals, {
      first: (name) => {
        interruptedBy = name;
        this.drain();
      },
      second: () => this.#abandoned.open(),
    });
    const stopAbort = signal ? this.#listen(signal) : undefined;
    const ended = Promise.all(
      this.#sources.map(async (source) =>
        source.run(
          (handler) => this.#handlerEnded(handler),
          (error) => this.#fail(error),
        ),
      ),
    );
    await Promise.race([ended, this.#abandoned.opened]);
    this.#isOver = true;
    this.#deadline?.cancel();
    stopAbort?.();
    if (this.#abandoned.isOpen) for (const source of this.#sources) source.abandon();
    for (const source of this.#sources) source.close();
    const failure = await callHooks(this.#hooks, this.#plan.closeTimeout);
    stopInterrupts();
    const { failure: first = failure } = this.#ending;
    if (first) throw first.error;
    return interruptedBy;
  }

  /** The sources are asked for no more; what they have given goes through. */
  drain(): void {
    if (this.#isOver || this.#deadline) return;
    this.#startDeadline();
    for (const source of this.#sources) {
      // A relay ends with those that send to it.
      if (this.#relays.get(source.source)?.senders) source.runOut();
      else source.drain();
    }
  }

  #fail(error: unknown): void {
    if (!this.#ending.fail(error)) return;
    this.#startDeadline();
    for (const source of this.#sources) source.halt();
  }

  /** After a time, what is still busy is left behind. */
  #startDeadline(): void {
    const { closeTimeout } = this.#plan;
    this.#deadline ??= keepUntil(closeTimeout, () => {
      this.#ending.fail(this.#lateError());
      this.#abandoned.open();
    });
  }

  #listen(signal: AbortSignal): () => void {
    const abort = (): void => this.#fail(reasonOf(signal));
    if (signal.aborted) abort();
    const letGo = holdForClock(signal);
    const forget = onAbort(signal, abort);
    return () => {
      letGo();
      forget();
    };
  }

  /** The relays here that a handler sends to, results or what it has failed for. */
  #inputsOf({ plan }: Registration): readonly Input[] {
    return [...new Set<unknown>([...plan.sinks, plan.policy.deadLetter])].flatMap(
      (sink) => this.#relays.get(sink) ?? [],
    );
  }

  #handlerEnded({ registration }: HandlerRun): void {
    for (const input of this.#inputsOf(registration)) {
      input.senders -= 1;
      if (input.senders === 0) input.run.endInput();
    }
  }

  #lateError(): OffloopError {
    const { closeTimeout } = this.#plan;
    const open = this.#sources.flatMap(({ handlers }) => handlers.filter(({ hasEnded }) => !hasEnded));
    const busy = open.filter(({ isBusy }) => isBusy);
    const names = (busy.length > 0 ? busy : open).map(({ name }) => name).join(', ') || 'a source';
    return new OffloopError(
      'ERR_OFFLOOP_TIMEOUT',
      `Cannot end the run within ${closeTimeout} ms, its closeTimeout: these have not ended: ${names}`,
    );
  }
}
