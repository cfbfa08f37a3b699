/** An executor whose calls run on other machines. @module */

import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { reasonOf, throwIfAborted } from '../../base/signal.ts';
import type { Call } from '../../call/call.ts';
import { makeExecutor } from '../../call/executor.ts';
import type { Executor } from '../../call/executor.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { Tally } from '../../pool/figures/tally.ts';
import type { Histogram } from '../../pool/figures/histogram.ts';
import { complete } from './fleet-options.ts';
import type { FleetOptions, FleetStats } from './fleet-options.ts';
import type { FleetNodeInfo } from './nodes.ts';
import { Office } from './office.ts';
import { refusalOf } from './refusals.ts';

/**
 * Runs calls on nodes: see {@link fleet}.
 *
 * Invariant: every call that was submitted is settled once, here or by the office that has it.
 */
export class Fleet implements Executor, AsyncDisposable {
  readonly name: string;
  readonly concurrency: number = Infinity;
  readonly #office: Office;
  readonly #tally = new Tally();
  #closing: Promise<void> | undefined;

  constructor(given: FleetOptions = {}) {
    const options = complete(given);
    this.name = options.name;
    this.#office = new Office(options);
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** How many threads the nodes have that answered last: when {@link nodes} was called, or figures were collected. */
  get size(): number {
    return this.#office.nodes.reduce((sum, { threads }) => sum + threads, 0);
  }

  stats(): FleetStats {
    const { calls: known, nodes } = this.#office;
    const busy = known.filter(({ node }) => node !== undefined);
    const iterating = busy.filter(({ call }) => call.stream !== undefined).length;
    const counts = { ...this.#tally.counts, utilization: this.size === 0 ? 0 : Math.min(1, busy.length / this.size) };
    const parts = { threads: this.size, busy: busy.length, blocked: 0, iterating, ending: 0, perThread: [] };
    return { ...parts, queued: known.length - busy.length, nodes: nodes.length, ...counts };
  }

  /**
   * Called when figures are collected: asks the nodes, if a connection is open, for the next time.
   *
   * @internal
   */
  survey(): void {
    this.#office.survey();
  }

  /** @internal */
  get histograms(): { readonly waited: Histogram; readonly ran: Histogram } {
    return this.#tally.histograms;
  }

  /**
   * The nodes that answer within half a second, whatever code they serve; those that answered the time before have a
   * second.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached, `ERR_OFFLOOP_CLOSED` if the fleet is closed.
   */
  async nodes(): Promise<FleetNodeInfo[]> {
    if (this.#closing) throw closedError('ask for nodes');
    try {
      return await this.#office.ask();
    } catch (error) {
      // A server that was not found yet is not looked for any longer.
      throw this.#closing ? closedError('ask for nodes', { cause: error }) : error;
    }
  }

  /**
   * Resolves once a node is there, whatever code it serves.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached, `ERR_OFFLOOP_CLOSED` if the fleet is closed.
   * @throws `signal.reason` if `signal` is aborted first.
   */
  async ready({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    for (;;) {
      throwIfAborted(signal);
      if (this.#closing) throw closedError('wait for a node');
      // One question after the other.
      // oxlint-disable-next-line no-await-in-loop
      if ((await unlessAborted(this.nodes(), signal)).length > 0) return;
    }
  }

  /** @internal */
  submit(call: Call): void {
    if (call.settled) return;
    call.observe(this.#tally);
    if (this.#closing && call.depth === 0) return call.fail(closedError(`call ${call.name}`));
    try {
      const refusal = refusalOf(call);
      if (refusal) throw refusal;
      this.#office.take(call);
    } catch (error) {
      call.fail(error);
    }
  }

  /**
   * Refuses further calls with `ERR_OFFLOOP_CLOSED`, and resolves once all earlier ones are over and the connection is closed.
   * A second call resolves with the first.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#office.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  static {
    makeExecutor(this);
  }
}

/** What `promise` gives, unless `signal` is aborted first: a server may be looked for long. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = onAbort(signal, () => reject(reasonOf(signal)));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stop?.();
  }
}

function closedError(action: string, options?: ErrorOptions): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot ${action}: the fleet is closed`, options);
}

/**
 * A fleet: the nodes that `offloop serve` has started. Give it as `pool` to any wrapped function.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
 */
export function fleet(options: FleetOptions = {}): Fleet {
  return new Fleet(options);
}
